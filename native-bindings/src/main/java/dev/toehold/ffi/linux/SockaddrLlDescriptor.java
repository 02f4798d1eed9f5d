package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct sockaddr_ll} of {@code linux/if_packet.h}; the protocol is in network byte order. */
final class SockaddrLlDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("sll_family"),
                    JAVA_SHORT.withName("sll_protocol"),
                    INT.withName("sll_ifindex"),
                    JAVA_SHORT.withName("sll_hatype"),
                    JAVA_BYTE.withName("sll_pkttype"),
                    JAVA_BYTE.withName("sll_halen"),
                    sequenceLayout(8, JAVA_BYTE).withName("sll_addr"))
            .withName("struct sockaddr_ll");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("sll_family"));
    static final long PROTOCOL_OFFSET = LAYOUT.byteOffset(groupElement("sll_protocol"));
    static final long IFINDEX_OFFSET = LAYOUT.byteOffset(groupElement("sll_ifindex"));

    private SockaddrLlDescriptor() {}
}
