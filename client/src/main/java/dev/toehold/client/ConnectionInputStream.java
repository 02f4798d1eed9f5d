package dev.toehold.client;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reads from provided buffers. The copy runs without the lane's lock, so readers of one lcore do not wait for each other's;
 * the piece that is copied is pinned meanwhile.
 */
final class ConnectionInputStream extends InputStream {
    private static final int END = -1;
    private static final int AGAIN = -2;

    private final Connection connection;
    private final ConnectionWaits waits;
    private final ReentrantLock readLock = new ReentrantLock();

    ConnectionInputStream(Connection connection, ConnectionWaits waits) {
        this.connection = connection;
        this.waits = waits;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int count = read(one, 0, 1);
        return count < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        return read(MemorySegment.ofArray(target).asSlice(offset, length));
    }

    int read(MemorySegment target) throws IOException {
        if (target.byteSize() == 0) {
            return 0;
        }
        readLock.lock();
        try {
            int total = 0;
            while (total < target.byteSize()) {
                int count = readPiece(target, total);
                if (count == END) {
                    return total == 0 ? -1 : total;
                }
                if (count == 0) {
                    break;
                }
                total += Math.max(count, 0);
            }
            return total;
        } finally {
            readLock.unlock();
        }
    }

    /**
     * Copies what one piece of the chain has; waits only if nothing was read before. Returns -1 at the end of the stream.
     * If a RECEIVE of another thread took the bytes meanwhile, they are its, and this looks for the next ones.
     */
    private int readPiece(MemorySegment target, int already) throws IOException {
        Lane lane = connection.lane();
        ConnectionCore core = connection.core();
        ProvidedBuffers buffers = lane.core().buffers();
        MemorySegment source;
        long at;
        int count;
        long position;
        lane.lock();
        try {
            if (core.received().chain().isEmpty()) {
                if (already > 0) {
                    return 0;
                }
                awaitBytes(core);
                if (core.received().chain().isEmpty()) {
                    return END;
                }
            }
            int key = core.received().chain().headKey();
            source = buffers.memory(key);
            at = buffers.offset(key) + core.received().chain().headOffset();
            count = (int) Math.min(core.received().chain().headLength(), target.byteSize() - already);
            position = core.received().consumedPosition();
            core.received().pin();
        } finally {
            lane.unlock();
        }
        boolean isCopied = false;
        try {
            MemorySegment.copy(source, at, target, already, count);
            isCopied = true;
        } finally {
            lane.lock();
            try {
                isCopied &= core.isClosing() || core.received().consumedPosition() == position;
                if (isCopied && !core.isClosing()) {
                    lane.core().queuePair().addCopiedBytes(count);
                    core.consumeHead(count);
                }
                core.received().unpin();
            } finally {
                lane.unlock();
            }
        }
        return isCopied ? count : AGAIN;
    }

    /** Waits for bytes, without taking them. Returns the length of the first piece, or -1 at the end of the stream. */
    int awaitPiece() throws IOException {
        Lane lane = connection.lane();
        ConnectionCore core = connection.core();
        lane.lock();
        try {
            if (core.received().chain().isEmpty()) {
                awaitBytes(core);
            }
            return core.received().chain().isEmpty()
                    ? END
                    : core.received().chain().headLength();
        } finally {
            lane.unlock();
        }
    }

    private void awaitBytes(ConnectionCore core) throws IOException {
        long deadlineNs = waits.readDeadlineNs();
        while (!core.isReadable()) {
            if (!waits.awaitChange(deadlineNs)) {
                throw waits.readTimedOut();
            }
        }
        if (core.received().chain().isEmpty() && !core.received().isEndOfStream()) {
            int code = core.isClosing() ? ResultCode.CLOSED : core.terminatedCode();
            throw waits.terminated(code, "read on");
        }
    }

    @Override
    public int available() {
        return (int) Math.min(connection.available(), Integer.MAX_VALUE);
    }

    @Override
    public void close() {
        connection.close();
    }
}
