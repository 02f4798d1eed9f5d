package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** {@code struct nlmsgerr} of {@code linux/netlink.h}: the error and the header of the request that it answers. */
final class NlmsgerrDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("error"), sequenceLayout(16, JAVA_BYTE).withName("msg"))
            .withName("struct nlmsgerr");

    static final long SIZE = LAYOUT.byteSize();

    private NlmsgerrDescriptor() {}
}
