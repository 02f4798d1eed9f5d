package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.StructLayout;

/** {@code struct epoll_event} of {@code sys/epoll.h}: packed on x86-64 and nowhere else. */
final class EpollEventDescriptor {
    static final StructLayout LAYOUT = (Native.AARCH64
                    ? structLayout(INT.withName("events"), paddingLayout(4), JAVA_LONG_UNALIGNED.withName("data"))
                    : structLayout(INT.withName("events"), JAVA_LONG_UNALIGNED.withName("data")))
            .withName("struct epoll_event");

    static final long EVENTS_OFFSET = LAYOUT.byteOffset(groupElement("events"));
    static final long DATA_OFFSET = LAYOUT.byteOffset(groupElement("data"));
    static final long SIZE = LAYOUT.byteSize();

    private EpollEventDescriptor() {}
}
