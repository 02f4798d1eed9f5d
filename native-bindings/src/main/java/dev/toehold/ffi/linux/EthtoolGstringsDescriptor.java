package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_gstrings} of {@code linux/ethtool.h}; strings of ETH_GSTRING_LEN bytes follow. */
final class EthtoolGstringsDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("cmd"), INT.withName("string_set"), INT.withName("len"))
            .withName("struct ethtool_gstrings");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long STRING_SET_OFFSET = LAYOUT.byteOffset(groupElement("string_set"));
    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("len"));
    static final long SIZE = LAYOUT.byteSize();

    private EthtoolGstringsDescriptor() {}
}
