package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** {@code struct ifaddrmsg} of {@code linux/if_addr.h}. */
final class IfaddrmsgDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("ifa_family"),
                    JAVA_BYTE.withName("ifa_prefixlen"),
                    JAVA_BYTE.withName("ifa_flags"),
                    JAVA_BYTE.withName("ifa_scope"),
                    INT.withName("ifa_index"))
            .withName("struct ifaddrmsg");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("ifa_family"));
    static final long PREFIXLEN_OFFSET = LAYOUT.byteOffset(groupElement("ifa_prefixlen"));
    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("ifa_flags"));
    static final long SCOPE_OFFSET = LAYOUT.byteOffset(groupElement("ifa_scope"));
    static final long INDEX_OFFSET = LAYOUT.byteOffset(groupElement("ifa_index"));
    static final long SIZE = LAYOUT.byteSize();

    private IfaddrmsgDescriptor() {}
}
