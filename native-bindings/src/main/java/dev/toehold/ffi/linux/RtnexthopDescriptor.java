package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct rtnexthop} of {@code linux/rtnetlink.h}: one way of a multipath route, its attributes behind it. */
final class RtnexthopDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("rtnh_len"),
                    JAVA_BYTE.withName("rtnh_flags"),
                    JAVA_BYTE.withName("rtnh_hops"),
                    INT.withName("rtnh_ifindex"))
            .withName("struct rtnexthop");

    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("rtnh_len"));
    static final long IFINDEX_OFFSET = LAYOUT.byteOffset(groupElement("rtnh_ifindex"));
    static final long SIZE = LAYOUT.byteSize();

    private RtnexthopDescriptor() {}
}
