package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct tcp_repair_opt} of {@code netinet/tcp.h}. */
final class TcpRepairOptDescriptor {
    static final StructLayout LAYOUT =
            structLayout(INT.withName("opt_code"), INT.withName("opt_val")).withName("struct tcp_repair_opt");

    static final long CODE_OFFSET = LAYOUT.byteOffset(groupElement("opt_code"));
    static final long VAL_OFFSET = LAYOUT.byteOffset(groupElement("opt_val"));
    static final long SIZE = LAYOUT.byteSize();

    private TcpRepairOptDescriptor() {}
}
