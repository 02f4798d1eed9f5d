package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct nlmsghdr} of {@code linux/netlink.h}. */
final class NlmsghdrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("nlmsg_len"),
                    JAVA_SHORT.withName("nlmsg_type"),
                    JAVA_SHORT.withName("nlmsg_flags"),
                    INT.withName("nlmsg_seq"),
                    INT.withName("nlmsg_pid"))
            .withName("struct nlmsghdr");

    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("nlmsg_len"));
    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("nlmsg_type"));
    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("nlmsg_flags"));
    static final long SEQ_OFFSET = LAYOUT.byteOffset(groupElement("nlmsg_seq"));
    static final long SIZE = LAYOUT.byteSize();

    private NlmsghdrDescriptor() {}
}
