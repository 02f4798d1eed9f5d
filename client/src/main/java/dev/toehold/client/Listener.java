package dev.toehold.client;

import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes connections that peers open to a local address and TCP port, on all lcores of the engine. Any thread may accept, any
 * number at a time. At most backlog connections per lcore wait to be accepted; then the engine admits no more.
 */
public final class Listener implements AutoCloseable {
    private static final long RETRY_NS = Duration.ofMillis(1).toNanos();

    private final Session session;
    private final InetSocketAddress localAddress;
    private final int backlog;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Connection> waiting = new ArrayDeque<>();
    private final List<Part> parts = new ArrayList<>();
    private int failedCode;
    private boolean isClosed;

    Listener(Session session, InetSocketAddress localAddress, int backlog) {
        this.session = session;
        this.localAddress = localAddress;
        this.backlog = backlog;
    }

    /** The listener on one lcore. State changes under the lane's lock; what {@link Listener} reads is under its own too. */
    private final class Part implements QueuePairCore.ListenSink {
        private final Lane lane;
        private long handle;
        private int owedCredit;
        private boolean isListening;
        private boolean hasEnded;

        private Part(Lane lane) {
            this.lane = lane;
        }

        @Override
        public void onListening(long listenerHandle) {
            lock.lock();
            try {
                handle = listenerHandle;
                isListening = true;
                changed.signalAll();
                if (isClosed) {
                    end();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onAccepted(
                ConnectionCore core, long remoteHigh, long remoteLow, int remotePort, int localPort, int addressIndex) {
            Connection connection = new Connection(
                    lane,
                    core,
                    new InetSocketAddress(Endpoints.address(remoteHigh, remoteLow), remotePort),
                    new InetSocketAddress(session.localAddress(addressIndex), localPort));
            lock.lock();
            try {
                if (isClosed) {
                    core.close(true);
                } else {
                    waiting.add(connection);
                    changed.signal();
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onEnded(int code) {
            lock.lock();
            try {
                hasEnded = true;
                if (code < 0 && failedCode == 0) {
                    failedCode = code;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean isWanted() {
            lock.lock();
            try {
                return !isClosed && !hasEnded;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void onResumed() {
            int credit = backlog;
            lock.lock();
            try {
                for (Connection each : waiting) {
                    credit -= each.lane() == lane ? 1 : 0;
                }
            } finally {
                lock.unlock();
            }
            owedCredit = 0;
            if (credit > 0
                    && lane.core().submitForListener(Op.SET_OPTION, handle, Option.ACCEPT_CREDIT, credit)
                            != ResultCode.OK) {
                owedCredit = credit;
            }
        }

        /** Asks the engine to end it. The lane is locked. */
        private void end() {
            if (isListening && !hasEnded && submitEnd() == ResultCode.BACK_PRESSURED) {
                lane.afterUnlock(this::retryEnd);
            }
        }

        private int submitEnd() {
            return lane.core().submitForListener(Op.CLOSE, handle, 0, 0);
        }

        private void retryEnd() {
            int code;
            do {
                lane.lock();
                try {
                    lane.poll();
                    code = submitEnd();
                } finally {
                    lane.unlock();
                }
                LockSupport.parkNanos(RETRY_NS);
            } while (code == ResultCode.BACK_PRESSURED);
        }

        /** A connection was taken: gives its credit back, several at once. The lane is locked. */
        private void grant() {
            owedCredit++;
            if (owedCredit * 4 < backlog || hasEnded) {
                return;
            }
            if (lane.core().submitForListener(Op.SET_OPTION, handle, Option.ACCEPT_CREDIT, owedCredit)
                    == ResultCode.OK) {
                owedCredit = 0;
            }
        }
    }

    /** Submits LISTEN everywhere and waits until it stands everywhere. */
    void start() throws IOException {
        session.lanes().forEach(lane -> parts.add(new Part(lane)));
        long deadlineNs = Lane.deadlineNs(session.patience().toNanos());
        boolean stands = false;
        try {
            for (Part part : parts) {
                submit(part, deadlineNs);
            }
            for (Part part : parts) {
                awaitListening(part, deadlineNs);
            }
            stands = true;
        } finally {
            if (!stands) {
                close();
            }
        }
    }

    private SocketTimeoutException engineSilent() {
        return new SocketTimeoutException("listen on " + localAddress + ": the engine gave no answer within patience="
                + session.patience() + "; is it stopped? `toehold status` tells");
    }

    private void submit(Part part, long deadlineNs) throws IOException {
        long high = Endpoints.high(localAddress.getAddress());
        long low = Endpoints.low(localAddress.getAddress());
        part.lane.lock();
        try {
            while (true) {
                int code = part.lane.core().listen(high, low, localAddress.getPort(), backlog, backlog, part);
                if (code == ResultCode.OK) {
                    return;
                }
                if (code != ResultCode.BACK_PRESSURED) {
                    throw ToeholdException.of(code, "listen on " + localAddress);
                }
                if (!part.lane.awaitRoom(deadlineNs)) {
                    throw engineSilent();
                }
            }
        } finally {
            part.lane.unlock();
        }
    }

    private void awaitListening(Part part, long deadlineNs) throws IOException {
        lock.lock();
        try {
            while (!part.isListening) {
                if (failedCode != 0) {
                    throw ToeholdException.of(failedCode, "listen on " + localAddress);
                }
                if (part.hasEnded) {
                    throw ToeholdException.of(ResultCode.CLOSED, "listen on " + localAddress);
                }
                if (!await(deadlineNs)) {
                    throw engineSilent();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    public InetSocketAddress localAddress() {
        return localAddress;
    }

    /** Waits for a connection. */
    public Connection accept() throws IOException {
        return acceptUntil(0);
    }

    /**
     * Waits for a connection at most that long.
     *
     * @throws SocketTimeoutException if none came
     */
    public Connection accept(Duration timeout) throws IOException {
        return acceptUntil(System.nanoTime() + Math.max(timeout.toNanos(), 1));
    }

    private Connection acceptUntil(long deadlineNs) throws IOException {
        Connection connection;
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                checkOpen();
                if (!await(deadlineNs)) {
                    throw new SocketTimeoutException(
                            "no connection came to " + localAddress + " within the timeout; accept again, or close it");
                }
            }
            connection = waiting.remove();
        } finally {
            lock.unlock();
        }
        grant(connection);
        return connection;
    }

    /** A connection that waits, or null. Never waits itself. */
    public Connection tryAccept() throws IOException {
        Connection connection;
        lock.lock();
        try {
            connection = waiting.poll();
            if (connection == null) {
                checkOpen();
                return null;
            }
        } finally {
            lock.unlock();
        }
        grant(connection);
        return connection;
    }

    private void grant(Connection connection) {
        Lane lane = connection.lane();
        lane.lock();
        try {
            for (Part part : parts) {
                if (part.lane == lane) {
                    part.grant();
                }
            }
        } finally {
            lane.unlock();
        }
    }

    private void checkOpen() throws IOException {
        if (isClosed) {
            throw ToeholdException.terminated(ResultCode.CLOSED, "accept on " + localAddress);
        }
        if (failedCode != 0) {
            throw ToeholdException.terminated(failedCode, "accept on " + localAddress);
        }
    }

    /** Waits for a change, with the lock held. Returns false after the deadline (0 = none). */
    @SuppressWarnings("WaitNotInLoop") // the callers loop: each looks at its own condition
    private boolean await(long deadlineNs) throws InterruptedIOException {
        long remainingNs = deadlineNs == 0 ? Long.MAX_VALUE : deadlineNs - System.nanoTime();
        if (remainingNs <= 0) {
            return false;
        }
        if (session.isPolled()) {
            lock.unlock();
            try {
                session.pollBlocking(remainingNs);
            } finally {
                lock.lock();
            }
            return true;
        }
        try {
            return changed.await(remainingNs, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting on " + localAddress);
        }
    }

    /** Takes no more connections; those that wait unaccepted are reset, accepted ones live on. */
    @Override
    public void close() {
        List<Connection> unaccepted;
        lock.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
            unaccepted = List.copyOf(waiting);
            waiting.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        for (Part part : parts) {
            part.lane.lock();
            try {
                part.end();
            } finally {
                part.lane.unlock();
            }
        }
        unaccepted.forEach(Connection::abort);
    }

    @Override
    public String toString() {
        return "listener on " + localAddress;
    }
}
