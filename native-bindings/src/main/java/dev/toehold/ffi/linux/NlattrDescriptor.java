package dev.toehold.ffi.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct nlattr} of {@code linux/netlink.h}: the length counts header and value, not the padding to 4 bytes. */
final class NlattrDescriptor {
    static final StructLayout LAYOUT = structLayout(JAVA_SHORT.withName("nla_len"), JAVA_SHORT.withName("nla_type"))
            .withName("struct nlattr");

    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("nla_len"));
    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("nla_type"));
    static final long SIZE = LAYOUT.byteSize();

    private NlattrDescriptor() {}
}
