package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** {@code struct rtmsg} of {@code linux/rtnetlink.h}. */
final class RtmsgDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("rtm_family"),
                    JAVA_BYTE.withName("rtm_dst_len"),
                    JAVA_BYTE.withName("rtm_src_len"),
                    JAVA_BYTE.withName("rtm_tos"),
                    JAVA_BYTE.withName("rtm_table"),
                    JAVA_BYTE.withName("rtm_protocol"),
                    JAVA_BYTE.withName("rtm_scope"),
                    JAVA_BYTE.withName("rtm_type"),
                    INT.withName("rtm_flags"))
            .withName("struct rtmsg");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("rtm_family"));
    static final long DST_LEN_OFFSET = LAYOUT.byteOffset(groupElement("rtm_dst_len"));
    static final long TABLE_OFFSET = LAYOUT.byteOffset(groupElement("rtm_table"));
    static final long PROTOCOL_OFFSET = LAYOUT.byteOffset(groupElement("rtm_protocol"));
    static final long SCOPE_OFFSET = LAYOUT.byteOffset(groupElement("rtm_scope"));
    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("rtm_type"));
    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("rtm_flags"));
    static final long SIZE = LAYOUT.byteSize();

    private RtmsgDescriptor() {}
}
