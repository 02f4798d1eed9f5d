package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct ifinfomsg} of {@code linux/rtnetlink.h}. */
final class IfinfomsgDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("ifi_family"),
                    JAVA_BYTE.withName("__ifi_pad"),
                    JAVA_SHORT.withName("ifi_type"),
                    INT.withName("ifi_index"),
                    INT.withName("ifi_flags"),
                    INT.withName("ifi_change"))
            .withName("struct ifinfomsg");

    static final long INDEX_OFFSET = LAYOUT.byteOffset(groupElement("ifi_index"));
    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("ifi_flags"));
    static final long CHANGE_OFFSET = LAYOUT.byteOffset(groupElement("ifi_change"));
    static final long SIZE = LAYOUT.byteSize();

    private IfinfomsgDescriptor() {}
}
