package dev.toehold.client;

import dev.toehold.abi.SubmissionFlag;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/** {@link Connection}'s ways to send from a region, and to push out or end what was sent. */
final class DirectSend {
    private final Lane lane;
    private final ConnectionCore core;
    private final ConnectionWaits waits;
    private final Connection connection;

    DirectSend(Connection connection, ConnectionWaits waits) {
        this.connection = connection;
        this.lane = connection.lane();
        this.core = connection.core();
        this.waits = waits;
    }

    void send(Location location) throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            long deadlineNs = waits.writeDeadlineNs();
            long position;
            for (position = offerLocked(location, 0, waiter, 0);
                    position < 0;
                    position = offerLocked(location, 0, waiter, 0)) {
                waits.checkRetry((int) position, "send on");
                waits.awaitRoom(deadlineNs);
            }
            awaitAcknowledged(waiter, position + location.length(), deadlineNs);
        } finally {
            lane.unlock();
        }
    }

    private void awaitAcknowledged(Waiter waiter, long end, long deadlineNs) throws IOException {
        while (!waiter.isDone()) {
            if (!waits.awaitChange(deadlineNs)) {
                throw waits.writeTimedOut(
                        "the peer did not acknowledge all",
                        "the bytes are still sent and their memory is the engine's until acknowledgedPosition=" + end
                                + "; wait for that, or abort() it");
            }
        }
        if (waiter.result() < 0) {
            throw waits.terminated(waiter.result(), "send on");
        }
    }

    CompletableFuture<Void> sendAsync(Location location) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        lane.lock();
        try {
            waits.refuse(future, (int) Math.min(offerLocked(location, 0, future, 0), 0));
        } finally {
            lane.unlock();
        }
        return future;
    }

    long offer(Location location, int flags, long token) {
        if ((flags & ~SubmissionFlag.MORE) != 0) {
            throw new IllegalArgumentException("flags=" + flags + ", allowed: 0 or SubmissionFlag.MORE");
        }
        lane.lock();
        try {
            return offerLocked(location, flags, null, token);
        } finally {
            lane.unlock();
        }
    }

    private long offerLocked(Location location, int flags, Object attachment, long token) {
        connection.checkMine(location);
        return core.send(location.region().id(), location.offset(), location.length(), flags, attachment, token);
    }

    void flush() throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            long deadlineNs = waits.writeDeadlineNs();
            waits.submit(() -> core.flush(waiter, 0), "flush", deadlineNs);
            waits.await(waiter, "flush", deadlineNs);
        } finally {
            lane.unlock();
        }
    }

    int offerFlush(long token) {
        lane.lock();
        try {
            return core.flush(null, token);
        } finally {
            lane.unlock();
        }
    }

    void shutdownOutput() throws IOException {
        lane.lock();
        try {
            waits.submit(() -> core.shutdownOutput(new Waiter(), 0), "shutdownOutput", waits.writeDeadlineNs());
        } finally {
            lane.unlock();
        }
    }

    int offerShutdownOutput(long token) {
        lane.lock();
        try {
            return core.shutdownOutput(null, token);
        } finally {
            lane.unlock();
        }
    }

    void setOption(int option, long value) throws IOException {
        Waiter waiter = new Waiter();
        lane.lock();
        try {
            lane.checkMayBlock();
            long deadlineNs = waits.writeDeadlineNs();
            waits.submit(() -> core.setOption(option, value, waiter, 0), "setOption", deadlineNs);
            waits.await(waiter, "setOption option=" + option + " value=" + value + " on", deadlineNs);
        } finally {
            lane.unlock();
        }
    }
}
