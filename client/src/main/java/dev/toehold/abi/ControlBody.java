package dev.toehold.abi;

import java.util.List;

/**
 * The body of each message of {@link ControlMessage}, decoded: plain values, no reference to the message's memory.
 * {@link ControlEncoder} writes them, {@link ControlDecoder} makes them.
 */
public sealed interface ControlBody {
    /** The message's type in {@link ControlMessage}. */
    int type();

    /** How many descriptors travel with the message: exactly so many, else it is INVALID. */
    default int descriptorCount() {
        return 0;
    }

    /**
     * Client's first message.
     *
     * @param receiveCreditBytes default credit of a connection, 0 = explicit mode; 0 .. 2^31 - 1
     * @param token {@link Token#NONE} for a new session
     */
    record Hello(
            int abiMajor, int abiMinor, int receiveCreditBytes, long requiredCapabilities, Token token, String name)
            implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.HELLO;
        }
    }

    /** A session's secret: who shows it after a restart of the engine takes the session up again. */
    record Token(long high, long low) {
        public static final Token NONE = new Token(0, 0);
    }

    /** An IPv6 address as two big-endian halves; IPv4 as ::ffff:a.b.c.d. */
    record Address(long high, long low) {
        public static final Address ANY = new Address(0, 0);
    }

    /**
     * A port of the engine.
     *
     * @param device as configured
     * @param driver DPDK's name of it
     * @param capabilities bits of {@link Capability}
     * @param mtu bytes of an IP packet
     */
    record Port(String device, String driver, long capabilities, int mtu, int rxQueues, int txQueues) {}

    /** Engine's answer to HELLO; the client's end of the wake-up socket travels with it. */
    record Welcome(
            int abiMajor,
            int abiMinor,
            int sessionId,
            int lcoreCount,
            long epoch,
            Token token,
            long capabilities,
            long maxRegionBytes,
            int maxConnections,
            int mtu,
            int maxRegions,
            int maxGroups,
            List<Address> addresses,
            String engineName,
            String copyEngine,
            List<String> congestionControllers,
            List<Port> ports)
            implements ControlBody {
        public Welcome {
            addresses = List.copyOf(addresses);
            congestionControllers = List.copyOf(congestionControllers);
            ports = List.copyOf(ports);
        }

        @Override
        public int type() {
            return ControlMessage.WELCOME;
        }

        @Override
        public int descriptorCount() {
            return 1;
        }
    }

    /** Outcome of a request, or with correlation 0 the reason why the engine ends the session. */
    record Reply(int result, String text) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.REPLY;
        }
    }

    /** The region's memfd travels with it. */
    record Register(int region, long length) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.REGISTER;
        }

        @Override
        public int descriptorCount() {
            return 1;
        }
    }

    record Unregister(int region) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.UNREGISTER;
        }
    }

    record Group(int group, int region, long base, int bufferSize, int count) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.GROUP;
        }
    }

    record QueuePair(int lcore) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.QUEUE_PAIR;
        }
    }

    /** The queue pair's memfd and the eventfd that rings the lcore travel with it, in this order. */
    record QueuePairReady(int lcore, long length) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.QUEUE_PAIR_READY;
        }

        @Override
        public int descriptorCount() {
            return 2;
        }
    }

    record TcpInfo(long handle) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.TCPINFO;
        }
    }

    record Resume(long handle, long deliveredPosition, long consumedPosition, long submittedPosition)
            implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.RESUME;
        }
    }

    record Resumed(long handle, long rcvPosition, long sndUna) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.RESUMED;
        }
    }

    record Admin(String request) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.ADMIN;
        }
    }

    /** A part of an answer; parts are cut between characters, so each decodes by itself. */
    record AdminReply(String text) implements ControlBody {
        @Override
        public int type() {
            return ControlMessage.ADMIN_REPLY;
        }
    }
}
