package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.Epoll;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** net_af_xdp on a veth, whose driver has native XDP. */
class AfXdpPortIT {
    private static final int MTU = 1500;
    private static final String DEVICE = "xdp:" + VethFixture.ENGINE_INTERFACE;

    @Test
    void shouldReceiveSendAndWake() throws Exception {
        try (VethFixture fixture = new VethFixture(DEVICE, MTU)) {
            try (DpdkPort port = fixture.open(DEVICE, 0, MTU);
                    DatagramChannel udp = fixture.udp()) {
                assertEquals("net_af_xdp", port.adapter().driver());
                assertFalse(port.adapter().criticalReceive());
                assertFalse(port.adapter().multiSegmentTransmit());
                assertTrue(port.adapter().partialChecksums());
                receive(fixture, port, udp);
                send(fixture, port, udp);
                wake(fixture, port, udp);
                fragments(fixture, port, udp);
            }
            // The driver of 22.11 keeps what lies in its fill ring even when it is closed.
            assertTrue(fixture.pool.count() - fixture.pool.availableCount() <= 2048 + 1);
        }
    }

    private static void receive(final VethFixture fixture, final DpdkPort port, final DatagramChannel udp)
            throws Exception {
        for (int i = 0; i < 500; i++) {
            VethFixture.sendBroadcast(udp, 64 + i, i);
        }
        final List<VethFixture.Frame> frames = fixture.receiveUdp(port, 500);
        assertEquals(500, frames.size());
        for (int i = 0; i < 500; i++) {
            assertEquals(i, frames.get(i).sequence());
            assertEquals(VethFixture.UDP_HEADERS + 64 + i, frames.get(i).bytes().length);
        }
        assertTrue(port.counters().rxPackets() >= 500);
    }

    private static void send(final VethFixture fixture, final DpdkPort port, final DatagramChannel udp)
            throws Exception {
        final VethFixture.MacAddressPair macs = fixture.macs(port);
        for (int i = 0; i < 300; i++) {
            fixture.mbufs.set(0, fixture.buildUdp(macs, 1400, i));
            while (port.txBurst(0, fixture.mbufs, 0, 1) == 0) {
                Thread.sleep(1);
            }
            final ByteBuffer data = VethFixture.receive(udp);
            assertEquals(1400, data.remaining());
            assertEquals(i, data.getInt(0));
        }
        assertTrue(fixture.receiveAll(port).stream().noneMatch(frame -> frame.source() == macs.engine()));
    }

    private static void wake(final VethFixture fixture, final DpdkPort port, final DatagramChannel udp)
            throws Exception {
        try (Epoll epoll = Epoll.create(1)) {
            epoll.add(port.wakeFd(0), Epoll.IN, 0);
            for (int round = 0; round < 20; round++) {
                fixture.receiveAll(port);
                final CompletableFuture<Integer> sleeper = new CompletableFuture<>();
                final Thread thread = Thread.ofPlatform().start(() -> sleeper.complete(epoll.await(10_000_000_000L)));
                VethFixture.sendBroadcast(udp, 64, round);
                assertEquals(1, sleeper.get(20, TimeUnit.SECONDS));
                thread.join();
                assertEquals(round, fixture.receiveUdp(port, 1).get(0).sequence());
            }
            fixture.receiveAll(port);
            assertEquals(0, epoll.await(0));
            epoll.remove(port.wakeFd(0));
        }
    }

    /** XDP sees the wire: fragments, not what the kernel makes of them. */
    private static void fragments(final VethFixture fixture, final DpdkPort port, final DatagramChannel udp)
            throws Exception {
        VethFixture.sendBroadcast(udp, 3000, 1);
        assertEquals(3, fixture.receiveUdp(port, 3).size());
        assertEquals(0, port.counters().rxTruncated());
    }
}
