package dev.toehold.client;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.EventFd;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A {@link QueuePairCore} that threads share: its lock, the lcore's doorbell, and the way to wait. Waiting parks (never a
 * monitor), so a virtual thread gives its carrier back. Who waits first polls by itself, so an answer that is there already
 * costs no switch of threads.
 *
 * <p>Lock order: one lane at a time; a listener's or the send pool's lock only inside, never outside.
 */
final class Lane {
    static final int POLL_LIMIT = 256;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition progress = lock.newCondition();
    private final Session session;
    private final QueuePairCore core;
    private EventFd doorbell;
    private ArrayDeque<Runnable> later = new ArrayDeque<>();
    private boolean isDraining;
    private boolean isBroken;
    private int roomWaiters;

    Lane(Session session, QueuePairCore core, EventFd doorbell) {
        this.session = session;
        this.core = core;
        this.doorbell = doorbell;
    }

    QueuePairCore core() {
        return core;
    }

    Session session() {
        return session;
    }

    Condition newCondition() {
        return lock.newCondition();
    }

    void lock() {
        lock.lock();
    }

    /** Tells users what happened meanwhile, rings the doorbell if the engine sleeps, then unlocks. */
    void unlock() {
        if (lock.getHoldCount() > 1) {
            lock.unlock();
            return;
        }
        ArrayDeque<Runnable> actions = null;
        try {
            settle();
            if (!later.isEmpty()) {
                actions = later;
                later = new ArrayDeque<>();
            }
        } finally {
            lock.unlock();
        }
        if (actions != null) {
            actions.forEach(Runnable::run);
        }
    }

    /** Runs an action once the lock is free: whatever may run code of the application at length. */
    void afterUnlock(Runnable action) {
        later.add(action);
    }

    /** Handles completions. The lock is held. */
    int poll() {
        if (isBroken) {
            return 0;
        }
        try {
            int count = core.poll(POLL_LIMIT);
            if (roomWaiters > 0) {
                progress.signalAll();
            }
            return count;
        } catch (EngineProtocolException e) {
            isBroken = true;
            session.failLater(e);
            return 0;
        }
    }

    /** Whether somebody waits for room in the submission ring, which nothing announces; completion slots announce themselves. */
    boolean needsPolling() {
        lock.lock();
        try {
            return (roomWaiters > 0 && core.isRingFull()) || core.hasDeferred();
        } finally {
            lock.unlock();
        }
    }

    /** Announces sleep. Returns false if completions are there. */
    boolean armWakeup() {
        lock.lock();
        try {
            return isBroken || core.isFinished() || core.queuePair().armWakeup();
        } catch (EngineProtocolException e) {
            isBroken = true;
            session.failLater(e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    void disarmWakeup() {
        lock.lock();
        try {
            if (!core.isFinished()) {
                core.queuePair().disarmWakeup();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The engine is gone: takes what it had published. Everything that is asked for from now on waits for {@link #attach}. */
    void detach() {
        lock();
        try {
            core.detach();
            drain();
        } finally {
            unlock();
        }
    }

    /**
     * Another engine is there.
     *
     * @param resumed what it said of each connection; one that is missing is lost
     * @param resumedListeners handles of listeners that stand
     */
    void attach(
            ClientQueuePair queuePair,
            EventFd newDoorbell,
            Map<ConnectionCore, ControlBody.Resumed> resumed,
            Set<Long> resumedListeners) {
        lock();
        try {
            doorbell = newDoorbell;
            core.attach(queuePair);
            core.resubmitOpens(resumedListeners);
            List<ConnectionCore> all = new ArrayList<>();
            core.forEachConnection(all::add);
            for (ConnectionCore connection : all) {
                ControlBody.Resumed answer = resumed.get(connection);
                if (answer == null) {
                    connection.finish(connection.isClosing() ? ResultCode.CLOSED : ResultCode.RESET);
                } else {
                    connection.onResumed(answer.rcvPosition(), answer.sndUna());
                }
            }
            queuePair.requestDoorbell();
            progress.signalAll();
            drain();
        } finally {
            unlock();
        }
    }

    /** Ends everything on this lane with the code. */
    void finish(int code) {
        lock();
        try {
            core.finish(code);
            progress.signalAll();
            drain();
        } finally {
            unlock();
        }
    }

    /** Whether the engine has taken everything that was submitted. */
    boolean isTaken() {
        lock.lock();
        try {
            return isBroken
                    || core.isFinished()
                    || (!core.hasDeferred() && core.queuePair().allTaken());
        } catch (EngineProtocolException e) {
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the condition is signalled, for no reason, or for the deadline; the caller holds the lock and looks again.
     *
     * @param deadlineNs of System.nanoTime, or 0 for none
     * @return false if the deadline has passed
     */
    @SuppressWarnings("WaitNotInLoop") // the callers loop: each looks at its own condition
    boolean await(Condition condition, long deadlineNs) throws InterruptedIOException {
        checkMayBlock();
        if (poll() > 0) {
            settleToWait();
            return true;
        }
        if (settleToWait()) {
            return true;
        }
        long remainingNs = deadlineNs == 0 ? Long.MAX_VALUE : deadlineNs - System.nanoTime();
        if (remainingNs <= 0) {
            return false;
        }
        try {
            if (session.isPolled()) {
                int holds = releaseFully();
                try {
                    session.pollBlocking(remainingNs);
                } finally {
                    lockAgain(holds);
                }
            } else if (deadlineNs == 0) {
                condition.await();
            } else {
                return condition.awaitNanos(remainingNs) > 0;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the engine");
        }
        return true;
    }

    /** Throws if this is a handler's call, before anything was submitted. The lock is held. */
    void checkMayBlock() {
        if (isDraining) {
            throw new IllegalStateException("a blocking call within a ConnectionHandler: use the offer methods there");
        }
    }

    /** Waits until the submission ring may have room. Returns false after the deadline (0 = none). */
    boolean awaitRoom(long deadlineNs) throws InterruptedIOException {
        roomWaiters++;
        try {
            session.wakePoller();
            return await(progress, deadlineNs);
        } finally {
            roomWaiters--;
        }
    }

    /** System.nanoTime after that time; 0 for 0, which means never. */
    static long deadlineNs(long timeoutNs) {
        if (timeoutNs == 0) {
            return 0;
        }
        long deadlineNs = System.nanoTime() + timeoutNs;
        return deadlineNs == 0 ? 1 : deadlineNs;
    }

    private int releaseFully() {
        int holds = lock.getHoldCount();
        for (int i = 0; i < holds; i++) {
            lock.unlock();
        }
        return holds;
    }

    private void lockAgain(int holds) {
        for (int i = 0; i < holds; i++) {
            lock.lock();
        }
    }

    private void settle() {
        if (!session.isPolled()) {
            drain();
        }
        if (core.takeDoorbell()) {
            doorbell.signal();
        }
    }

    /** Like {@link #settle}; returns true if anybody was told anything: that may have been the caller, who must look again. */
    private boolean settleToWait() {
        boolean wasTold = core.hasEvents();
        drain();
        if (core.takeDoorbell()) {
            doorbell.signal();
        }
        if (later.isEmpty()) {
            return wasTold;
        }
        ArrayDeque<Runnable> actions = later;
        later = new ArrayDeque<>();
        int holds = releaseFully();
        try {
            actions.forEach(Runnable::run);
        } finally {
            lockAgain(holds);
        }
        return true;
    }

    /** Tells users what happened. The lock is held. */
    void drain() {
        if (isDraining) {
            return;
        }
        isDraining = true;
        try {
            core.drainEvents();
        } finally {
            isDraining = false;
        }
    }
}
