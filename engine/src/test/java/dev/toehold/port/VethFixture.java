package dev.toehold.port;

import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Link;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import dev.toehold.net.MacAddress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Two network namespaces joined by a veth: {@code te0} for the port under test, {@code tk0} with 10.99.0.1/24 for
 * the kernel; EAL, a pool and the calling thread as an lcore.
 */
final class VethFixture implements AutoCloseable {
    static final String ENGINE_INTERFACE = "te0";
    static final String KERNEL_INTERFACE = "tk0";
    static final String KERNEL_ADDRESS = "10.99.0.1";
    static final String ENGINE_ADDRESS = "10.99.0.2";
    static final int UDP_PORT = 9000;
    static final int UDP_HEADERS = 14 + 20 + 8;

    private static final ValueLayout.OfShort BE16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt BE32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    final NetworkNamespace engineSide;
    final NetworkNamespace kernelSide;
    final PktMbufPool pool;
    final Lcore lcore;
    final MbufCache cache;
    final MbufArray mbufs = new MbufArray(64);

    private final Eal eal;

    VethFixture(final String device, final int mtu) throws Exception {
        final String suffix = ProcessHandle.current().pid() + "-" + Integer.toHexString(new Random().nextInt());
        engineSide = NetworkNamespace.create("toehold-port-e-" + suffix);
        kernelSide = NetworkNamespace.create("toehold-port-k-" + suffix);
        Runtime.getRuntime().addShutdownHook(new Thread(this::deleteNamespaces));
        engineSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth(ENGINE_INTERFACE, KERNEL_INTERFACE, kernelSide);
                configure(netlink, ENGINE_INTERFACE, mtu);
            }
            return null;
        });
        kernelSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                final int index = configure(netlink, KERNEL_INTERFACE, mtu);
                netlink.addAddress(index, IpPrefix.parse(KERNEL_ADDRESS + "/24"), false);
            }
            return null;
        });
        final DpdkMemory memory = DpdkMemory.of(List.of(PortDevice.parse(device)), mtu, 1, 1024);
        eal = Eal.init(EalConfig.ofMegabytes(memory.megabytes()).withHugepages(EalConfig.Hugepages.NEVER));
        pool = memory.createPool("pool");
        lcore = Lcore.register();
        cache = new MbufCache(pool, lcore);
    }

    private static int configure(final Netlink netlink, final String name, final int mtu) {
        final Link link = netlink.link(name).orElseThrow();
        netlink.setMtu(link.index(), mtu);
        netlink.setUp(link.index(), true);
        return link.index();
    }

    /** Opens a port with the interface's namespace as the calling thread's. */
    DpdkPort open(final String device, final int index, final int mtu) throws Exception {
        return open(device, index, mtu, 1);
    }

    /** Likewise, for an engine of several lcores. */
    DpdkPort open(final String device, final int index, final int mtu, final int lcores) throws Exception {
        return engineSide.run(
                () -> DpdkPorts.open(PortDevice.parse(device), index, mtu, lcores, VethFixture::rssKey, pool));
    }

    static byte[] rssKey(final int length) {
        final byte[] key = new byte[length];
        new Random(length).nextBytes(key);
        return key;
    }

    /** A UDP socket of the kernel end; broadcast makes an engine without ARP see what it sends. */
    DatagramChannel udp() throws Exception {
        return kernelSide.run(() -> {
            final DatagramChannel channel = DatagramChannel.open();
            channel.setOption(StandardSocketOptions.SO_BROADCAST, true);
            channel.setOption(StandardSocketOptions.SO_SNDBUF, 4 << 20);
            channel.bind(new InetSocketAddress(KERNEL_ADDRESS, UDP_PORT));
            return channel;
        });
    }

    static void sendBroadcast(final DatagramChannel channel, final int length, final int sequence) throws IOException {
        final ByteBuffer data = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            data.put(i, (byte) (sequence + i));
        }
        data.putInt(0, sequence);
        channel.send(data, new InetSocketAddress("10.99.0.255", 7777));
    }

    /** The next datagram; fails after ten seconds without one. */
    static ByteBuffer receive(final DatagramChannel channel) throws IOException {
        channel.socket().setSoTimeout(10_000);
        final byte[] bytes = new byte[65536];
        final DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        channel.socket().receive(packet);
        return ByteBuffer.wrap(bytes, 0, packet.getLength());
    }

    MacAddressPair macs(final DpdkPort port) throws Exception {
        final long kernel = kernelSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                return MacAddress.of(
                        netlink.link(KERNEL_INTERFACE).orElseThrow().mac().toBytes(), 0);
            }
        });
        return new MacAddressPair(port.adapter().macAddress(), kernel);
    }

    record MacAddressPair(long engine, long kernel) {}

    /**
     * Writes a UDP datagram to the kernel end, without a UDP checksum, whose payload is counting bytes from {@code
     * sequence}.
     */
    long buildUdp(final MacAddressPair macs, final int length, final int sequence) {
        final long mbuf = cache.allocate();
        if (mbuf == 0 || !Mbuf.setLength(mbuf, UDP_HEADERS + length)) {
            throw new AssertionError("no mbuf or no room for length=" + length);
        }
        final MemorySegment frame = Mbuf.data(mbuf);
        frame.set(BE32, 0, (int) (macs.kernel() >>> 16));
        frame.set(BE16, 4, (short) macs.kernel());
        frame.set(BE32, 6, (int) (macs.engine() >>> 16));
        frame.set(BE16, 10, (short) macs.engine());
        frame.set(BE16, 12, (short) 0x0800);
        frame.set(BE32, 14, 0x4500_0000 | (20 + 8 + length));
        frame.set(BE32, 18, 0);
        frame.set(BE32, 22, 0x4011_0000);
        frame.set(BE32, 26, 0x0a63_0002);
        frame.set(BE32, 30, 0x0a63_0001);
        int sum = 0;
        for (int i = 14; i < 34; i += 2) {
            sum += Short.toUnsignedInt(frame.get(BE16, i));
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        frame.set(BE16, 24, (short) ~(sum + (sum >>> 16)));
        frame.set(BE32, 34, (7777 << 16) | UDP_PORT);
        frame.set(BE32, 38, (8 + length) << 16);
        for (int i = 0; i < length; i++) {
            frame.set(ValueLayout.JAVA_BYTE, UDP_HEADERS + i, (byte) (sequence + i));
        }
        frame.set(BE32, UDP_HEADERS, sequence);
        return mbuf;
    }

    /** A received frame, copied out. */
    @SuppressWarnings("ArrayRecordComponent") // a test's own value, never compared
    record Frame(byte[] bytes) {
        long source() {
            return MacAddress.of(bytes, 6);
        }

        int u16(final int offset) {
            return ((bytes[offset] & 0xff) << 8) | (bytes[offset + 1] & 0xff);
        }

        boolean isUdp() {
            return u16(12) == 0x0800 && bytes[23] == 17;
        }

        int sequence() {
            return (u16(UDP_HEADERS) << 16) | u16(UDP_HEADERS + 2);
        }
    }

    /** Polls until {@code wanted} UDP frames have come, or none came for a good while. */
    List<Frame> receiveUdp(final PacketPort port, final int wanted) throws InterruptedException {
        final List<Frame> frames = new ArrayList<>();
        long quietSince = System.nanoTime();
        while (frames.size() < wanted && System.nanoTime() - quietSince < 3_000_000_000L) {
            final int before = frames.size();
            frames.addAll(receiveAll(port).stream().filter(Frame::isUdp).toList());
            if (frames.size() > before) {
                quietSince = System.nanoTime();
            } else {
                Thread.sleep(1);
            }
        }
        return frames;
    }

    /** Everything that waits now. */
    List<Frame> receiveAll(final PacketPort port) {
        final List<Frame> frames = new ArrayList<>();
        for (int n = port.rxBurst(0, mbufs, 0, 64); n > 0; n = port.rxBurst(0, mbufs, 0, 64)) {
            for (int i = 0; i < n; i++) {
                frames.add(new Frame(Mbuf.data(mbufs.get(i)).toArray(ValueLayout.JAVA_BYTE)));
            }
            cache.free(mbufs, 0, n);
        }
        return frames;
    }

    private void deleteNamespaces() {
        engineSide.delete();
        kernelSide.delete();
    }

    @Override
    public void close() {
        lcore.close();
        if (pool.availableCount() == pool.count()) {
            pool.close();
        }
        eal.close();
        deleteNamespaces();
    }
}
