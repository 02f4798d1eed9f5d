package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A netlink socket: one request at a time, answered before the next. It belongs to the network namespace of the
 * thread that opens it and can then be used on any thread.
 */
final class NetlinkSocket implements AutoCloseable {
    /** The kernel's largest dump message is 32 KiB. */
    private static final int RECEIVE_BYTES = 65536;

    private static final int RECEIVE_TIMEOUT_S = 10;
    private static final int MAX_OBJECTS = 1 << 20;
    private static final int MAX_INTERRUPTED_DUMPS = 10;

    private final Fd fd;
    private int sequence;

    private NetlinkSocket(Fd fd) {
        this.fd = fd;
    }

    static NetlinkSocket open() {
        return open(NetlinkH.NETLINK_ROUTE);
    }

    /** @param protocol such as NETLINK_ROUTE */
    static NetlinkSocket open(int protocol) {
        int result = SocketCalls.socket(SocketH.AF_NETLINK, SocketH.SOCK_RAW | SocketH.SOCK_CLOEXEC, protocol);
        if (result < 0) {
            throw LinuxException.of("socket(AF_NETLINK, protocol=" + protocol + ")", result);
        }
        Fd fd = Fd.opened(result);
        try (Arena arena = Arena.ofConfined()) {
            SocketOptions.setInt(fd, NetlinkH.SOL_NETLINK, NetlinkH.NETLINK_EXT_ACK, 1);
            SocketOptions.setInt(fd, NetlinkH.SOL_NETLINK, NetlinkH.NETLINK_CAP_ACK, 1);
            MemorySegment timeval = arena.allocate(TimevalDescriptor.LAYOUT);
            timeval.set(JAVA_LONG, TimevalDescriptor.SEC_OFFSET, RECEIVE_TIMEOUT_S);
            SocketOptions.set(fd, SocketH.SOL_SOCKET, SocketH.SO_RCVTIMEO, timeval);
            return new NetlinkSocket(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Sends a request with NLM_F_ACK and waits for the acknowledgement.
     *
     * @throws LinuxException the request's error, with the kernel's own words where it gives some
     */
    synchronized void execute(Arena arena, NetlinkRequest request) {
        query(arena, request, message -> message);
    }

    /**
     * Sends a request and collects what answers it, up to the acknowledgement or the end of the dump. A dump that the
     * kernel calls inconsistent, because something changed meanwhile, is asked for again.
     *
     * @param parser makes an object of the payload of an answer (what follows nlmsghdr), or null to skip it
     */
    synchronized <T> List<T> query(Arena arena, NetlinkRequest request, Function<MemorySegment, T> parser) {
        MemorySegment buffer = arena.allocate(RECEIVE_BYTES, Long.BYTES);
        for (int i = 0; i < MAX_INTERRUPTED_DUMPS; i++) {
            Answer<T> answer = new Answer<>(request.description(), ++sequence, parser);
            send(request);
            while (!answer.isComplete) {
                answer.read(buffer.asSlice(0, receive(arena, request, buffer)));
            }
            if (!answer.isInterrupted) {
                return answer.objects;
            }
        }
        throw new IllegalStateException(
                request.description() + ": changed during each of " + MAX_INTERRUPTED_DUMPS + " dumps");
    }

    /**
     * Sends requests, each with NLM_F_ACK, that take effect together or not at all, and waits for their acknowledgements.
     *
     * @throws LinuxException the first error
     */
    synchronized void executeBatch(
            Arena arena, NetlinkRequest begin, List<NetlinkRequest> requests, NetlinkRequest end) {
        MemorySegment buffer = arena.allocate(RECEIVE_BYTES, Long.BYTES);
        MemorySegment batch = arena.allocate(RECEIVE_BYTES, Long.BYTES);
        // The batch as a whole is refused in the name of its beginning, which is not acknowledged otherwise.
        Answer<MemorySegment> whole = new Answer<>(requests.getFirst().description(), ++sequence, message -> null);
        long length = append(batch, 0, begin);
        List<Answer<MemorySegment>> answers = new ArrayList<>();
        for (NetlinkRequest request : requests) {
            answers.add(new Answer<>(request.description(), ++sequence, message -> null));
            length = append(batch, length, request);
        }
        sequence++;
        length = append(batch, length, end);
        send(requests.getFirst().description(), batch.asSlice(0, length));
        while (!answers.stream().allMatch(answer -> answer.isComplete)) {
            MemorySegment datagram = buffer.asSlice(0, receive(arena, requests.getFirst(), buffer));
            whole.read(datagram);
            answers.forEach(answer -> answer.read(datagram));
        }
    }

    private long append(MemorySegment batch, long length, NetlinkRequest request) {
        MemorySegment message = request.finish(sequence);
        MemorySegment.copy(message, 0, batch, length, message.byteSize());
        return NetlinkRequest.align(length + message.byteSize());
    }

    @Override
    public void close() {
        fd.close();
    }

    private void send(NetlinkRequest request) {
        send(request.description(), request.finish(sequence));
    }

    private void send(String description, MemorySegment message) {
        int number = fd.acquire();
        try {
            // Without an address it goes to the kernel.
            long result = SocketCalls.send(number, message, message.byteSize(), 0);
            if (result < 0) {
                throw LinuxException.of(description, result);
            }
        } finally {
            fd.release();
        }
    }

    private long receive(Arena arena, NetlinkRequest request, MemorySegment buffer) {
        MemorySegment address = arena.allocate(SockaddrNlDescriptor.LAYOUT);
        MemorySegment addressLength = arena.allocateFrom(JAVA_INT, (int) SockaddrNlDescriptor.SIZE);
        int number = fd.acquire();
        try {
            while (true) {
                long result = SocketCalls.recvfrom(
                        number, buffer, buffer.byteSize(), SocketH.MSG_TRUNC, address, addressLength);
                if (result < 0 && !Errno.EINTR.is(result)) {
                    throw LinuxException.of(request.description() + ", reading the answer", result);
                }
                if (result > buffer.byteSize()) {
                    throw new IllegalStateException(
                            request.description() + ": an answer of length=" + result + " exceeds the buffer");
                }
                if (result > 0 && address.get(JAVA_INT, SockaddrNlDescriptor.PID_OFFSET) == 0) {
                    return result; // pid 0: from the kernel and from nobody else
                }
            }
        } finally {
            fd.release();
        }
    }

    /** What came so far in answer to one request. */
    private static final class Answer<T> {
        private final List<T> objects = new ArrayList<>();
        private final String description;
        private final int sequence;
        private final Function<MemorySegment, T> parser;
        private boolean isComplete;
        private boolean isInterrupted;

        Answer(String description, int sequence, Function<MemorySegment, T> parser) {
            this.description = description;
            this.sequence = sequence;
            this.parser = parser;
        }

        /** Reads one datagram: one or more messages. */
        void read(MemorySegment datagram) {
            long offset = 0;
            while (offset + NlmsghdrDescriptor.SIZE <= datagram.byteSize() && !isComplete) {
                long length = Integer.toUnsignedLong(datagram.get(JAVA_INT, offset + NlmsghdrDescriptor.LEN_OFFSET));
                if (length < NlmsghdrDescriptor.SIZE || length > datagram.byteSize() - offset) {
                    throw new IllegalStateException(description + ": malformed answer, nlmsg_len=" + length);
                }
                MemorySegment message = datagram.asSlice(offset, length);
                if (message.get(JAVA_INT, NlmsghdrDescriptor.SEQ_OFFSET) == sequence) {
                    readMessage(message);
                }
                offset = NetlinkRequest.align(offset + length);
            }
        }

        private void readMessage(MemorySegment message) {
            int type = Short.toUnsignedInt(message.get(JAVA_SHORT, NlmsghdrDescriptor.TYPE_OFFSET));
            int flags = Short.toUnsignedInt(message.get(JAVA_SHORT, NlmsghdrDescriptor.FLAGS_OFFSET));
            MemorySegment payload = message.asSlice(NlmsghdrDescriptor.SIZE);
            isInterrupted |= (flags & NetlinkH.NLM_F_DUMP_INTR) != 0;
            switch (type) {
                case NetlinkH.NLMSG_NOOP -> {}
                case NetlinkH.NLMSG_ERROR -> end(payload, flags, NlmsgerrDescriptor.SIZE);
                case NetlinkH.NLMSG_DONE -> end(payload, flags, Integer.BYTES);
                case NetlinkH.NLMSG_OVERRUN ->
                    throw new IllegalStateException(description + ": the kernel lost part of the answer");
                default -> add(payload);
            }
        }

        private void add(MemorySegment payload) {
            if (objects.size() >= MAX_OBJECTS) {
                throw new IllegalStateException(description + ": more than " + MAX_OBJECTS + " objects");
            }
            T object = parser.apply(payload);
            if (object != null) {
                objects.add(object);
            }
        }

        /** Acknowledgement, error or end of dump: all begin with {@code -errno} or 0. */
        private void end(MemorySegment payload, int flags, long fixedLength) {
            isComplete = true;
            int error = payload.byteSize() < Integer.BYTES ? 0 : payload.get(JAVA_INT, 0);
            if (error == 0) {
                return;
            }
            String text = extendedAck(payload, flags, fixedLength);
            if (!text.isEmpty()) {
                text = "the kernel says: " + text;
            } else if (Errno.EPERM.is(error)) {
                text = "CAP_NET_ADMIN is needed";
            }
            throw LinuxException.of(description, error, text);
        }

        private static String extendedAck(MemorySegment payload, int flags, long fixedLength) {
            if ((flags & NetlinkH.NLM_F_ACK_TLVS) == 0 || payload.byteSize() < fixedLength) {
                return "";
            }
            // NETLINK_CAP_ACK: of the request only the header comes back, so the attributes follow at once.
            return new NetlinkAttributes(payload.asSlice(fixedLength))
                    .string(NetlinkH.NLMSGERR_ATTR_MSG)
                    .strip();
        }
    }
}
