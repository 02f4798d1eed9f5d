package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.PTR;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** {@code struct ifreq} of {@code net/if.h}, with the union member that ethtool uses. */
final class IfreqDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    sequenceLayout(16, JAVA_BYTE).withName("ifr_name"), PTR.withName("ifr_data"), paddingLayout(16))
            .withName("struct ifreq");

    static final long NAME_OFFSET = LAYOUT.byteOffset(groupElement("ifr_name"));
    static final long DATA_OFFSET = LAYOUT.byteOffset(groupElement("ifr_data"));

    private IfreqDescriptor() {}
}
