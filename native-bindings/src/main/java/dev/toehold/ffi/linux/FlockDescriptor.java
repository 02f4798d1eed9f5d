package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct flock} of {@code fcntl.h}, 64-bit. */
final class FlockDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("l_type"),
                    JAVA_SHORT.withName("l_whence"),
                    paddingLayout(4),
                    LONG.withName("l_start"),
                    LONG.withName("l_len"),
                    INT.withName("l_pid"),
                    paddingLayout(4))
            .withName("struct flock");

    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("l_type"));
    static final long WHENCE_OFFSET = LAYOUT.byteOffset(groupElement("l_whence"));

    private FlockDescriptor() {}
}
