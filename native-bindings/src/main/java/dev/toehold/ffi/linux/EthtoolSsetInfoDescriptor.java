package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_sset_info} of {@code linux/ethtool.h}; the size (u32) of each set of the mask follows. */
final class EthtoolSsetInfoDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("cmd"), INT.withName("reserved"), LONG.withName("sset_mask"))
            .withName("struct ethtool_sset_info");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long SSET_MASK_OFFSET = LAYOUT.byteOffset(groupElement("sset_mask"));
    static final long SIZE = LAYOUT.byteSize();

    private EthtoolSsetInfoDescriptor() {}
}
