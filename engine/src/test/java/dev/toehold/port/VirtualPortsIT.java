package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.dpdk.Mbuf;
import java.lang.foreign.ValueLayout;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ports by device strings of DPDK. */
class VirtualPortsIT {
    private static final int MTU = 1500;

    private static VethFixture fixture;

    @BeforeAll
    static void start() throws Exception {
        fixture = new VethFixture("net_memif0", MTU);
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    @AfterEach
    void allMbufsAreBack() {
        assertEquals(fixture.pool.count(), fixture.pool.availableCount(), "every mbuf must be back");
    }

    private static void loop(final PacketPort from, final PacketPort to, final int packets) throws Exception {
        for (int sequence = 0; sequence < packets; sequence++) {
            final long mbuf = fixture.cache.allocate();
            assertTrue(Mbuf.setLength(mbuf, 60 + sequence % 1400));
            Mbuf.data(mbuf).fill((byte) sequence).set(ValueLayout.JAVA_INT_UNALIGNED, 20, sequence);
            fixture.mbufs.set(0, mbuf);
            int sent = 0;
            for (int tries = 0; sent == 0 && tries < 5000; tries++) {
                sent = from.txBurst(0, fixture.mbufs, 0, 1);
                // The receiving memif lends its buffers when it first polls.
                if (sent == 0) {
                    assertEquals(0, to.rxBurst(0, fixture.mbufs, 1, 1));
                    Thread.sleep(1);
                }
            }
            assertEquals(1, sent);
            int n = 0;
            for (int tries = 0; n == 0 && tries < 5000; tries++) {
                n = to.rxBurst(0, fixture.mbufs, 0, 1);
                if (n == 0) {
                    Thread.sleep(1);
                }
            }
            assertEquals(1, n);
            final long received = fixture.mbufs.get(0);
            assertEquals(60 + sequence % 1400, Mbuf.packetLength(received));
            assertEquals(sequence, Mbuf.data(received).get(ValueLayout.JAVA_INT_UNALIGNED, 20));
            assertEquals((byte) sequence, Mbuf.data(received).get(ValueLayout.JAVA_BYTE, 59));
            fixture.cache.free(received);
        }
    }

    @Test
    void shouldLoopOnNetRing() throws Exception {
        try (DpdkPort port = fixture.open("net_ring0", 0, MTU)) {
            assertTrue(port.adapter().criticalTransmit());
            assertFalse(port.adapter().partialChecksums());
            assertEquals(PacketPort.NO_WAKE_FD, port.wakeFd(0));
            assertEquals(0, port.takeWakeError(0));
            assertTrue(port.link().up());
            loop(port, port, 3000);
            assertEquals(3000, port.counters().txPackets());
        }
    }

    @Test
    void shouldReceiveForEverOnNetNull() throws Exception {
        try (DpdkPort port = fixture.open("net_null0,size=128", 0, MTU)) {
            assertEquals(64, port.rxBurst(0, fixture.mbufs, 0, 64));
            assertEquals(128, Mbuf.packetLength(fixture.mbufs.get(63)));
            assertEquals(64, port.txBurst(0, fixture.mbufs, 0, 64));
            assertEquals(64, port.counters().rxPackets());
        }
    }

    @Test
    void shouldGiveEachLcoreAQueueWhereThePortHashesUnderOurKey() throws Exception {
        try (DpdkPort port = fixture.open("net_null0,size=128", 0, MTU, 3)) {
            assertTrue(port.adapter().receiveSideScaling());
            assertEquals("", port.adapter().queueReason());
            assertEquals(3, port.adapter().rxQueues());
            assertEquals(3, port.adapter().txQueues());
            assertEquals(128, port.redirectionTableSize());
            final int[] table = new int[128];
            Arrays.setAll(table, i -> i % 3);
            assertEquals("", port.redirect(table));
            for (int queue = 0; queue < 3; queue++) {
                assertEquals(8, port.rxBurst(queue, fixture.mbufs, 0, 8));
                assertEquals(8, port.txBurst(queue, fixture.mbufs, 0, 8));
            }
        }
    }

    @Test
    void shouldSayWhyALcoreHasNoQueueOfItsOwn() throws Exception {
        try (DpdkPort port = fixture.open("net_ring0", 0, MTU, 2)) {
            assertEquals(
                    "driver net_ring cannot hash TCP (no RSS)", port.adapter().queueReason());
            assertFalse(port.adapter().receiveSideScaling());
            assertEquals(1, port.adapter().rxQueues());
            assertEquals(0, port.redirectionTableSize());
        }
        try (DpdkPort port = fixture.open("net_null0,size=128", 0, MTU, 200)) {
            assertEquals(
                    "its redirection table has 128 entries, not a power of two from 200 on",
                    port.adapter().queueReason());
            assertEquals(1, port.adapter().rxQueues());
        }
        try (DpdkPort port = fixture.open("net_ring0", 0, MTU)) {
            assertEquals("", port.adapter().queueReason(), "one lcore misses nothing");
        }
    }

    @Test
    void shouldPassBetweenTwoMemifs(@TempDir final Path directory) throws Exception {
        final Path socket = directory.resolve("m.sock");
        try (DpdkPort server = fixture.open("net_memif0,role=server,socket-abstract=no,socket=" + socket, 0, MTU);
                DpdkPort client = fixture.open("net_memif1,role=client,socket-abstract=no,socket=" + socket, 1, MTU)) {
            for (int tries = 0; !(server.link().up() && client.link().up()) && tries < 10_000; tries++) {
                Thread.sleep(1);
            }
            assertTrue(server.link().up(), "memif must connect");
            loop(server, client, 1000);
            loop(client, server, 1000);
        }
    }

    @Test
    void shouldTakeAWholeAfPacketString() throws Exception {
        try (DpdkPort port = fixture.open("net_af_packet5,iface=te0", 0, MTU);
                DatagramChannel udp = fixture.udp()) {
            assertTrue(port.adapter().partialChecksums());
            VethFixture.sendBroadcast(udp, 64, 1);
            VethFixture.sendBroadcast(udp, 3000, 2);
            VethFixture.sendBroadcast(udp, 64, 3);
            assertEquals(
                    List.of(1, 3),
                    fixture.receiveUdp(port, 2).stream()
                            .map(VethFixture.Frame::sequence)
                            .toList());
            assertEquals(1, port.counters().rxTruncated());
            assertTrue(port.wakeFd(0) >= 0);
        }
    }

    @Test
    void shouldOpenATap() throws Exception {
        try (DpdkPort port = fixture.open("net_tap0,iface=tt0", 0, MTU)) {
            assertFalse(port.adapter().criticalReceive(), "its bursts are slow");
            assertTrue(port.adapter().checksumTransmit());
            assertTrue(port.adapter().segmentationTransmit());
            assertEquals(0, port.txBurst(0, fixture.mbufs, 0, 0));
        }
    }

    @Test
    void shouldRefuseAnMtuThatTheDriverLacks() {
        final PortException e =
                assertThrows(PortException.class, () -> fixture.open("net_memif2,role=server", 2, 2000));
        assertTrue(e.getMessage().contains("exceeds the 1500 of driver net_memif"), e.getMessage());
    }
}
