package dev.toehold.ffi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A doorbell (eventfd(2), non-blocking, close-on-exec): {@link #signal} makes its descriptor readable until
 * {@link #drain}. Any thread may do either; neither allocates.
 *
 * <p>Processes that do not trust each other must not share one for the more trusted to signal: whoever holds it can make it
 * blocking and fill its counter, and then {@link #signal} blocks; or drain what was meant for another. {@link WakeSocket}
 * has neither weakness. To wait for one that a stranger signals is safe, and so is {@link #drain} (Linux 5.8).
 */
public final class EventFd implements AutoCloseable {
    private final Fd fd;

    /**
     * Shared by the threads that ring or drain at the same time. An errno that another thread has just overwritten does no
     * harm: only one that says that the kernel cannot do something matters, and that is the same for all.
     */
    private final MemorySegment callState = Native.newCallState();

    private final MemorySegment value = Arena.ofAuto().allocate(ValueLayout.JAVA_LONG);
    private final MemorySegment iovec = iovec(value);

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
     * Takes ownership of an eventfd that another process sent and makes it non-blocking, for all who share it.
     *
     * @throws IllegalArgumentException if it is not an eventfd; it stays open, with its owner
     */
    public static EventFd adopt(Fd fd) {
        int number = fd.acquire();
        try {
            if (!isEventFd(number)) {
                throw new IllegalArgumentException(fd + " is not an eventfd");
            }
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
            EventCalls.eventfdWrite(callState, number, 1);
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
            // Not to block even if another holder has made the eventfd blocking.
            long result = EventCalls.preadv2(callState, number, iovec, EpollH.RWF_NOWAIT);
            return result == Long.BYTES || (isUnsupported(result) && drainPlain(number));
        } finally {
            fd.release();
        }
    }

    /** Before Linux 5.8. */
    boolean drainPlain(int number) {
        return EventCalls.eventfdRead(callState, number, value) == 0;
    }

    private static boolean isUnsupported(long result) {
        return Errno.EOPNOTSUPP.is(result) || Errno.ENOSYS.is(result);
    }

    /** The kernel's name for it, which no file can bear. */
    private static boolean isEventFd(int number) {
        try {
            Path link = Path.of("/proc/self/fd", Integer.toString(number));
            return Files.readSymbolicLink(link).toString().equals("anon_inode:[eventfd]");
        } catch (IOException e) {
            throw new UncheckedIOException("fd=" + number + " cannot be looked up: is /proc mounted?", e);
        }
    }

    private static MemorySegment iovec(MemorySegment buffer) {
        MemorySegment iovec = Arena.ofAuto().allocate(IovecDescriptor.LAYOUT);
        iovec.set(ValueLayout.ADDRESS, IovecDescriptor.BASE_OFFSET, buffer);
        iovec.set(ValueLayout.JAVA_LONG, IovecDescriptor.LEN_OFFSET, buffer.byteSize());
        return iovec;
    }

    @Override
    public void close() {
        fd.close();
    }
}
