package dev.toehold.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What output streams write goes here until the peer has acknowledged it: one region in chunks, shared by the session's
 * connections. A connection has a chunk only while it has unacknowledged bytes. Empty pool: writers wait.
 */
final class SendPool {
    static final int CHUNK_BYTES = 16 << 10;
    private static final long POLLED_SLICE_NS = Duration.ofMillis(1).toNanos();

    private final Session session;
    private final Region region;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final int[] free;
    private int freeCount;
    private long wakeCount;

    /** SENDs and writers per chunk; a chunk belongs to one connection, whose lane's lock guards its cell. */
    private final int[] references;

    SendPool(Session session, Region region) {
        this.session = session;
        this.region = region;
        int count = (int) (region.sizeBytes() / CHUNK_BYTES);
        free = new int[count];
        references = new int[count];
        while (freeCount < count) {
            free[freeCount] = count - 1 - freeCount;
            freeCount++;
        }
    }

    /** Most bytes of one connection: a few that are stuck leave something for the others. */
    long maxBytesPerConnection() {
        return Math.max(region.sizeBytes() / 4, 2L * CHUNK_BYTES);
    }

    Region region() {
        return region;
    }

    MemorySegment memory() {
        return region.memory();
    }

    static long offset(int chunk) {
        return (long) chunk * CHUNK_BYTES;
    }

    int freeCount() {
        lock.lock();
        try {
            return freeCount;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a chunk, waiting for one; no lane may be locked.
     *
     * @param deadlineNs of System.nanoTime, or 0 for none
     */
    int take(ConnectionOutputStream writer, long deadlineNs) throws IOException {
        while (true) {
            long seen;
            lock.lock();
            try {
                if (freeCount > 0) {
                    return free[--freeCount];
                }
                seen = wakeCount;
            } finally {
                lock.unlock();
            }
            writer.checkWritable();
            if (deadlineNs != 0 && System.nanoTime() - deadlineNs >= 0) {
                throw writer.timedOut();
            }
            if (session.isPolled()) {
                session.pollBlocking(POLLED_SLICE_NS);
            } else {
                awaitFree(seen, deadlineNs);
            }
        }
    }

    private void awaitFree(long seen, long deadlineNs) throws InterruptedIOException {
        lock.lock();
        try {
            while (freeCount == 0 && wakeCount == seen) {
                if (deadlineNs == 0) {
                    changed.await();
                } else if (changed.awaitNanos(deadlineNs - System.nanoTime()) <= 0) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for send memory");
        } finally {
            lock.unlock();
        }
    }

    /** Some connection ended: whoever waits on its behalf must look again. */
    void wakeAll() {
        lock.lock();
        try {
            wakeCount++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void reference(int chunk) {
        references[chunk]++;
    }

    /** Returns true if that was the last reference: the chunk is free again. */
    boolean dereference(int chunk) {
        if (--references[chunk] > 0) {
            return false;
        }
        lock.lock();
        try {
            free[freeCount++] = chunk;
            changed.signal();
        } finally {
            lock.unlock();
        }
        return true;
    }
}
