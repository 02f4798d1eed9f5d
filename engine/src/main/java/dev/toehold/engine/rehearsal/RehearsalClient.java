package dev.toehold.engine.rehearsal;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;

import dev.toehold.abi.Abi;
import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The client of a rehearsal, who speaks the contract with one lcore over memory of the process. Whatever it receives it sends on its
 * connection, from where it was placed: two of them joined by one connection play with what one has said first.
 */
final class RehearsalClient {
    static final int GROUP = 0;
    static final int REGION = 0;
    static final int BUFFER_SIZE = 2048;
    static final int BUFFER_COUNT = 64;
    static final int LISTENER_PORT = 7;

    private static final int ENTRIES = 256;
    private static final int BACKLOG = 16;

    /** More connections than a rehearsal has time for. */
    private static final int ACCEPT_CREDIT = 1 << 20;

    final MemorySegment queuePair;
    final MemorySegment region;
    private long sqTail;
    private long cqHead;
    private long bufTail;
    private long handle;
    private long receivedCount;

    RehearsalClient(Arena arena, int lcore) {
        queuePair = arena.allocate(QueuePairDescriptor.length(ENTRIES, ENTRIES, ENTRIES), 128);
        QueuePairDescriptor.initialise(queuePair, ENTRIES, ENTRIES, ENTRIES, lcore, 1);
        region = arena.allocate((long) BUFFER_SIZE * BUFFER_COUNT, 64);
    }

    static int entries() {
        return ENTRIES;
    }

    /** Pieces received so far. */
    long receivedCount() {
        return receivedCount;
    }

    boolean isConnected() {
        return handle != 0;
    }

    void lendAll() {
        for (int i = 0; i < BUFFER_COUNT; i++) {
            lend(i);
        }
    }

    void listen() {
        submit(Op.LISTEN, ACCEPT_CREDIT, 0, 0, BACKLOG, 0, LISTENER_PORT);
    }

    void connect(long addressHigh, long addressLow) {
        submit(Op.CONNECT, 0, 0, addressHigh, 0, addressLow, LISTENER_PORT);
    }

    /** Says the first words: so many bytes, whatever lies in a buffer that is not lent back for them. */
    void say(int length) {
        submit(Op.SEND, 0, handle, Abi.NEXT_POSITION, length, 0, 0);
    }

    void close() {
        if (handle != 0) {
            submit(Op.ABORT, 0, handle, 0, 0, 0, 0);
            handle = 0;
        }
    }

    /** Takes what the engine has completed, and answers. */
    void poll() {
        long tail = (long) LONG.getAcquire(queuePair, (long) QueuePairDescriptor.CQ_TAIL_OFFSET);
        while (cqHead != tail) {
            onCompletion(QueuePairDescriptor.cqOffset(ENTRIES) + (cqHead & ENTRIES - 1) * CompletionDescriptor.LENGTH);
            cqHead++;
        }
        LONG.setRelease(queuePair, (long) QueuePairDescriptor.CQ_HEAD_OFFSET, cqHead);
    }

    private void onCompletion(long at) {
        switch (queuePair.get(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.OP_OFFSET)) {
            case Op.ACCEPT, Op.CONNECT -> {
                if ((int) INT.get(queuePair, at + CompletionDescriptor.RESULT_OFFSET) >= 0) {
                    handle = (long) LONG.get(queuePair, at + CompletionDescriptor.HANDLE_OFFSET);
                }
            }
            case Op.PROVIDED -> onProvided(at);
            default -> {
                // Nothing else needs an answer.
            }
        }
    }

    private void onProvided(long at) {
        int flags = queuePair.get(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.FLAGS_OFFSET);
        int buffer = (int) INT.get(queuePair, at + CompletionDescriptor.BUFFER_OFFSET);
        int offset = (int) INT.get(queuePair, at + CompletionDescriptor.BUFFER_OFFSET_OFFSET);
        int length = (int) INT.get(queuePair, at + CompletionDescriptor.LENGTH_OFFSET);
        if (length > 0 && handle != 0) {
            receivedCount++;
            submit(Op.CONSUMED, 0, handle, 0, 0, 0, length);
            submit(Op.SEND, 0, handle, Abi.NEXT_POSITION, length, (long) buffer * BUFFER_SIZE + offset, 0);
        }
        if ((flags & (CompletionFlag.BUFFER | CompletionFlag.MORE)) == CompletionFlag.BUFFER) {
            // The SEND from it may not be acknowledged yet: what is sent is nobody's business here.
            lend(buffer);
        }
    }

    private void lend(int buffer) {
        long at = QueuePairDescriptor.bufOffset(ENTRIES, ENTRIES)
                + (bufTail & ENTRIES - 1) * BufferEntryDescriptor.LENGTH;
        LONG.set(queuePair, at, (buffer & 0xffff_ffffL) | (long) GROUP << 32);
        bufTail++;
        LONG.setRelease(queuePair, (long) QueuePairDescriptor.BUF_TAIL_OFFSET, bufTail);
    }

    private void submit(int op, int minLength, long of, long position, int length, long offset, long arg) {
        long at = QueuePairDescriptor.RINGS_OFFSET + (sqTail & ENTRIES - 1) * SubmissionDescriptor.LENGTH;
        queuePair.asSlice(at, SubmissionDescriptor.LENGTH).fill((byte) 0);
        queuePair.set(ValueLayout.JAVA_BYTE, at + SubmissionDescriptor.OP_OFFSET, (byte) op);
        INT.set(queuePair, at + SubmissionDescriptor.MIN_LENGTH_OFFSET, minLength);
        LONG.set(queuePair, at + SubmissionDescriptor.HANDLE_OFFSET, of);
        LONG.set(queuePair, at + SubmissionDescriptor.POSITION_OFFSET, position);
        INT.set(queuePair, at + SubmissionDescriptor.REGION_OFFSET, REGION);
        INT.set(queuePair, at + SubmissionDescriptor.LENGTH_OFFSET, length);
        LONG.set(queuePair, at + SubmissionDescriptor.OFFSET_OFFSET, offset);
        LONG.set(queuePair, at + SubmissionDescriptor.ARG_OFFSET, arg);
        sqTail++;
        LONG.setRelease(queuePair, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, sqTail);
    }
}
