package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CompletableFuture;

/** {@link Connection}'s ways to receive into a region. */
final class DirectReceive {
    private final Lane lane;
    private final ConnectionCore core;
    private final ConnectionWaits waits;
    private final Connection connection;

    DirectReceive(Connection connection, ConnectionWaits waits) {
        this.connection = connection;
        this.lane = connection.lane();
        this.core = connection.core();
        this.waits = waits;
    }

    int receive(Location location, int minLength) throws IOException {
        checkMinLength(location, minLength);
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            long deadlineNs = waits.readDeadlineNs();
            while (true) {
                int code = offerLocked(location, minLength, waiter, 0);
                if (code == ResultCode.OK) {
                    break;
                }
                waits.checkRetry(code, "receive on");
                if (!(code == ResultCode.LIMIT ? waits.awaitChange(deadlineNs) : lane.awaitRoom(deadlineNs))) {
                    throw waits.readTimedOut();
                }
            }
            awaitReceived(waiter, deadlineNs);
            if (waiter.result() < 0 && waiter.filled() == 0) {
                throw waits.terminated(waiter.result(), "receive on");
            }
            return waiter.filled() == 0 ? -1 : waiter.filled();
        } finally {
            lane.unlock();
        }
    }

    /** After a timeout or an interrupt FLUSH takes the memory back from the engine, whatever lies there by then. */
    private void awaitReceived(Waiter waiter, long deadlineNs) throws IOException {
        IOException givenUp = null;
        boolean wasInterrupted = false;
        while (!waiter.isDone()) {
            try {
                if (!waits.awaitChange(givenUp == null ? deadlineNs : 0)) {
                    givenUp = waits.readTimedOut();
                    flushFor(waiter);
                }
            } catch (InterruptedIOException e) {
                wasInterrupted |= Thread.interrupted();
                if (givenUp == null) {
                    givenUp = e;
                    flushFor(waiter);
                }
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (givenUp != null && waiter.result() == 0) {
            throw givenUp;
        }
    }

    private void flushFor(Waiter waiter) {
        boolean wasInterrupted = false;
        while (!waiter.isDone() && core.flush(new Waiter(), 0) == ResultCode.BACK_PRESSURED) {
            try {
                lane.awaitRoom(0);
            } catch (InterruptedIOException e) {
                wasInterrupted |= Thread.interrupted();
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    CompletableFuture<Integer> receiveAsync(Location location, int minLength) {
        checkMinLength(location, minLength);
        CompletableFuture<Integer> future = new CompletableFuture<>();
        lane.lock();
        try {
            waits.refuse(future, offerLocked(location, minLength, future, 0));
        } finally {
            lane.unlock();
        }
        return future;
    }

    int offer(Location location, int minLength, long token) {
        checkMinLength(location, minLength);
        lane.lock();
        try {
            return offerLocked(location, minLength, null, token);
        } finally {
            lane.unlock();
        }
    }

    private int offerLocked(Location location, int minLength, Object attachment, long token) {
        connection.checkMine(location);
        int submitted = minLength == location.length() ? 0 : minLength;
        return core.receive(location.region().id(), location.offset(), location.length(), submitted, attachment, token);
    }

    private static void checkMinLength(Location location, int minLength) {
        if (minLength < 1 || minLength > location.length()) {
            throw new IllegalArgumentException(
                    "minLength=" + minLength + ", allowed: 1 .. location.length()=" + location.length());
        }
    }
}
