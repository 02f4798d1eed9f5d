package dev.toehold.stack;

import dev.toehold.ffi.linux.EventFd;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Wakes a sleeping lcore: an eventfd, and a flag that says whether a write to it is worth a system call (Dekker). The sleeper arms,
 * looks at everything once more, then sleeps; whoever gives it work publishes that work, then rings. A spurious wake-up is possible, a
 * lost one is not.
 */
public final class Doorbell implements AutoCloseable {
    private static final VarHandle ASLEEP;

    static {
        try {
            ASLEEP = MethodHandles.lookup().findVarHandle(Doorbell.class, "asleep", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EventFd eventFd = EventFd.create();

    @SuppressWarnings("UnusedVariable") // accessed through ASLEEP
    private int asleep;

    /** The descriptor to wait for, edge-triggered because nobody reads it; it never leaves the engine. */
    public EventFd eventFd() {
        return eventFd;
    }

    /** Sleeper: before the last look at all sources of work. */
    public void arm() {
        ASLEEP.setVolatile(this, 1);
        VarHandle.fullFence();
    }

    /** Sleeper: after the sleep, or when there was work after all. What was rung stays in the eventfd: it is waited for edge by edge. */
    public void disarm() {
        ASLEEP.setVolatile(this, 0);
    }

    /** Anybody: after the work was published. */
    public void ring() {
        VarHandle.fullFence();
        if ((int) ASLEEP.getVolatile(this) != 0 && ASLEEP.compareAndSet(this, 1, 0)) {
            eventFd.signal();
        }
    }

    @Override
    public void close() {
        eventFd.close();
    }
}
