package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct mmsghdr} of {@code sys/socket.h}: one message of a batch, and its length. */
final class MmsghdrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    MsghdrDescriptor.LAYOUT.withName("msg_hdr"), INT.withName("msg_len"), paddingLayout(4))
            .withName("struct mmsghdr");

    static final long HDR_OFFSET = LAYOUT.byteOffset(groupElement("msg_hdr"));
    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("msg_len"));
    static final long SIZE = LAYOUT.byteSize();

    private MmsghdrDescriptor() {}
}
