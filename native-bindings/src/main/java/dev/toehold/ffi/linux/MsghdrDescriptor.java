package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct msghdr} of {@code sys/socket.h}, as glibc and the kernel have it on 64-bit. */
final class MsghdrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    PTR.withName("msg_name"),
                    INT.withName("msg_namelen"),
                    paddingLayout(4),
                    PTR.withName("msg_iov"),
                    LONG.withName("msg_iovlen"),
                    PTR.withName("msg_control"),
                    LONG.withName("msg_controllen"),
                    INT.withName("msg_flags"),
                    paddingLayout(4))
            .withName("struct msghdr");

    static final long IOV_OFFSET = LAYOUT.byteOffset(groupElement("msg_iov"));
    static final long IOVLEN_OFFSET = LAYOUT.byteOffset(groupElement("msg_iovlen"));
    static final long CONTROL_OFFSET = LAYOUT.byteOffset(groupElement("msg_control"));
    static final long CONTROLLEN_OFFSET = LAYOUT.byteOffset(groupElement("msg_controllen"));
    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("msg_flags"));

    private MsghdrDescriptor() {}
}
