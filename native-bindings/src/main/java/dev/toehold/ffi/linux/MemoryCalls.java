package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static dev.toehold.ffi.linux.Native.callState;
import static dev.toehold.ffi.linux.Native.link;
import static dev.toehold.ffi.linux.Native.result;
import static dev.toehold.ffi.linux.Native.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** libc's memory-mapping functions, one method each; results by the convention of {@link Native}. */
final class MemoryCalls {
    private static final int SC_PAGESIZE = 30;

    private static final MethodHandle MMAP = link("mmap", FunctionDescriptor.of(LONG, PTR, LONG, INT, INT, INT, LONG));
    private static final MethodHandle MUNMAP = link("munmap", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle MADVISE = link("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));
    private static final MethodHandle MLOCK = link("mlock", FunctionDescriptor.of(INT, LONG, LONG));
    private static final MethodHandle SYSCONF = link("sysconf", FunctionDescriptor.of(LONG, INT));

    private MemoryCalls() {}

    /** The address, or {@code -errno}. */
    static long mmap(long length, int protection, int flags, int fd, long offset) {
        MemorySegment state = callState();
        try {
            return result(
                    (long) MMAP.invokeExact(state, MemorySegment.NULL, length, protection, flags, fd, offset), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int munmap(long address, long length) {
        MemorySegment state = callState();
        try {
            return result((int) MUNMAP.invokeExact(state, address, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int madvise(long address, long length, int advice) {
        MemorySegment state = callState();
        try {
            return result((int) MADVISE.invokeExact(state, address, length, advice), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int mlock(long address, long length) {
        MemorySegment state = callState();
        try {
            return result((int) MLOCK.invokeExact(state, address, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pageSize() {
        MemorySegment state = callState();
        try {
            return result((long) SYSCONF.invokeExact(state, SC_PAGESIZE), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
