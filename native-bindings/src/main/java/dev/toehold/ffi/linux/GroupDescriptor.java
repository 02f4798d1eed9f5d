package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.PTR;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct group} of {@code grp.h}. */
final class GroupDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    PTR.withName("gr_name"),
                    PTR.withName("gr_passwd"),
                    INT.withName("gr_gid"),
                    paddingLayout(Integer.BYTES),
                    PTR.withName("gr_mem"))
            .withName("struct group");

    static final long GID_OFFSET = LAYOUT.byteOffset(groupElement("gr_gid"));

    private GroupDescriptor() {}
}
