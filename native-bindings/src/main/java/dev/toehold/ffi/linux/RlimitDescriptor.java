package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct rlimit} of {@code sys/resource.h}, 64-bit. */
final class RlimitDescriptor {
    static final StructLayout LAYOUT =
            structLayout(LONG.withName("rlim_cur"), LONG.withName("rlim_max")).withName("struct rlimit");

    static final long CUR_OFFSET = LAYOUT.byteOffset(groupElement("rlim_cur"));
    static final long MAX_OFFSET = LAYOUT.byteOffset(groupElement("rlim_max"));

    private RlimitDescriptor() {}
}
