package dev.toehold.ffi.linux;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/** {@code struct sockaddr_un} of {@code sys/un.h}. */
final class SockaddrUnDescriptor {
    /** Longest path: {@code sun_path} less the terminating zero. */
    static final int MAX_PATH_BYTES = 107;

    static final StructLayout LAYOUT = structLayout(
                    JAVA_SHORT.withName("sun_family"),
                    sequenceLayout(MAX_PATH_BYTES + 1, JAVA_BYTE).withName("sun_path"))
            .withName("struct sockaddr_un");

    static final long FAMILY_OFFSET = LAYOUT.byteOffset(groupElement("sun_family"));
    static final long PATH_OFFSET = LAYOUT.byteOffset(groupElement("sun_path"));

    private SockaddrUnDescriptor() {}

    /** An address of the file system; the path has been checked. */
    static MemorySegment allocate(Arena arena, String path) {
        MemorySegment address = arena.allocate(LAYOUT);
        address.set(JAVA_SHORT, FAMILY_OFFSET, (short) SocketH.AF_UNIX);
        address.setString(PATH_OFFSET, path);
        return address;
    }

    static String checkPath(String path) {
        return Check.cString("path", path, MAX_PATH_BYTES);
    }
}
