package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** getsockopt(2) and setsockopt(2) for any option. */
final class SocketOptions {
    private SocketOptions() {}

    static int getInt(Fd fd, int level, int option) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(JAVA_INT);
            get(fd, level, option, value);
            return value.get(JAVA_INT, 0);
        }
    }

    static void setInt(Fd fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            set(fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /**
     * Reads an option into native memory.
     *
     * @return how many bytes the kernel filled in
     */
    static int get(Fd fd, int level, int option, MemorySegment value) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            int result = SocketCalls.getsockopt(number, level, option, value, length);
            if (result < 0) {
                throw LinuxException.of("getsockopt(fd=" + number + ", " + name(level, option) + ")", result);
            }
            return length.get(JAVA_INT, 0);
        } finally {
            fd.release();
        }
    }

    /** Sets an option from native memory. */
    static void set(Fd fd, int level, int option, MemorySegment value) {
        int number = fd.acquire();
        try {
            int result = SocketCalls.setsockopt(number, level, option, value, (int) value.byteSize());
            if (result < 0) {
                throw LinuxException.of("setsockopt(fd=" + number + ", " + name(level, option) + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    private static String name(int level, int option) {
        return "level=" + level + ", option=" + option;
    }
}
