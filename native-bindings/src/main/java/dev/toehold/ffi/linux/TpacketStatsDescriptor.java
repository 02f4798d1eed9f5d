package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct tpacket_stats} of {@code linux/if_packet.h}: counts since it was last read. */
final class TpacketStatsDescriptor {
    static final StructLayout LAYOUT =
            structLayout(INT.withName("tp_packets"), INT.withName("tp_drops")).withName("struct tpacket_stats");

    static final long DROPS_OFFSET = LAYOUT.byteOffset(groupElement("tp_drops"));

    private TpacketStatsDescriptor() {}
}
