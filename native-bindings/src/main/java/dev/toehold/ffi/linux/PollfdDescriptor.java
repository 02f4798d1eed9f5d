package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct pollfd} of {@code poll.h}. */
final class PollfdDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("fd"), JAVA_SHORT.withName("events"), JAVA_SHORT.withName("revents"))
            .withName("struct pollfd");

    static final long FD_OFFSET = LAYOUT.byteOffset(groupElement("fd"));
    static final long EVENTS_OFFSET = LAYOUT.byteOffset(groupElement("events"));

    private PollfdDescriptor() {}
}
