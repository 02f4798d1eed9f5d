package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;

/** How callers wait for one connection, for how long, and what they are told when it is in vain. Guarded by the lane's lock. */
final class ConnectionWaits {
    private final Lane lane;
    private final Connection connection;
    private Condition changed;
    private long readTimeoutNs;
    private long writeTimeoutNs;

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
        long timeoutNs = check("readTimeout", timeout);
        lane.lock();
        try {
            readTimeoutNs = timeoutNs;
        } finally {
            lane.unlock();
        }
    }

    void writeTimeout(Duration timeout) {
        long timeoutNs = check("writeTimeout", timeout);
        lane.lock();
        try {
            writeTimeoutNs = timeoutNs;
        } finally {
            lane.unlock();
        }
    }

    private static long check(String key, Duration timeout) {
        if (timeout.isNegative()) {
            throw new IllegalArgumentException(key + "=" + timeout + ", allowed: 0 (wait for ever) or more");
        }
        return timeout.toNanos();
    }

    /** System.nanoTime at which a read that begins now times out; 0 = never. */
    long readDeadlineNs() {
        return Lane.deadlineNs(readTimeoutNs);
    }

    /** Likewise a write. */
    long writeDeadlineNs() {
        return Lane.deadlineNs(writeTimeoutNs);
    }

    SocketTimeoutException readTimedOut() {
        return new SocketTimeoutException(connection + ": nothing came within readTimeout="
                + Duration.ofNanos(readTimeoutNs) + "; the connection lives: read again, or close it");
    }

    /**
     * For whatever writing waited for.
     *
     * @param remedy what has become of the bytes, and what to do
     */
    SocketTimeoutException writeTimedOut(String what, String remedy) {
        return new SocketTimeoutException(connection + ": " + what + " within writeTimeout="
                + Duration.ofNanos(writeTimeoutNs) + "; the connection lives: " + remedy);
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
    void submit(Submission submission, String what, long deadlineNs) throws IOException {
        while (true) {
            int code = submission.offer();
            if (code == ResultCode.OK) {
                return;
            }
            checkRetry(code, what);
            awaitRoom(deadlineNs);
        }
    }

    /** Waits until the submission ring may have room. */
    void awaitRoom(long deadlineNs) throws IOException {
        if (!lane.awaitRoom(deadlineNs)) {
            throw writeTimedOut("the engine took no submission", "try again, or see whether the engine is stopped");
        }
    }

    /** Waits until it is done; throws what it failed of. */
    void await(Waiter waiter, String what, long deadlineNs) throws IOException {
        while (!waiter.isDone()) {
            if (!awaitChange(deadlineNs)) {
                throw writeTimedOut(what + " did not complete", "wait longer, or abort() it");
            }
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
