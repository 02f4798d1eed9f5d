package dev.toehold.ffi.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct sockaddr_in} of {@code netinet/in.h}; port and address are in network byte order. */
final class SockaddrInDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("sin_family"),
                    JAVA_SHORT.withName("sin_port"),
                    sequenceLayout(4, JAVA_BYTE).withName("sin_addr"),
                    sequenceLayout(8, JAVA_BYTE).withName("sin_zero"))
            .withName("struct sockaddr_in");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("sin_family"));
    static final long PORT_OFFSET = LAYOUT.byteOffset(groupElement("sin_port"));
    static final long ADDR_OFFSET = LAYOUT.byteOffset(groupElement("sin_addr"));
    static final long SIZE = LAYOUT.byteSize();

    private SockaddrInDescriptor() {}
}
