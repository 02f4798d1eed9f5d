package dev.toehold.ffi.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct virtio_net_hdr} of {@code linux/virtio_net.h}, in the host's byte order as TAP devices have it by default. */
final class VirtioNetHdrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    JAVA_BYTE.withName("flags"),
                    JAVA_BYTE.withName("gso_type"),
                    JAVA_SHORT.withName("hdr_len"),
                    JAVA_SHORT.withName("gso_size"),
                    JAVA_SHORT.withName("csum_start"),
                    JAVA_SHORT.withName("csum_offset"))
            .withName("struct virtio_net_hdr");

    static final long FLAGS_OFFSET = LAYOUT.byteOffset(groupElement("flags"));
    static final long GSO_TYPE_OFFSET = LAYOUT.byteOffset(groupElement("gso_type"));
    static final long HDR_LEN_OFFSET = LAYOUT.byteOffset(groupElement("hdr_len"));
    static final long GSO_SIZE_OFFSET = LAYOUT.byteOffset(groupElement("gso_size"));
    static final long CSUM_START_OFFSET = LAYOUT.byteOffset(groupElement("csum_start"));
    static final long CSUM_OFFSET_OFFSET = LAYOUT.byteOffset(groupElement("csum_offset"));
    static final long SIZE = LAYOUT.byteSize();

    private VirtioNetHdrDescriptor() {}
}
