package dev.toehold.cli.e2e.wire;

import dev.toehold.cli.e2e.TestNetwork;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.FrameBatch;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.PacketSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The peer's end of the wire, frame by frame: hosts 100 to 199 of both networks live behind it, of which no kernel knows, so that
 * nobody else answers for them. It answers ARP and neighbor solicitations for them and hands each segment to its {@link Flow}.
 */
final class RawWire implements AutoCloseable {
    static final byte[] IPV4 = address("10.77.0.100");
    static final byte[] IPV6 = address("fd77::64");

    private static final int BATCH = 64;
    private static final int ROOM = 2048;
    private static final int RECEIVE_BUFFER = 64 << 20;
    private static final int FIRST_HOST = 100;
    private static final int HOSTS = 100;
    private static final byte[] MAC = {2, 0x77, 0, 0, 0, 1};
    private static final int ETHERNET = 14;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_ARP = 0x0806;

    private final Map<Flow.Key, Flow> flows = new ConcurrentHashMap<>();
    private final PacketSocket socket;
    private final byte[] engineMac;
    private final FrameBatch out = new FrameBatch(1);
    private final MemorySegment outMemory = Arena.ofAuto().allocate(ROOM);
    private final Thread reader;

    private volatile boolean isClosed;
    private volatile Throwable failure;

    private RawWire(PacketSocket socket, byte[] engineMac) {
        this.socket = socket;
        this.engineMac = engineMac;
        reader = Thread.ofPlatform().daemon().name("raw-wire").unstarted(this::read);
    }

    static RawWire open(TestNetwork network) throws Exception {
        long mac = network.engineSide().run(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.link(TestNetwork.ENGINE_DEVICE)
                        .orElseThrow()
                        .mac()
                        .value();
            }
        });
        byte[] engineMac =
                Arrays.copyOfRange(ByteBuffer.allocate(8).putLong(mac).array(), 2, 8);
        RawWire wire = network.peerSide().run(() -> {
            try (Netlink netlink = Netlink.open()) {
                int index = netlink.link(TestNetwork.PEER_DEVICE).orElseThrow().index();
                return new RawWire(PacketSocket.open(index, RECEIVE_BUFFER), engineMac);
            }
        });
        wire.reader.start();
        return wire;
    }

    static byte[] address(String text) {
        return InetAddress.ofLiteral(text).getAddress();
    }

    void add(Flow flow) {
        flows.put(flow.key(), flow);
    }

    void remove(Flow flow) {
        flows.remove(flow.key());
    }

    /** Sends an IP packet to the engine. */
    void send(byte[] packet, boolean isIpv6) {
        sendFrame(engineMac, isIpv6 ? TYPE_IPV6 : TYPE_IPV4, packet);
    }

    void sendFrame(byte[] destination, int type, byte[] packet) {
        if (failure != null) {
            throw new AssertionError("the wire's reader failed: " + failure, failure);
        }
        byte[] frame = ByteBuffer.allocate(ETHERNET + packet.length)
                .put(destination)
                .put(MAC)
                .putShort((short) type)
                .put(packet)
                .array();
        synchronized (socket) {
            MemorySegment.copy(frame, 0, outMemory, ValueLayout.JAVA_BYTE, 0, frame.length);
            out.set(0, outMemory, 0, frame.length);
            while (socket.send(out, 0, 1) == 0) {
                Thread.onSpinWait();
            }
        }
    }

    private void read() {
        try (Epoll epoll = Epoll.create(1)) {
            epoll.add(socket.fd(), Epoll.IN, 0);
            FrameBatch in = new FrameBatch(BATCH);
            MemorySegment memory = Arena.ofAuto().allocate((long) BATCH * ROOM);
            for (int i = 0; i < BATCH; i++) {
                in.set(i, memory, (long) i * ROOM, ROOM);
            }
            while (!isClosed) {
                epoll.await(10_000_000);
                int count;
                synchronized (socket) {
                    count = isClosed ? 0 : socket.receive(in, BATCH);
                }
                long nowNs = System.nanoTime();
                for (int i = 0; i < count; i++) {
                    byte[] frame = new byte[in.length(i)];
                    MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, (long) i * ROOM, frame, 0, frame.length);
                    onFrame(frame, nowNs);
                }
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    private void onFrame(byte[] frame, long nowNs) {
        if (!Arrays.equals(frame, 6, 12, engineMac, 0, 6)) {
            return;
        }
        byte[] packet = Arrays.copyOfRange(frame, ETHERNET, frame.length);
        switch (ByteBuffer.wrap(frame).getShort(12) & 0xffff) {
            case TYPE_ARP -> answerArp(packet);
            case TYPE_IPV4, TYPE_IPV6 -> {
                Segment segment = SegmentReader.read(packet, nowNs);
                if (segment != null) {
                    Flow flow = flows.get(Flow.Key.of(segment));
                    if (flow != null) {
                        flow.onReceived(segment);
                    }
                } else {
                    answerSolicitation(packet);
                }
            }
            default -> {
                // Nothing that TCP needs.
            }
        }
    }

    private static boolean isOurs(byte[] address) {
        int host = address[address.length - 1] & 0xff;
        return host >= FIRST_HOST
                && host < FIRST_HOST + HOSTS
                && Arrays.equals(
                        address,
                        0,
                        address.length - 1,
                        address.length == IPV4.length ? IPV4 : IPV6,
                        0,
                        address.length - 1);
    }

    /** RFC 826. */
    private void answerArp(byte[] request) {
        byte[] target = Arrays.copyOfRange(request, 24, 28);
        if (request[7] == 1 && isOurs(target)) {
            byte[] reply = ByteBuffer.allocate(28)
                    .put(new byte[] {0, 1, 8, 0, 6, 4, 0, 2})
                    .put(MAC)
                    .put(target)
                    .put(request, 8, 10)
                    .array();
            sendFrame(engineMac, TYPE_ARP, reply);
        }
    }

    /** RFC 4861 section 4.4: solicited, override, with our link-layer address. */
    private void answerSolicitation(byte[] packet) {
        if (packet[0] >>> 4 != 6 || packet.length < 64 || packet[6] != 58 || (packet[40] & 0xff) != 135) {
            return;
        }
        byte[] source = Arrays.copyOfRange(packet, 8, 24);
        byte[] target = Arrays.copyOfRange(packet, 48, 64);
        if (!isOurs(target)) {
            return;
        }
        ByteBuffer reply = ByteBuffer.allocate(72)
                .putInt(0x60000000)
                .putShort((short) 32)
                .put((byte) 58)
                .put((byte) 255)
                .put(target)
                .put(source);
        reply.putInt(136 << 24)
                .putInt(0x60000000)
                .put(target)
                .put(new byte[] {2, 1})
                .put(MAC);
        reply.putShort(42, (short) Checksum.ofTransport(target, source, 58, reply.array(), 40, 72));
        sendFrame(engineMac, TYPE_IPV6, reply.array());
    }

    @Override
    public void close() {
        isClosed = true;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        socket.close();
        if (failure != null) {
            throw new AssertionError("the wire's reader failed: " + failure, failure);
        }
    }
}
