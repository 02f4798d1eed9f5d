package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AfPacketRingTest {
    @ParameterizedTest
    @ValueSource(ints = {576, 1280, 1500, 1963, 1964, 2000, 4000, 9000, 9216, 16384})
    void shouldSatisfyKernelAndDriver(final int mtu) {
        final AfPacketRing ring = AfPacketRing.forMtu(mtu);
        assertEquals(0, ring.frameSize() % 16, "TPACKET_ALIGNMENT");
        assertEquals(0, ring.blockSize() % 4096, "page");
        assertEquals(0, ring.blockSize() % ring.frameSize(), "the driver takes frames for contiguous");
        assertEquals(0, ring.frameCount() % (ring.blockSize() / ring.frameSize()), "whole blocks");
        assertTrue(ring.truncatedLength() > mtu + AfPacketRing.LINK_HEADER_LENGTH, "the longest frame is not cut");
        assertTrue(ring.frameCount() >= 1024);
        assertTrue((long) ring.frameCount() * ring.frameSize() <= 20 << 20, "kernel memory per direction");
        assertTrue(ring.packetRoom() + 128 <= 0xffff, "an mbuf holds it");
    }

    @Test
    void shouldUseTwoKilobytesForEthernet() {
        assertEquals(new AfPacketRing(2048, 262144, 4096), AfPacketRing.forMtu(1500));
        assertEquals(9216, AfPacketRing.forMtu(9000).frameSize());
    }

    @Test
    void shouldReadTheFrameSizeOfADeviceString() {
        assertEquals(2048 - 66, AfPacketRing.truncatedLength("net_af_packet0,iface=eth1"));
        assertEquals(4096 - 66, AfPacketRing.truncatedLength("net_af_packet0,iface=eth1,framesz=4096,framecnt=512"));
    }

    @Test
    void shouldRefuseAnMtuThatNoMbufHolds() {
        assertThrows(IllegalArgumentException.class, () -> AfPacketRing.forMtu(AfPacketRing.MAX_MTU + 1));
    }
}
