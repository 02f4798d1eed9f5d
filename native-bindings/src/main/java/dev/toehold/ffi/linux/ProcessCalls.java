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

/** libc's process and thread functions, one method each; results by the convention of {@link Native}. */
final class ProcessCalls {
    private static final MethodHandle SCHED_SETAFFINITY =
            link("sched_setaffinity", FunctionDescriptor.of(INT, INT, LONG, PTR));
    private static final MethodHandle SCHED_GETAFFINITY =
            link("sched_getaffinity", FunctionDescriptor.of(INT, INT, LONG, PTR));
    private static final MethodHandle GETTID = link("gettid", FunctionDescriptor.of(INT));
    private static final MethodHandle PRCTL_POINTER =
            link("prctl", FunctionDescriptor.of(INT, INT, PTR, LONG, LONG, LONG), Linker.Option.firstVariadicArg(1));
    private static final MethodHandle KILL = link("kill", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle UMASK = link("umask", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle GETRLIMIT = link("getrlimit", FunctionDescriptor.of(INT, INT, PTR));
    private static final MethodHandle SETRLIMIT = link("setrlimit", FunctionDescriptor.of(INT, INT, PTR));
    private static final MethodHandle GETEUID = link("geteuid", FunctionDescriptor.of(INT));
    private static final MethodHandle GETEGID = link("getegid", FunctionDescriptor.of(INT));

    private static final MethodHandle SYSCALL =
            link("syscall", FunctionDescriptor.of(LONG, LONG, INT, PTR, INT, INT), Linker.Option.firstVariadicArg(1));

    private ProcessCalls() {}

    /** sched_getattr(2), for which libc has no wrapper. */
    static int schedGetattr(int tid, MemorySegment attributes) {
        return syscall(SchedH.SYS_SCHED_GETATTR, tid, attributes, (int) attributes.byteSize());
    }

    /** sched_setattr(2), for which libc has no wrapper. */
    static int schedSetattr(int tid, MemorySegment attributes) {
        return syscall(SchedH.SYS_SCHED_SETATTR, tid, attributes, 0);
    }

    private static int syscall(long number, int first, MemorySegment second, int third) {
        MemorySegment state = callState();
        try {
            return result((int) (long) SYSCALL.invokeExact(state, number, first, second, third, 0), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int schedSetaffinity(int tid, long length, MemorySegment mask) {
        MemorySegment state = callState();
        try {
            return result((int) SCHED_SETAFFINITY.invokeExact(state, tid, length, mask), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int schedGetaffinity(int tid, long length, MemorySegment mask) {
        MemorySegment state = callState();
        try {
            return result((int) SCHED_GETAFFINITY.invokeExact(state, tid, length, mask), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int gettid() {
        MemorySegment state = callState();
        try {
            return result((int) GETTID.invokeExact(state), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int prctlPointer(int option, MemorySegment argument2, long argument3, long argument4, long argument5) {
        MemorySegment state = callState();
        try {
            return result(
                    (int) PRCTL_POINTER.invokeExact(state, option, argument2, argument3, argument4, argument5), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int kill(int pid, int signal) {
        MemorySegment state = callState();
        try {
            return result((int) KILL.invokeExact(state, pid, signal), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int umask(int mask) {
        MemorySegment state = callState();
        try {
            return result((int) UMASK.invokeExact(state, mask), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int getrlimit(int resource, MemorySegment limit) {
        MemorySegment state = callState();
        try {
            return result((int) GETRLIMIT.invokeExact(state, resource, limit), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int setrlimit(int resource, MemorySegment limit) {
        MemorySegment state = callState();
        try {
            return result((int) SETRLIMIT.invokeExact(state, resource, limit), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int geteuid() {
        MemorySegment state = callState();
        try {
            return result((int) GETEUID.invokeExact(state), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int getegid() {
        MemorySegment state = callState();
        try {
            return result((int) GETEGID.invokeExact(state), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
