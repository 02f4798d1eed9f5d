package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames of 9000 bytes on net_af_packet, with the memory that the sizing helper gives. */
class JumboFramesIT {
    private static final int MTU = 9000;
    private static final int LARGEST_UDP = MTU - 28;

    @Test
    void shouldReceiveAndSend() throws Exception {
        try (VethFixture fixture = new VethFixture(VethFixture.ENGINE_INTERFACE, MTU)) {
            try (DpdkPort port = fixture.open(VethFixture.ENGINE_INTERFACE, 0, MTU);
                    DatagramChannel udp = fixture.udp()) {
                assertEquals(MTU + 14, port.adapter().maxFrameLength());
                for (int i = 0; i < 200; i++) {
                    VethFixture.sendBroadcast(udp, LARGEST_UDP, i);
                }
                final List<VethFixture.Frame> frames = fixture.receiveUdp(port, 200);
                assertEquals(200, frames.size());
                for (int i = 0; i < 200; i++) {
                    final byte[] bytes = frames.get(i).bytes();
                    assertEquals(MTU + 14, bytes.length);
                    assertEquals(i, frames.get(i).sequence());
                    assertEquals((byte) (i + LARGEST_UDP - 1), bytes[bytes.length - 1]);
                }
                assertEquals(0, port.counters().rxTruncated());

                final VethFixture.MacAddressPair macs = fixture.macs(port);
                for (int i = 0; i < 100; i++) {
                    fixture.mbufs.set(0, fixture.buildUdp(macs, LARGEST_UDP, i));
                    assertEquals(1, port.txBurst(0, fixture.mbufs, 0, 1));
                    final ByteBuffer data = VethFixture.receive(udp);
                    assertEquals(LARGEST_UDP, data.remaining());
                    assertEquals((byte) (i + LARGEST_UDP - 1), data.get(LARGEST_UDP - 1));
                }
                assertEquals(0, port.counters().txErrors());
                assertTrue(port.counters().txPackets() >= 100);
            }
            assertEquals(fixture.pool.count(), fixture.pool.availableCount(), "every mbuf must be back");
        }
    }
}
