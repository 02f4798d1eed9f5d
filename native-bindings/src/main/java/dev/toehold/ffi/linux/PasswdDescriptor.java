package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.PTR;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct passwd} of {@code pwd.h}. */
final class PasswdDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    PTR.withName("pw_name"),
                    PTR.withName("pw_passwd"),
                    INT.withName("pw_uid"),
                    INT.withName("pw_gid"),
                    PTR.withName("pw_gecos"),
                    PTR.withName("pw_dir"),
                    PTR.withName("pw_shell"))
            .withName("struct passwd");

    static final long UID_OFFSET = LAYOUT.byteOffset(groupElement("pw_uid"));

    private PasswdDescriptor() {}
}
