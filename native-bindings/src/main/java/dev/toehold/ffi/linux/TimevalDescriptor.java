package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct timeval} of {@code sys/time.h}, 64-bit. */
final class TimevalDescriptor {
    static final StructLayout LAYOUT =
            structLayout(LONG.withName("tv_sec"), LONG.withName("tv_usec")).withName("struct timeval");

    static final long SEC_OFFSET = LAYOUT.byteOffset(groupElement("tv_sec"));
    static final long USEC_OFFSET = LAYOUT.byteOffset(groupElement("tv_usec"));

    private TimevalDescriptor() {}
}
