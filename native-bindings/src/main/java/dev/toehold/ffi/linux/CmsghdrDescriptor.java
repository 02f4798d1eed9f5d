package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/**
 * {@code struct cmsghdr} of {@code sys/socket.h}: header of one ancillary message, followed by its data, padded to 8
 * bytes. {@code cmsg_len} counts header and data, not the padding.
 */
final class CmsghdrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    LONG.withName("cmsg_len"), INT.withName("cmsg_level"), INT.withName("cmsg_type"))
            .withName("struct cmsghdr");

    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("cmsg_len"));
    static final long LEVEL_OFFSET = LAYOUT.byteOffset(groupElement("cmsg_level"));
    static final long TYPE_OFFSET = LAYOUT.byteOffset(groupElement("cmsg_type"));
    static final long DATA_OFFSET = LAYOUT.byteSize();

    private CmsghdrDescriptor() {}

    /** {@code CMSG_SPACE}: what an ancillary message with so many bytes of data takes. */
    static long space(long dataBytes) {
        return DATA_OFFSET + align(dataBytes);
    }

    /** {@code CMSG_ALIGN}. */
    static long align(long bytes) {
        return (bytes + 7) & ~7L;
    }
}
