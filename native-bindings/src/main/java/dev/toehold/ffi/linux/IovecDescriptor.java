package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct iovec} of {@code sys/uio.h}. */
final class IovecDescriptor {
    static final StructLayout LAYOUT =
            structLayout(PTR.withName("iov_base"), LONG.withName("iov_len")).withName("struct iovec");

    static final long BASE_OFFSET = LAYOUT.byteOffset(groupElement("iov_base"));
    static final long LEN_OFFSET = LAYOUT.byteOffset(groupElement("iov_len"));

    private IovecDescriptor() {}
}
