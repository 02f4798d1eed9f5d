package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static dev.toehold.ffi.linux.Native.callState;
import static dev.toehold.ffi.linux.Native.link;
import static dev.toehold.ffi.linux.Native.linkOptional;
import static dev.toehold.ffi.linux.Native.linkWithoutErrno;
import static dev.toehold.ffi.linux.Native.result;
import static dev.toehold.ffi.linux.Native.unexpected;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * libc's waiting functions, one method each; results by the convention of {@link Native}. Those that a poll loop calls
 * take the caller's call state, so that they allocate nothing.
 */
final class EventCalls {
    private static final MethodHandle EVENTFD = link("eventfd", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle EVENTFD_WRITE = link("eventfd_write", FunctionDescriptor.of(INT, INT, LONG));
    private static final MethodHandle EVENTFD_WRITE_OFTEN = linkWithoutErrno(
                    "eventfd_write", FunctionDescriptor.of(INT, INT, LONG))
            .orElseThrow();
    private static final MethodHandle EVENTFD_READ = link("eventfd_read", FunctionDescriptor.of(INT, INT, PTR));
    private static final MethodHandle PREADV2 = link("preadv2", FunctionDescriptor.of(LONG, INT, PTR, INT, LONG, INT));
    private static final MethodHandle EPOLL_CREATE1 = link("epoll_create1", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle EPOLL_CTL = link("epoll_ctl", FunctionDescriptor.of(INT, INT, INT, INT, PTR));
    private static final MethodHandle EPOLL_WAIT = link("epoll_wait", FunctionDescriptor.of(INT, INT, PTR, INT, INT));

    /** Null before glibc 2.35. */
    private static final MethodHandle EPOLL_PWAIT2 = linkOptional(
                    "epoll_pwait2", FunctionDescriptor.of(INT, INT, PTR, INT, PTR, PTR))
            .orElse(null);

    private static final MethodHandle EPOLL_PWAIT2_OFTEN = linkWithoutErrno(
                    "epoll_pwait2", FunctionDescriptor.of(INT, INT, PTR, INT, PTR, PTR))
            .orElse(null);

    private static final MethodHandle PPOLL = link("ppoll", FunctionDescriptor.of(INT, PTR, LONG, PTR, PTR));

    private EventCalls() {}

    static int eventfd(int initial, int flags) {
        MemorySegment state = callState();
        try {
            return result((int) EVENTFD.invokeExact(state, initial, flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int eventfdWrite(MemorySegment state, int fd, long value) {
        try {
            int result = (int) EVENTFD_WRITE_OFTEN.invokeExact(fd, value);
            return result >= 0 ? result : result((int) EVENTFD_WRITE.invokeExact(state, fd, value), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int eventfdRead(MemorySegment state, int fd, MemorySegment value) {
        try {
            return result((int) EVENTFD_READ.invokeExact(state, fd, value), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Reads one buffer from where the file stands. */
    static long preadv2(MemorySegment state, int fd, MemorySegment iovec, int flags) {
        try {
            return result((long) PREADV2.invokeExact(state, fd, iovec, 1, -1L, flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int epollCreate1(int flags) {
        MemorySegment state = callState();
        try {
            return result((int) EPOLL_CREATE1.invokeExact(state, flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int epollCtl(int epoll, int operation, int fd, MemorySegment event) {
        MemorySegment state = callState();
        try {
            return result((int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int epollWait(MemorySegment state, int epoll, MemorySegment events, int count, int timeoutMs) {
        try {
            return result((int) EPOLL_WAIT.invokeExact(state, epoll, events, count, timeoutMs), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static boolean hasEpollPwait2() {
        return EPOLL_PWAIT2 != null;
    }

    /** After a signal it may wait twice as long. */
    static int epollPwait2(MemorySegment state, int epoll, MemorySegment events, int count, MemorySegment timeout) {
        try {
            int often = (int) EPOLL_PWAIT2_OFTEN.invokeExact(epoll, events, count, timeout, MemorySegment.NULL);
            if (often >= 0) {
                return often;
            }
            return result(
                    (int) EPOLL_PWAIT2.invokeExact(state, epoll, events, count, timeout, MemorySegment.NULL), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ppoll(MemorySegment fds, long count, MemorySegment timeout) {
        MemorySegment state = callState();
        try {
            return result((int) PPOLL.invokeExact(state, fds, count, timeout, MemorySegment.NULL), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
