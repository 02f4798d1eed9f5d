package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct sockaddr_in6} of {@code netinet/in.h}; port and address are in network byte order. */
final class SockaddrIn6Descriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("sin6_family"),
                    JAVA_SHORT.withName("sin6_port"),
                    INT.withName("sin6_flowinfo"),
                    sequenceLayout(16, JAVA_BYTE).withName("sin6_addr"),
                    INT.withName("sin6_scope_id"))
            .withName("struct sockaddr_in6");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("sin6_family"));
    static final long PORT_OFFSET = LAYOUT.byteOffset(groupElement("sin6_port"));
    static final long ADDR_OFFSET = LAYOUT.byteOffset(groupElement("sin6_addr"));
    static final long SCOPE_ID_OFFSET = LAYOUT.byteOffset(groupElement("sin6_scope_id"));
    static final long SIZE = LAYOUT.byteSize();

    private SockaddrIn6Descriptor() {}
}
