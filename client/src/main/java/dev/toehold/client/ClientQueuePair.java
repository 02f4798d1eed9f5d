package dev.toehold.client;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.SHORT;

import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The client's side of a queue pair: writes submissions and buffer entries, reads completions, and both halves of the
 * wake-up protocol. Allocates nothing after construction; one thread at a time.
 *
 * <p>What the client writes is kept here and never read back. What the engine writes is read once, checked, then used.
 */
final class ClientQueuePair {
    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

    private final MemorySegment memory;
    private final int lcore;
    private final long epoch;
    private final int sqEntries;
    private final int cqEntries;
    private final int bufEntries;
    private final long sqOffset;
    private final long cqOffset;
    private final long bufOffset;

    private long sqTail;
    private long sqHeadSeen;
    private long cqHead;
    private long cqTailSeen;
    private long bufTail;
    private long bufHeadSeen;
    private long copiedBytes;
    private boolean doorbellDue;
    private boolean isDetached;

    /**
     * Takes a queue pair that the engine has just made.
     *
     * @throws IllegalStateException if its header does not fit
     */
    ClientQueuePair(MemorySegment memory) {
        QueuePairDescriptor.check(memory);
        this.memory = memory;
        sqEntries = (int) INT.get(memory, (long) QueuePairDescriptor.SQ_ENTRIES_OFFSET);
        cqEntries = (int) INT.get(memory, (long) QueuePairDescriptor.CQ_ENTRIES_OFFSET);
        bufEntries = (int) INT.get(memory, (long) QueuePairDescriptor.BUF_ENTRIES_OFFSET);
        lcore = (int) INT.get(memory, (long) QueuePairDescriptor.LCORE_OFFSET);
        epoch = (long) LONG.get(memory, (long) QueuePairDescriptor.EPOCH_OFFSET);
        sqOffset = QueuePairDescriptor.RINGS_OFFSET;
        cqOffset = QueuePairDescriptor.cqOffset(sqEntries);
        bufOffset = QueuePairDescriptor.bufOffset(sqEntries, cqEntries);
    }

    /** The engine is gone: nothing can be submitted, lent or heard any more, and there is room for nothing. */
    void detach() {
        isDetached = true;
    }

    int lcore() {
        return lcore;
    }

    long epoch() {
        return epoch;
    }

    int sqEntries() {
        return sqEntries;
    }

    int cqEntries() {
        return cqEntries;
    }

    int bufEntries() {
        return bufEntries;
    }

    /**
     * Submits one operation; fields as in {@link SubmissionDescriptor}.
     *
     * @return OK or BACK_PRESSURED
     */
    int offer(
            int op,
            int flags,
            int minLength,
            long handle,
            long userData,
            long position,
            int region,
            int length,
            long offset,
            long arg) {
        if (isDetached || (sqTail - sqHeadSeen >= sqEntries && sqRoom() == 0)) {
            return ResultCode.BACK_PRESSURED;
        }
        long at = sqOffset + (sqTail & (sqEntries - 1)) * SubmissionDescriptor.LENGTH;
        BYTE.set(memory, at + SubmissionDescriptor.OP_OFFSET, (byte) op);
        BYTE.set(memory, at + SubmissionDescriptor.FLAGS_OFFSET, (byte) flags);
        SHORT.set(memory, at + SubmissionDescriptor.GROUP_OFFSET, (short) 0);
        INT.set(memory, at + SubmissionDescriptor.MIN_LENGTH_OFFSET, minLength);
        LONG.set(memory, at + SubmissionDescriptor.HANDLE_OFFSET, handle);
        LONG.set(memory, at + SubmissionDescriptor.USER_DATA_OFFSET, userData);
        LONG.set(memory, at + SubmissionDescriptor.POSITION_OFFSET, position);
        INT.set(memory, at + SubmissionDescriptor.REGION_OFFSET, region);
        INT.set(memory, at + SubmissionDescriptor.LENGTH_OFFSET, length);
        LONG.set(memory, at + SubmissionDescriptor.OFFSET_OFFSET, offset);
        LONG.set(memory, at + SubmissionDescriptor.ARG_OFFSET, arg);
        LONG.set(memory, at + SubmissionDescriptor.ZERO_OFFSET, 0L);
        sqTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, sqTail);
        doorbellDue = true;
        return ResultCode.OK;
    }

    /** How many submissions {@link #offer} takes now. */
    int sqRoom() {
        if (isDetached) {
            return 0;
        }
        long head = (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET);
        if (head < sqHeadSeen || head > sqTail) {
            throw new EngineProtocolException("engine wrote sqHead=" + head + ", allowed: " + sqHeadSeen + " .. "
                    + sqTail + " (lcore=" + lcore + ")");
        }
        sqHeadSeen = head;
        return sqEntries - (int) (sqTail - head);
    }

    /** Whether the engine has taken every submission. */
    boolean allTaken() {
        return sqRoom() == sqEntries;
    }

    /**
     * Lends a provided buffer.
     *
     * @return false if the buffer ring is full
     */
    boolean lend(int group, int id) {
        if (isDetached || (bufTail - bufHeadSeen >= bufEntries && bufRoom() == 0)) {
            return false;
        }
        long at = bufOffset + (bufTail & (bufEntries - 1)) * BufferEntryDescriptor.LENGTH;
        INT.set(memory, at + BufferEntryDescriptor.ID_OFFSET, id);
        SHORT.set(memory, at + BufferEntryDescriptor.GROUP_OFFSET, (short) group);
        SHORT.set(memory, at + BufferEntryDescriptor.ZERO_OFFSET, (short) 0);
        bufTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.BUF_TAIL_OFFSET, bufTail);
        return true;
    }

    private int bufRoom() {
        long head = (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.BUF_HEAD_OFFSET);
        if (head < bufHeadSeen || head > bufTail) {
            throw new EngineProtocolException("engine wrote bufHead=" + head + ", allowed: " + bufHeadSeen + " .. "
                    + bufTail + " (lcore=" + lcore + ")");
        }
        bufHeadSeen = head;
        return bufEntries - (int) (bufTail - head);
    }

    /** Completions that wait to be read. */
    int available() {
        if (isDetached) {
            return 0;
        }
        long tail = (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET);
        if (tail < cqTailSeen || tail - cqHead > cqEntries) {
            throw new EngineProtocolException("engine wrote cqTail=" + tail + ", allowed: " + cqTailSeen + " .. "
                    + (cqHead + cqEntries) + " (lcore=" + lcore + ")");
        }
        cqTailSeen = tail;
        return (int) (tail - cqHead);
    }

    /** Reads the next completion into the view and takes it; {@link #available} has said that there is one. */
    void take(CompletionView completion) {
        completion.load(memory, cqOffset + (cqHead & (cqEntries - 1)) * CompletionDescriptor.LENGTH);
        cqHead++;
    }

    /** Gives the places of what was taken back to the engine. */
    void releaseTaken() {
        LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_HEAD_OFFSET, cqHead);
    }

    /** Asks for a doorbell at the next {@link #takeDoorbell} though nothing was submitted. */
    void requestDoorbell() {
        doorbellDue = true;
    }

    /**
     * The producer's half of the wake-up: whether the caller must now write the engine's eventfd. True at most once per
     * sleep of the engine.
     */
    boolean takeDoorbell() {
        if (!doorbellDue || isDetached) {
            return false;
        }
        doorbellDue = false;
        VarHandle.fullFence();
        return (long) LONG.getOpaque(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET) != 0
                && (long) LONG.getAndSet(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET, 0L) != 0;
    }

    /**
     * The sleeper's half: announces sleep. The caller may wait for its eventfd only if this is true; else completions are
     * there.
     */
    boolean armWakeup() {
        LONG.setOpaque(memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, 1L);
        VarHandle.fullFence();
        return available() == 0;
    }

    /** Awake again: the engine need not write the eventfd. */
    void disarmWakeup() {
        LONG.setOpaque(memory, (long) QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET, 0L);
    }

    /** Counts bytes that the library copied between places of client memory. */
    void addCopiedBytes(long count) {
        copiedBytes += count;
        LONG.setOpaque(memory, (long) QueuePairDescriptor.COPIED_BYTES_OFFSET, copiedBytes);
    }

    long copiedBytes() {
        return copiedBytes;
    }
}
