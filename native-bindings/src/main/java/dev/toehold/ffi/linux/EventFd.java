package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A doorbell (eventfd(2), non-blocking, close-on-exec): {@link #signal} makes its descriptor readable until
 * {@link #drain}. Any thread of any process that holds it may do either; neither allocates.
 */
public final class EventFd implements AutoCloseable {
    private final Fd fd;

    /**
     * Shared by the threads that ring or drain at the same time: what the calls store there is never read. The outcomes
     * that their errno could tell apart (counter full, counter empty) need no distinction.
     */
    private final MemorySegment ignoredCallState = Native.newCallState();

    private final MemorySegment ignoredValue = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);

    private EventFd(Fd fd) {
        this.fd = fd;
    }

    /** A new one, not signalled. */
    public static EventFd create() {
        int result = EventCalls.eventfd(0, EpollH.EFD_NONBLOCK | EpollH.EFD_CLOEXEC);
        if (result < 0) {
            throw LinuxException.of("eventfd()", result);
        }
        return new EventFd(Fd.opened(result));
    }

    /**
     * Takes ownership of a descriptor that another process sent and makes it non-blocking (for all who share it). Whether
     * it is an eventfd is not checked: one that is not, makes {@link #signal} fail quietly or write 8 bytes to it.
     */
    public static EventFd adopt(Fd fd) {
        int number = fd.acquire();
        try {
            int flags = FileCalls.fcntl(number, FcntlH.F_GETFL, 0);
            int result = flags < 0 ? flags : FileCalls.fcntl(number, FcntlH.F_SETFL, flags | FcntlH.O_NONBLOCK);
            if (result < 0) {
                throw LinuxException.of("fcntl(fd=" + number + ", O_NONBLOCK)", result);
            }
        } finally {
            fd.release();
        }
        return new EventFd(fd);
    }

    public Fd fd() {
        return fd;
    }

    /**
     * Wakes whoever waits for the descriptor. Never blocks: a full counter is as good as one more signal.
     *
     * @throws IllegalStateException if closed
     */
    public void signal() {
        int number = fd.acquire();
        try {
            EventCalls.eventfdWrite(ignoredCallState, number, 1);
        } finally {
            fd.release();
        }
    }

    /**
     * Takes all signals that came so far.
     *
     * @return whether there were any
     */
    public boolean drain() {
        int number = fd.acquire();
        try {
            return EventCalls.eventfdRead(ignoredCallState, number, ignoredValue) == 0;
        } finally {
            fd.release();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
