package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct timespec} of {@code time.h}, 64-bit. */
final class TimespecDescriptor {
    private static final long NS_PER_S = 1_000_000_000;

    static final StructLayout LAYOUT =
            structLayout(LONG.withName("tv_sec"), LONG.withName("tv_nsec")).withName("struct timespec");

    static final long SEC_OFFSET = LAYOUT.byteOffset(groupElement("tv_sec"));
    static final long NSEC_OFFSET = LAYOUT.byteOffset(groupElement("tv_nsec"));

    private TimespecDescriptor() {}

    static void set(MemorySegment timespec, long ns) {
        timespec.set(JAVA_LONG, SEC_OFFSET, ns / NS_PER_S);
        timespec.set(JAVA_LONG, NSEC_OFFSET, ns % NS_PER_S);
    }
}
