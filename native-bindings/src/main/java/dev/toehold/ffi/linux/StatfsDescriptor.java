package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct statfs} of {@code sys/vfs.h}, 64-bit. */
final class StatfsDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    LONG.withName("f_type"), LONG.withName("f_bsize"), paddingLayout(104))
            .withName("struct statfs");

    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("f_type"));
    static final long BSIZE_OFFSET = LAYOUT.byteOffset(groupElement("f_bsize"));

    private StatfsDescriptor() {}
}
