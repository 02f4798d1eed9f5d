package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.dpdk.DpdkUnavailableException;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.net.MacAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** net_af_packet on a veth, whose other end is a kernel in a namespace of its own. */
class AfPacketPortIT {
    private static final int MTU = 1500;
    private static final int ENETDOWN = 100;

    private static VethFixture fixture;

    private DpdkPort port;
    private DatagramChannel udp;

    @BeforeAll
    static void start() throws Exception {
        fixture = new VethFixture(VethFixture.ENGINE_INTERFACE, MTU);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @BeforeEach
    void open() throws Exception {
        port = fixture.open(VethFixture.ENGINE_INTERFACE, 0, MTU);
        udp = fixture.udp();
    }

    @AfterEach
    void close() throws IOException {
        udp.close();
        port.close();
        assertEquals(fixture.pool.count(), fixture.pool.availableCount(), "every mbuf must be back");
    }

    @Test
    void shouldDescribeTheAdapter() {
        final Adapter adapter = port.adapter();
        assertEquals("net_af_packet", adapter.driver());
        assertEquals(MTU, adapter.mtu());
        assertEquals(1514, adapter.maxFrameLength());
        assertEquals(1, adapter.rxQueues());
        assertFalse(MacAddress.isMulticast(adapter.macAddress()));
        assertNotEquals(0, adapter.macAddress());
        assertTrue(adapter.multiSegmentTransmit());
        assertTrue(adapter.partialChecksums());
        assertTrue(adapter.criticalReceive());
        assertFalse(adapter.criticalTransmit(), "transmit can block");
        assertFalse(adapter.checksumTransmit());
        assertTrue(adapter.txOffloads().contains("MULTI_SEGS"));
        assertTrue(port.link().up());
    }

    @Test
    void shouldReceiveWhatTheKernelSends() throws Exception {
        for (int i = 0; i < 500; i++) {
            VethFixture.sendBroadcast(udp, 4 + i, i);
        }
        final List<VethFixture.Frame> frames = fixture.receiveUdp(port, 500);
        assertEquals(500, frames.size());
        for (int i = 0; i < 500; i++) {
            final byte[] bytes = frames.get(i).bytes();
            assertEquals(i, frames.get(i).sequence());
            assertEquals(VethFixture.UDP_HEADERS + 4 + i, bytes.length);
            if (i > 0) {
                assertEquals((byte) (i + 3 + i), bytes[bytes.length - 1]);
            }
        }
        assertTrue(port.counters().rxPackets() >= 500);
        assertEquals(0, port.counters().rxMissed());
    }

    @Test
    void shouldSendWhatTheKernelReceives() throws Exception {
        final VethFixture.MacAddressPair macs = fixture.macs(port);
        udp.setOption(StandardSocketOptions.SO_RCVBUF, 4 << 20);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 32; i++) {
                fixture.mbufs.set(i, fixture.buildUdp(macs, 1400, 32 * round + i));
            }
            int sent = 0;
            while (sent < 32) {
                sent += port.txBurst(0, fixture.mbufs, sent, 32 - sent);
            }
            for (int i = 0; i < 32; i++) {
                final ByteBuffer data = VethFixture.receive(udp);
                assertEquals(1400, data.remaining());
                assertEquals(32 * round + i, data.getInt(0));
                assertEquals((byte) (32 * round + i + 1399), data.get(1399));
            }
        }
        assertEquals(640, port.counters().txPackets());
        assertEquals(640L * (VethFixture.UDP_HEADERS + 1400), port.counters().txBytes());
    }

    @Test
    void shouldNotReceiveWhatLeavesThisSide() throws Exception {
        final VethFixture.MacAddressPair macs = fixture.macs(port);
        for (int i = 0; i < 32; i++) {
            fixture.mbufs.set(i, fixture.buildUdp(macs, 100, i));
        }
        assertEquals(32, port.txBurst(0, fixture.mbufs, 0, 32));
        // The kernel of the port's own side sends too.
        fixture.engineSide.run(() -> {
            try (Netlink netlink = Netlink.open();
                    DatagramChannel own = DatagramChannel.open()) {
                final int index =
                        netlink.link(VethFixture.ENGINE_INTERFACE).orElseThrow().index();
                final IpPrefix address = IpPrefix.parse("10.98.0.1/24");
                netlink.addAddress(index, address, false);
                own.setOption(StandardSocketOptions.SO_BROADCAST, true);
                own.send(ByteBuffer.wrap(new byte[64]), new InetSocketAddress("10.98.0.255", 1234));
                netlink.deleteAddress(index, address);
            }
            return null;
        });
        VethFixture.sendBroadcast(udp, 64, 4711);
        // The kernel's frame came last: with it, all that could come has come.
        final List<VethFixture.Frame> frames = fixture.receiveUdp(port, 1);
        assertEquals(1, frames.size());
        assertEquals(4711, frames.get(0).sequence());
        assertEquals(macs.kernel(), frames.get(0).source());
        assertEquals(
                List.of(),
                fixture.receiveAll(port).stream()
                        .filter(frame -> frame.source() == macs.engine())
                        .toList());
    }

    @Test
    void shouldWakeASleeper() throws Exception {
        try (Epoll epoll = Epoll.create(4)) {
            epoll.add(port.wakeFd(0), Epoll.IN, 42);
            for (int round = 0; round < 20; round++) {
                fixture.receiveAll(port);
                final CompletableFuture<Integer> sleeper = new CompletableFuture<>();
                final Thread thread = Thread.ofPlatform().start(() -> sleeper.complete(epoll.await(10_000_000_000L)));
                VethFixture.sendBroadcast(udp, 64, round);
                assertEquals(1, sleeper.get(20, TimeUnit.SECONDS));
                thread.join();
                assertEquals(42, epoll.data(0));
                assertEquals(Epoll.IN, epoll.events(0));
                assertEquals(1, epoll.await(0), "level-triggered until it is received");
                assertEquals(round, fixture.receiveUdp(port, 1).get(0).sequence());
            }
            fixture.receiveAll(port);
            assertEquals(0, epoll.await(0), "quiet once all is received");
            epoll.remove(port.wakeFd(0));
        }
    }

    @Test
    void shouldReportAnInterfaceThatGoesDownAndComeBack() throws Exception {
        try (Epoll epoll = Epoll.create(4)) {
            epoll.add(port.wakeFd(0), Epoll.IN, 0);
            setUp(false);
            assertFalse(port.link().up());
            assertEquals(1, epoll.await(0));
            assertNotEquals(0, epoll.events(0) & Epoll.ERR);
            assertEquals(ENETDOWN, port.takeWakeError(0));
            fixture.receiveAll(port);
            assertEquals(0, epoll.await(0), "the error must be gone");
            assertEquals(0, port.takeWakeError(0));
            setUp(true);
            assertTrue(port.link().up());
            assertTrue(receivesAgain(), "the port must go on when the interface is up again");
            epoll.remove(port.wakeFd(0));
        } finally {
            setUp(true);
        }
    }

    /** The other end drops what it sends until its kernel has noticed the carrier, so it sends again. */
    private boolean receivesAgain() throws Exception {
        for (int tries = 0; tries < 2000; tries++) {
            VethFixture.sendBroadcast(udp, 64, 99);
            Thread.sleep(5);
            if (fixture.receiveAll(port).stream().anyMatch(frame -> frame.isUdp() && frame.sequence() == 99)) {
                return true;
            }
        }
        return false;
    }

    private static void setUp(final boolean up) throws Exception {
        fixture.engineSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.setUp(
                        netlink.link(VethFixture.ENGINE_INTERFACE).orElseThrow().index(), up);
            }
            return null;
        });
    }

    @Test
    void shouldCountAndDropWhatWasCut() throws Exception {
        VethFixture.sendBroadcast(udp, 5000, 1);
        VethFixture.sendBroadcast(udp, 1472, 2);
        final List<VethFixture.Frame> frames = fixture.receiveUdp(port, 1);
        assertEquals(1, frames.size());
        assertEquals(2, frames.get(0).sequence());
        assertEquals(1514, frames.get(0).bytes().length);
        assertEquals(1, port.counters().rxTruncated(), "the datagram came reassembled");
    }

    @Test
    void shouldCarryPartialChecksums() throws Exception {
        VethFixture.sendBroadcast(udp, 64, 5);
        final VethFixture.Frame frame = fixture.receiveUdp(port, 1).get(0);
        int sum = 17 + frame.u16(38);
        for (int i = 26; i < 34; i += 2) {
            sum += frame.u16(i);
        }
        sum = (sum & 0xffff) + (sum >>> 16);
        sum = (sum & 0xffff) + (sum >>> 16);
        assertEquals(sum, frame.u16(40), "the un-complemented sum of the pseudo-header");
    }

    @Test
    void shouldAccountForEveryFrameOfAFlood() throws Exception {
        final int sent = 6000;
        for (int i = 0; i < sent; i++) {
            VethFixture.sendBroadcast(udp, 64, i);
        }
        final List<VethFixture.Frame> frames = fixture.receiveUdp(port, sent);
        final PortCounters counters = port.counters();
        assertTrue(frames.size() >= 4000, "the ring holds 4096, came " + frames.size());
        assertTrue(counters.rxMissed() > 0);
        assertTrue(counters.rxPackets() + counters.rxMissed() >= sent, counters.toString());
        assertEquals(0, frames.get(0).sequence());
        assertEquals(3999, frames.get(3999).sequence());
    }

    @Test
    void shouldSendAChainAsOneFrame() throws Exception {
        final VethFixture.MacAddressPair macs = fixture.macs(port);
        final long head = fixture.buildUdp(macs, 1000, 77);
        final long tail = fixture.cache.allocate();
        assertTrue(Mbuf.setLength(tail, 500));
        Mbuf.data(tail).copyFrom(Mbuf.data(head).asSlice(542, 500));
        assertTrue(Mbuf.trim(head, 500));
        assertTrue(Mbuf.chain(head, tail));
        fixture.mbufs.set(0, head);
        assertEquals(1, port.txBurst(0, fixture.mbufs, 0, 1));
        final ByteBuffer data = VethFixture.receive(udp);
        assertEquals(1000, data.remaining());
        assertEquals((byte) (77 + 999), data.get(999));
    }

    @Test
    void shouldRefuseWhatCannotWorkAndSayWhy() {
        check("nosuch0", MTU, "there is no interface nosuch0", "te0");
        check("lo", MTU, "loopback");
        check("te0", 9000, "mtu = 9000 exceeds the 1500", "ip link set dev te0 mtu 9000");
        check("te0", 100, "mtu = 100", "576");
        final DpdkUnavailableException e =
                assertThrows(DpdkUnavailableException.class, () -> fixture.open("net_nosuch0", 9, MTU));
        assertTrue(e.getMessage().contains("install package librte-net-nosuch23"), e.getMessage());
        check("net_memif9,role=server", 9000, "mtu = 9000", "exceeds the 1500 of driver net_memif");
        check("net_ring9", 9000, "mtu = 9000", "needs dataRoom=9312", "has dataRoom=2176");
        check("net_af_packet9,iface=nosuch0", MTU, "SIOCGIFINDEX", "No such device");
    }

    private static void check(final String device, final int mtu, final String... parts) {
        final PortException e = assertThrows(PortException.class, () -> fixture.open(device, 9, mtu));
        for (final String part : parts) {
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
    }
}
