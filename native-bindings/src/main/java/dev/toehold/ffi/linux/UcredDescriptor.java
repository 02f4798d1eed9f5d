package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ucred} of {@code sys/socket.h}. */
final class UcredDescriptor {
    static final StructLayout LAYOUT = structLayout(INT.withName("pid"), INT.withName("uid"), INT.withName("gid"))
            .withName("struct ucred");

    static final long PID_OFFSET = LAYOUT.byteOffset(groupElement("pid"));
    static final long UID_OFFSET = LAYOUT.byteOffset(groupElement("uid"));
    static final long GID_OFFSET = LAYOUT.byteOffset(groupElement("gid"));

    private UcredDescriptor() {}
}
