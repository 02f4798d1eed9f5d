package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct sockaddr_nl} of {@code linux/netlink.h}. */
final class SockaddrNlDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("nl_family"),
                    JAVA_SHORT.withName("nl_pad"),
                    INT.withName("nl_pid"),
                    INT.withName("nl_groups"))
            .withName("struct sockaddr_nl");

    static final long PID_OFFSET = LAYOUT.byteOffset(groupElement("nl_pid"));
    static final long SIZE = LAYOUT.byteSize();

    private SockaddrNlDescriptor() {}
}
