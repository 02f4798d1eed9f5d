package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_perm_addr} of {@code linux/ethtool.h}; the address follows. */
final class EthtoolPermAddrDescriptor {
    static final StructLayout LAYOUT =
            structLayout(INT.withName("cmd"), INT.withName("size")).withName("struct ethtool_perm_addr");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long LENGTH_OFFSET = LAYOUT.byteOffset(groupElement("size"));
    static final long SIZE = LAYOUT.byteSize();

    private EthtoolPermAddrDescriptor() {}
}
