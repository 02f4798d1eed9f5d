package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static dev.toehold.ffi.linux.Native.callState;
import static dev.toehold.ffi.linux.Native.link;
import static dev.toehold.ffi.linux.Native.result;
import static dev.toehold.ffi.linux.Native.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** libc's file functions, one method each; results by the convention of {@link Native}. */
final class FileCalls {
    private static final Linker.Option VARIADIC_2 = Linker.Option.firstVariadicArg(2);

    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle OPEN = link("open", FunctionDescriptor.of(INT, PTR, INT, INT), VARIADIC_2);
    private static final MethodHandle READ = link("read", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle WRITE = link("write", FunctionDescriptor.of(LONG, INT, LONG, LONG));
    private static final MethodHandle FCNTL = link("fcntl", FunctionDescriptor.of(INT, INT, INT, LONG), VARIADIC_2);
    private static final MethodHandle FCNTL_POINTER =
            link("fcntl", FunctionDescriptor.of(INT, INT, INT, PTR), VARIADIC_2);
    private static final MethodHandle FTRUNCATE = link("ftruncate", FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle FALLOCATE = link("fallocate", FunctionDescriptor.of(INT, INT, INT, LONG, LONG));
    private static final MethodHandle MEMFD_CREATE = link("memfd_create", FunctionDescriptor.of(INT, PTR, INT));
    private static final MethodHandle STATX = link("statx", FunctionDescriptor.of(INT, INT, PTR, INT, INT, PTR));
    private static final MethodHandle FSTATFS = link("fstatfs", FunctionDescriptor.of(INT, INT, PTR));
    private static final MethodHandle FLOCK = link("flock", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle UNLINK = link("unlink", FunctionDescriptor.of(INT, PTR));
    private static final MethodHandle CHMOD = link("chmod", FunctionDescriptor.of(INT, PTR, INT));
    private static final MethodHandle LCHOWN = link("lchown", FunctionDescriptor.of(INT, PTR, INT, INT));

    private FileCalls() {}

    static int close(int fd) {
        MemorySegment state = callState();
        try {
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int open(MemorySegment path, int flags, int mode) {
        MemorySegment state = callState();
        try {
            return result((int) OPEN.invokeExact(state, path, flags, mode), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** For callers that may not allocate: the memory by its address, which the caller has checked and keeps alive. */
    static long read(MemorySegment state, int fd, long address, long length) {
        try {
            return result((long) READ.invokeExact(state, fd, address, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Likewise. */
    static long write(MemorySegment state, int fd, long address, long length) {
        try {
            return result((long) WRITE.invokeExact(state, fd, address, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fcntl(int fd, int command, long argument) {
        MemorySegment state = callState();
        try {
            return result((int) FCNTL.invokeExact(state, fd, command, argument), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fcntl(int fd, int command, MemorySegment argument) {
        MemorySegment state = callState();
        try {
            return result((int) FCNTL_POINTER.invokeExact(state, fd, command, argument), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ftruncate(int fd, long length) {
        MemorySegment state = callState();
        try {
            return result((int) FTRUNCATE.invokeExact(state, fd, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fallocate(int fd, int mode, long offset, long length) {
        MemorySegment state = callState();
        try {
            return result((int) FALLOCATE.invokeExact(state, fd, mode, offset, length), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int memfdCreate(MemorySegment name, int flags) {
        MemorySegment state = callState();
        try {
            return result((int) MEMFD_CREATE.invokeExact(state, name, flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int statx(int fd, MemorySegment path, int flags, int mask, MemorySegment statx) {
        MemorySegment state = callState();
        try {
            return result((int) STATX.invokeExact(state, fd, path, flags, mask, statx), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fstatfs(int fd, MemorySegment statfs) {
        MemorySegment state = callState();
        try {
            return result((int) FSTATFS.invokeExact(state, fd, statfs), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int flock(int fd, int operation) {
        MemorySegment state = callState();
        try {
            return result((int) FLOCK.invokeExact(state, fd, operation), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int unlink(MemorySegment path) {
        MemorySegment state = callState();
        try {
            return result((int) UNLINK.invokeExact(state, path), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int chmod(MemorySegment path, int mode) {
        MemorySegment state = callState();
        try {
            return result((int) CHMOD.invokeExact(state, path, mode), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int lchown(MemorySegment path, int uid, int gid) {
        MemorySegment state = callState();
        try {
            return result((int) LCHOWN.invokeExact(state, path, uid, gid), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
