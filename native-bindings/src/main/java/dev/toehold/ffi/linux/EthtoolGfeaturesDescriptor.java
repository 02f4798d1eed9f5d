package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_gfeatures} of {@code linux/ethtool.h}; blocks of 32 features follow. */
final class EthtoolGfeaturesDescriptor {
    static final StructLayout LAYOUT =
            structLayout(INT.withName("cmd"), INT.withName("size")).withName("struct ethtool_gfeatures");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long COUNT_OFFSET = LAYOUT.byteOffset(groupElement("size"));
    static final long SIZE = LAYOUT.byteSize();

    private EthtoolGfeaturesDescriptor() {}
}
