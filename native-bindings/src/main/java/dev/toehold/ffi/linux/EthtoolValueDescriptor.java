package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_value} of {@code linux/ethtool.h}. */
final class EthtoolValueDescriptor {
    static final StructLayout LAYOUT =
            structLayout(INT.withName("cmd"), INT.withName("data")).withName("struct ethtool_value");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long DATA_OFFSET = LAYOUT.byteOffset(groupElement("data"));

    private EthtoolValueDescriptor() {}
}
