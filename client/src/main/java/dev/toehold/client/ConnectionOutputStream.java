package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionFlag;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Copies into chunks of the {@link SendPool} and sends from there. Small writes share a chunk; when everything in it is
 * acknowledged it goes back, so an idle connection has none.
 */
final class ConnectionOutputStream extends OutputStream {
    private static final int NONE = -1;

    private final Connection connection;
    private final ConnectionWaits waits;
    private final ReentrantLock writeLock = new ReentrantLock();

    /** Guarded by the lane's lock, like the pool's reference counts of this connection's chunks. */
    private SendPool pool;

    private int chunk = NONE;
    private int used;

    ConnectionOutputStream(Connection connection, ConnectionWaits waits) {
        this.connection = connection;
        this.waits = waits;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, source.length);
        MemorySegment bytes = MemorySegment.ofArray(source);
        writeLock.lock();
        try {
            int done = 0;
            try {
                long deadlineNs = deadlineNs();
                while (done < length) {
                    done += writePiece(bytes, offset + done, length - done, deadlineNs);
                }
            } catch (InterruptedIOException e) { // of a timeout too
                e.bytesTransferred = done;
                throw e;
            }
        } finally {
            writeLock.unlock();
        }
    }

    private long deadlineNs() {
        Lane lane = connection.lane();
        lane.lock();
        try {
            return waits.writeDeadlineNs();
        } finally {
            lane.unlock();
        }
    }

    private int writePiece(MemorySegment source, long offset, int length, long deadlineNs) throws IOException {
        int at = takeSpace(deadlineNs);
        int from = used;
        int count = Math.min(length, SendPool.CHUNK_BYTES - from);
        boolean submitted = false;
        try {
            long target = SendPool.offset(at) + from;
            copy(source, offset, target, count);
            submit(target, count, count < length ? SubmissionFlag.MORE : 0, at, deadlineNs);
            submitted = true;
        } finally {
            Lane lane = connection.lane();
            lane.lock();
            try {
                used = submitted ? from + count : used;
                dereference(at); // the writer's own
            } finally {
                lane.unlock();
            }
        }
        return count;
    }

    private void copy(MemorySegment source, long offset, long target, int count) throws IOException {
        try {
            MemorySegment.copy(source, offset, pool.memory(), target, count);
        } catch (IllegalStateException e) {
            throw new ToeholdException(ResultCode.CLOSED, connection + ": its Toehold was closed", e);
        }
    }

    /** A chunk with room, referred to by the writer until it has submitted. */
    private int takeSpace(long deadlineNs) throws IOException {
        Lane lane = connection.lane();
        SendPool shared = lane.session().sendPool();
        lane.lock();
        try {
            checkWritable();
            pool = shared;
            ConnectionCore core = connection.core();
            while (core.submittedPosition() - core.acknowledgedPosition() >= pool.maxBytesPerConnection()) {
                if (!waits.awaitChange(deadlineNs)) {
                    throw timedOut();
                }
                checkWritable();
            }
            if (chunk != NONE && used < SendPool.CHUNK_BYTES) {
                pool.reference(chunk);
                return chunk;
            }
        } finally {
            lane.unlock();
        }
        int taken = pool.take(this, deadlineNs);
        lane.lock();
        try {
            chunk = taken;
            used = 0;
            pool.reference(taken);
            return taken;
        } finally {
            lane.unlock();
        }
    }

    /** Throws if nothing can be written any more. */
    void checkWritable() throws IOException {
        Lane lane = connection.lane();
        ConnectionCore core = connection.core();
        lane.lock();
        try {
            if (core.terminatedCode() != 0) {
                throw waits.terminated(core.terminatedCode(), "write on");
            }
            if (core.isClosing()) {
                throw waits.terminated(ResultCode.CLOSED, "write on");
            }
        } finally {
            lane.unlock();
        }
    }

    /** The peer, or the peers of all connections together, acknowledge too slowly. */
    SocketTimeoutException timedOut() {
        return waits.writeTimedOut(
                "too many bytes wait for acknowledgement",
                "write what is left behind bytesTransferred, give the builder more sendBufferBytes, or abort() it");
    }

    private void submit(long offset, int length, int flags, int at, long deadlineNs) throws IOException {
        Lane lane = connection.lane();
        lane.lock();
        try {
            while (true) {
                long position = connection.core().send(pool.region().id(), offset, length, flags, this, at);
                if (position >= 0) {
                    pool.reference(at);
                    lane.core().queuePair().addCopiedBytes(length);
                    return;
                }
                waits.checkRetry((int) position, "write on");
                waits.awaitRoom(deadlineNs);
            }
        } finally {
            lane.unlock();
        }
    }

    /** Nothing more can be written: writers that wait for memory look again. The lane is locked. */
    void onEnd() {
        if (pool != null) {
            pool.wakeAll();
        }
    }

    /** A SEND from that chunk is done, one way or the other. The lane is locked. */
    void onAcknowledged(int at) {
        dereference(at);
    }

    private void dereference(int at) {
        if (pool.dereference(at) && chunk == at) {
            chunk = NONE;
        }
    }

    /** Everything was submitted by {@link #write} already. */
    @Override
    public void flush() {}

    @Override
    public void close() {
        connection.close();
    }
}
