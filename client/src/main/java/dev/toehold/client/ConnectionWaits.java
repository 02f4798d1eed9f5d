package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;

/** How callers wait for one connection, for how long, and what they are told when it is in vain. Guarded by the lane's lock. */
final class ConnectionWaits {
    private final Lane lane;
    private final Connection connection;
    private Condition changed;
    private long readTimeoutNs;

    ConnectionWaits(Lane lane, Connection connection) {
        this.lane = lane;
        this.connection = connection;
    }

    /** Something happened: whoever waits looks again. */
    void signal() {
        if (changed != null) {
            changed.signalAll();
        }
    }

    /** Waits for anything to happen on this connection. Returns false after the deadline (0 = none). */
    boolean awaitChange(long deadlineNs) throws InterruptedIOException {
        if (changed == null) {
            changed = lane.newCondition();
        }
        return lane.await(changed, deadlineNs);
    }

    void readTimeout(Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("timeout=" + timeout + ", allowed: 0 or more");
        }
        lane.lock();
        try {
            readTimeoutNs = timeout.toNanos();
        } finally {
            lane.unlock();
        }
    }

    /** System.nanoTime at which a read that begins now times out; 0 = never. */
    long readDeadlineNs() {
        if (readTimeoutNs == 0) {
            return 0;
        }
        long deadlineNs = System.nanoTime() + readTimeoutNs;
        return deadlineNs == 0 ? 1 : deadlineNs;
    }

    ToeholdException terminated(int code, String what) {
        return ToeholdException.terminated(code, what + " " + connection);
    }

    /** Throws unless the code says that waiting helps. */
    void checkRetry(int code, String what) throws IOException {
        if (code != ResultCode.BACK_PRESSURED && code != ResultCode.LIMIT) {
            throw terminated(code, what);
        }
    }

    /** Offers until it is taken. */
    void submit(Submission submission, String what) throws IOException {
        while (true) {
            int code = submission.offer();
            if (code == ResultCode.OK) {
                return;
            }
            checkRetry(code, what);
            lane.awaitRoom();
        }
    }

    /** Waits until it is done; throws what it failed of. */
    void await(Waiter waiter, String what) throws IOException {
        while (!waiter.isDone()) {
            awaitChange(0);
        }
        if (waiter.result() < 0) {
            throw terminated(waiter.result(), what);
        }
    }

    /** Completes the future exceptionally if the code is negative. */
    void refuse(CompletableFuture<?> future, int code) {
        if (code < 0) {
            ToeholdException reason = terminated(code, "on");
            lane.afterUnlock(() -> future.completeExceptionally(reason));
        }
    }

    /** One attempt; OK or a code. */
    interface Submission {
        int offer();
    }
}
