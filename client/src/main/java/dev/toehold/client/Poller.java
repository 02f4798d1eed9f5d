package dev.toehold.client;

import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.WakeSocket;
import java.time.Duration;
import java.util.List;

/**
 * Sleeps until the engine has something to say, then lets the session poll. One platform daemon thread per session runs it,
 * or, in a polled session, whoever calls.
 */
final class Poller implements AutoCloseable, Runnable {
    private static final int ENGINE = 1;
    private static final int OWN = 2;
    private static final int CONTROL = 3;
    private static final long RETRY_NS = Duration.ofMillis(1).toNanos();
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

    private final Session session;
    private ControlChannel control;
    private WakeSocket engineWake;
    private final EventFd ownWake;
    private final Epoll epoll = Epoll.create(3);
    private boolean controlGone;
    private volatile Thread thread;
    private volatile boolean stopped;

    Poller(Session session, ControlChannel control, WakeSocket engineWake, EventFd ownWake) {
        this.session = session;
        this.control = control;
        this.engineWake = engineWake;
        this.ownWake = ownWake;
        epoll.add(engineWake.fd(), Epoll.IN, ENGINE);
        epoll.add(ownWake.fd(), Epoll.IN, OWN);
        epoll.add(control.fd(), Epoll.IN, CONTROL);
    }

    /** The next engine's sockets take the place of the dead one's. On the thread that polls. */
    void use(ControlChannel newControl, WakeSocket newWake) {
        if (!controlGone) {
            forgetEngine();
        }
        control = newControl;
        engineWake = newWake;
        epoll.add(engineWake.fd(), Epoll.IN, ENGINE);
        epoll.add(control.fd(), Epoll.IN, CONTROL);
        controlGone = false;
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    void start(String name) {
        thread = Thread.ofPlatform().daemon().name(name).start(this);
    }

    boolean isRunning() {
        return thread != null;
    }

    @Override
    public void run() {
        while (!stopped) {
            try {
                if (session.pollOnce() == 0) {
                    waitAndPoll(Epoll.FOREVER);
                }
            } catch (RuntimeException e) {
                if (!stopped) {
                    Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
                }
            }
        }
    }

    /**
     * Announces sleep, looks once more, waits, then polls.
     *
     * @param timeoutNs or {@link Epoll#FOREVER}
     * @return how much there was to do
     */
    int waitAndPoll(long timeoutNs) {
        boolean quiet = true;
        boolean retry = false;
        List<Lane> lanes = session.lanes();
        for (int i = 0; i < lanes.size(); i++) { // no iterator: polling allocates nothing
            Lane lane = lanes.get(i);
            quiet &= lane.armWakeup();
            retry |= lane.needsPolling();
        }
        long waitNs = !quiet || stopped ? 0 : retry ? atMost(timeoutNs, RETRY_NS) : timeoutNs;
        long attemptNs = session.nextAttemptNs();
        if (attemptNs != Long.MAX_VALUE) {
            waitNs = atMost(waitNs, Math.max(0, attemptNs - System.nanoTime()));
        }
        int events = epoll.await(waitNs);
        for (int i = 0; i < lanes.size(); i++) {
            lanes.get(i).disarmWakeup();
        }
        int work = stopped ? 0 : session.pollOnce();
        for (int i = 0; i < events; i++) {
            work += onEvent(epoll.data(i));
        }
        return work;
    }

    /** After the poll: nobody rings before the next announcement of sleep, and what was said is answered first. */
    private int onEvent(long source) {
        if (source == OWN) {
            ownWake.drain();
        } else if (controlGone) {
            return 0;
        } else if (source == ENGINE) {
            engineWake.drain();
        } else {
            return pollControl();
        }
        return 0;
    }

    private int pollControl() {
        int count = control.poll();
        if (count < 0 && !stopped) {
            forgetEngine();
            session.onHangUp();
            return 1;
        }
        return Math.max(count, 0);
    }

    /** What a dead engine has left reads as readable for ever. */
    private void forgetEngine() {
        controlGone = true;
        epoll.remove(control.fd());
        epoll.remove(engineWake.fd());
    }

    private static long atMost(long timeoutNs, long limitNs) {
        return timeoutNs == Epoll.FOREVER ? limitNs : Math.min(timeoutNs, limitNs);
    }

    /** Ends the thread and waits for that, unless it is the caller. */
    void stop() {
        stopped = true;
        Thread running = thread;
        if (running != null && running != Thread.currentThread()) {
            ownWake.signal();
            boolean interrupted = false;
            long deadlineNs = System.nanoTime() + STOP_PATIENCE.toNanos();
            while (running.isAlive() && System.nanoTime() < deadlineNs) {
                try {
                    running.join(STOP_PATIENCE);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        epoll.close();
    }
}
