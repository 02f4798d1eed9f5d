package dev.toehold.session;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.SHORT;

import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The client's end of a queue pair, as plain as the contract has it; it may also write what the contract forbids. */
public final class FakeClient {
    final MemorySegment memory;
    final int sqEntries;
    final int cqEntries;
    final int bufEntries;
    long sqTail;
    long cqHead;
    long bufTail;

    public FakeClient(Arena arena, int sqEntries, int cqEntries, int bufEntries) {
        this.sqEntries = sqEntries;
        this.cqEntries = cqEntries;
        this.bufEntries = bufEntries;
        memory = arena.allocate(QueuePairDescriptor.length(sqEntries, cqEntries, bufEntries), 128);
        QueuePairDescriptor.initialise(memory, sqEntries, cqEntries, bufEntries, FakeTcp.LCORE, 1);
    }

    public EngineQueuePair engineSide() {
        return new EngineQueuePair(memory, sqEntries, cqEntries, bufEntries);
    }

    /** A completion as the client reads it. */
    public record Completion(
            long userData,
            long handle,
            long position,
            int result,
            int flags,
            int op,
            int buffer,
            int bufferOffset,
            int length,
            int more,
            long arg0,
            long arg1) {
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    boolean hasSubmissionRoom() {
        return sqTail - sqHead() < sqEntries;
    }

    long sqHead() {
        return (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET);
    }

    long bufHead() {
        return (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.BUF_HEAD_OFFSET);
    }

    /** Writes one submission and publishes it. */
    void submit(
            int op,
            int flags,
            int group,
            int minLength,
            long handle,
            long userData,
            long position,
            int region,
            int length,
            long offset,
            long arg,
            long zero) {
        long at = QueuePairDescriptor.RINGS_OFFSET + (sqTail & sqEntries - 1) * SubmissionDescriptor.LENGTH;
        memory.set(ValueLayout.JAVA_BYTE, at + SubmissionDescriptor.OP_OFFSET, (byte) op);
        memory.set(ValueLayout.JAVA_BYTE, at + SubmissionDescriptor.FLAGS_OFFSET, (byte) flags);
        SHORT.set(memory, at + SubmissionDescriptor.GROUP_OFFSET, (short) group);
        INT.set(memory, at + SubmissionDescriptor.MIN_LENGTH_OFFSET, minLength);
        LONG.set(memory, at + SubmissionDescriptor.HANDLE_OFFSET, handle);
        LONG.set(memory, at + SubmissionDescriptor.USER_DATA_OFFSET, userData);
        LONG.set(memory, at + SubmissionDescriptor.POSITION_OFFSET, position);
        INT.set(memory, at + SubmissionDescriptor.REGION_OFFSET, region);
        INT.set(memory, at + SubmissionDescriptor.LENGTH_OFFSET, length);
        LONG.set(memory, at + SubmissionDescriptor.OFFSET_OFFSET, offset);
        LONG.set(memory, at + SubmissionDescriptor.ARG_OFFSET, arg);
        LONG.set(memory, at + SubmissionDescriptor.ZERO_OFFSET, zero);
        sqTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, sqTail);
    }

    void submit(int op, long handle, long userData, long arg) {
        submit(op, 0, 0, 0, handle, userData, 0, 0, 0, 0, arg, 0);
    }

    public void receive(long handle, long userData, long position, int region, long offset, int length, int minLength) {
        submit(Op.RECEIVE, 0, 0, minLength, handle, userData, position, region, length, offset, 0, 0);
    }

    void send(long handle, long userData, long position, int region, long offset, int length, int flags) {
        submit(Op.SEND, flags, 0, 0, handle, userData, position, region, length, offset, 0, 0);
    }

    public void listen(long userData, int port, int backlog, int credit) {
        submit(Op.LISTEN, 0, 0, credit, 0, userData, 0, 0, backlog, 0, port, 0);
    }

    boolean hasBufferRoom() {
        return bufTail - bufHead() < bufEntries;
    }

    void lend(int group, int buffer) {
        long at = QueuePairDescriptor.bufOffset(sqEntries, cqEntries)
                + (bufTail & bufEntries - 1) * BufferEntryDescriptor.LENGTH;
        LONG.set(memory, at, (buffer & 0xffff_ffffL) | (long) group << 32);
        bufTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.BUF_TAIL_OFFSET, bufTail);
    }

    /** The next completion, or null; takes it. */
    public Completion poll() {
        if ((long) LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET) == cqHead) {
            return null;
        }
        long at = QueuePairDescriptor.cqOffset(sqEntries) + (cqHead & cqEntries - 1) * CompletionDescriptor.LENGTH;
        int resultWord = (int) INT.get(memory, at + CompletionDescriptor.RESULT_OFFSET);
        Completion completion = new Completion(
                (long) LONG.get(memory, at + CompletionDescriptor.USER_DATA_OFFSET),
                (long) LONG.get(memory, at + CompletionDescriptor.HANDLE_OFFSET),
                (long) LONG.get(memory, at + CompletionDescriptor.POSITION_OFFSET),
                resultWord,
                Short.toUnsignedInt((short) SHORT.get(memory, at + CompletionDescriptor.FLAGS_OFFSET)),
                Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.OP_OFFSET)),
                (int) INT.get(memory, at + CompletionDescriptor.BUFFER_OFFSET),
                (int) INT.get(memory, at + CompletionDescriptor.BUFFER_OFFSET_OFFSET),
                (int) INT.get(memory, at + CompletionDescriptor.LENGTH_OFFSET),
                (int) INT.get(memory, at + CompletionDescriptor.MORE_OFFSET),
                (long) LONG.get(memory, at + CompletionDescriptor.ARG0_OFFSET),
                (long) LONG.get(memory, at + CompletionDescriptor.ARG1_OFFSET));
        cqHead++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_HEAD_OFFSET, cqHead);
        return completion;
    }
}
