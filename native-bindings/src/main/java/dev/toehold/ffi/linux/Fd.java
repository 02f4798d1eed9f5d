package dev.toehold.ffi.linux;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One open file descriptor and its owner. {@link #close} is idempotent, may be called by any thread, and takes effect
 * when the last call that uses the descriptor has returned: so a number that the kernel gives out anew is never used by
 * mistake. Nobody else may close the number.
 */
public final class Fd implements AutoCloseable {
    private static final int CLOSED = 1;
    private static final int ONE_USER = 2;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Fd.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int number;

    /** Bit 0: closed; above it: how many calls use the descriptor now. */
    @SuppressWarnings("UnusedVariable") // written through STATE
    private volatile int state;

    private Fd(int number) {
        this.number = number;
    }

    /**
     * Takes ownership of an open descriptor.
     *
     * @throws LinuxException EBADF if it is not open
     */
    public static Fd adopt(int number) {
        Check.descriptor(number);
        int flags = FileCalls.fcntl(number, FcntlH.F_GETFD, 0);
        if (flags < 0) {
            throw LinuxException.of("fcntl(fd=" + number + ", F_GETFD)", flags);
        }
        return new Fd(number);
    }

    /** Owns what a call of this package has just opened. */
    static Fd opened(int number) {
        return new Fd(number);
    }

    /**
     * The number, for native code that is not of this package (it must be done with it before {@link #close}).
     *
     * @throws IllegalStateException if closed
     */
    public int number() {
        if (!isOpen()) {
            throw closed();
        }
        return number;
    }

    public boolean isOpen() {
        return ((int) STATE.getVolatile(this) & CLOSED) == 0;
    }

    /** A second descriptor (close-on-exec) of the same open file. */
    public Fd duplicate() {
        int fd = acquire();
        try {
            int result = FileCalls.fcntl(fd, FcntlH.F_DUPFD_CLOEXEC, 0);
            if (result < 0) {
                throw LinuxException.of("fcntl(fd=" + fd + ", F_DUPFD_CLOEXEC)", result);
            }
            return new Fd(result);
        } finally {
            release();
        }
    }

    /** Pins the descriptor open for one call; {@link #release} must follow. */
    int acquire() {
        while (true) {
            int current = (int) STATE.getVolatile(this);
            if ((current & CLOSED) != 0) {
                throw closed();
            }
            if (STATE.compareAndSet(this, current, current + ONE_USER)) {
                return number;
            }
        }
    }

    void release() {
        if ((int) STATE.getAndAdd(this, -ONE_USER) - ONE_USER == CLOSED) {
            closeNow();
        }
    }

    @Override
    public void close() {
        if ((int) STATE.getAndBitwiseOr(this, CLOSED) == 0) {
            closeNow();
        }
    }

    /**
     * Closes on another thread. For a descriptor that a stranger sent: the last close of a FUSE file or of a lingering
     * socket can block for as long as the stranger likes.
     */
    public void closeAside() {
        Closer.INSTANCE.close(this);
    }

    private void closeNow() {
        int result = FileCalls.close(number);
        // EINTR and EIO come after Linux has released the number; only EBADF means that somebody else closed it.
        if (Errno.EBADF.is(result)) {
            throw LinuxException.of("close(fd=" + number + ")", result, "something else closed this descriptor");
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("fd=" + number + " is closed");
    }

    @Override
    public String toString() {
        return "fd=" + number + (isOpen() ? "" : " (closed)");
    }
}
