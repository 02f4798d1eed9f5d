package dev.toehold.session;

import static dev.toehold.abi.QueuePairDescriptor.BUF_HEAD_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.BUF_TAIL_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.COPIED_BYTES_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.CQ_HEAD_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.CQ_TAIL_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.HEARTBEAT_NS_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.LONG;
import static dev.toehold.abi.QueuePairDescriptor.SQ_HEAD_OFFSET;
import static dev.toehold.abi.QueuePairDescriptor.SQ_TAIL_OFFSET;

import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.SlotShares;
import dev.toehold.abi.SubmissionDescriptor;
import dev.toehold.placement.CompletionSink;
import java.lang.foreign.MemorySegment;

/**
 * The rings of one queue pair from the engine's side. Counters that the engine writes are kept here and never read back;
 * counters that the client writes are checked to move forward by no more than their ring.
 *
 * <p>Completion slots are an account: {@code filled + promised + unpromised = cqEntries}, where a slot is filled from the
 * completion's append to the client's cqHead passing it. Every submission that was taken and every lent buffer holds a
 * promise, so its completion never lacks a slot. Who may be promised how many: {@link SlotShares}.
 */
public final class EngineQueuePair implements CompletionSink {
    /** Fewest entries of a ring: below, the share for events would be nothing. */
    public static final int MIN_ENTRIES = 16;

    private final MemorySegment memory;
    private final int sqEntries;
    private final int cqEntries;
    private final int bufEntries;
    private final long sqOffset;
    private final long cqOffset;
    private final long bufOffset;
    private final int eventSlots;

    private long sqHead;
    private long sqTail;
    private long cqTail;
    private long cqTailPublished;
    private long cqHead;
    private long bufHead;
    private long bufTail;
    private long copiedBytes;
    private int promised;
    private boolean hasMoved;
    private boolean isDetached;

    /**
     * Takes a queue pair that {@link QueuePairDescriptor#initialise} has written with these entry counts, each at least
     * {@link #MIN_ENTRIES}.
     */
    public EngineQueuePair(MemorySegment memory, int sqEntries, int cqEntries, int bufEntries) {
        if (Math.min(sqEntries, Math.min(cqEntries, bufEntries)) < MIN_ENTRIES) {
            throw new IllegalArgumentException("sqEntries=" + sqEntries + ", cqEntries=" + cqEntries + ", bufEntries="
                    + bufEntries + ", allowed: " + MIN_ENTRIES + " or more");
        }
        this.memory = memory;
        this.sqEntries = sqEntries;
        this.cqEntries = cqEntries;
        this.bufEntries = bufEntries;
        this.sqOffset = QueuePairDescriptor.RINGS_OFFSET;
        this.cqOffset = QueuePairDescriptor.cqOffset(sqEntries);
        this.bufOffset = QueuePairDescriptor.bufOffset(sqEntries, cqEntries);
        this.eventSlots = SlotShares.events(cqEntries);
    }

    public int cqEntries() {
        return cqEntries;
    }

    /** Most buffers that are lent at a time: more would starve submissions. */
    public int maxLent() {
        return SlotShares.buffers(cqEntries);
    }

    /**
     * Looks at the client's counters once.
     *
     * @return false if one went backwards or leads by more than its ring: the session must end with BAD_INDEX
     */
    boolean refresh() {
        long newSqTail = (long) LONG.getAcquire(memory, (long) SQ_TAIL_OFFSET);
        long newBufTail = (long) LONG.getAcquire(memory, (long) BUF_TAIL_OFFSET);
        long newCqHead = (long) LONG.getAcquire(memory, (long) CQ_HEAD_OFFSET);
        // Differences, because the counters may wrap around as far as the client is concerned.
        if (newSqTail - sqTail < 0
                || newSqTail - sqHead > sqEntries
                || newBufTail - bufTail < 0
                || newBufTail - bufHead > bufEntries
                || newCqHead - cqHead < 0
                || newCqHead - cqTailPublished > 0) {
            return false;
        }
        hasMoved = newSqTail != sqTail || newBufTail != bufTail || newCqHead != cqHead;
        sqTail = newSqTail;
        bufTail = newBufTail;
        cqHead = newCqHead;
        return true;
    }

    /** Whether the last {@link #refresh} found a counter that the client had moved. */
    boolean hasMoved() {
        return hasMoved;
    }

    /** Whether {@link #take} may take one that is no SEND or RECEIVE: there is a submission, and slots for what it may need (LISTEN: two). */
    boolean hasSubmission() {
        return sqTail != sqHead && unpromised() >= eventSlots + 2;
    }

    /** Reads the next submission, once: what the client writes there meanwhile is its own loss. */
    void read(Submission submission) {
        submission.read(memory, sqOffset + (sqHead & sqEntries - 1) * SubmissionDescriptor.LENGTH);
    }

    /** Takes the submission that was read, promising it a slot. */
    void take() {
        sqHead++;
        promised++;
    }

    /**
     * Whether {@link #takeBuffer} would give one.
     *
     * @param mayLend how many more may be lent
     */
    boolean hasBuffer(int mayLend) {
        return bufTail != bufHead && mayLend > 0 && unpromised() > eventSlots;
    }

    /** Takes the next buffer entry as it lies in the ring, promising it a slot. */
    long takeBuffer() {
        long entry =
                (long) LONG.getOpaque(memory, bufOffset + (bufHead & bufEntries - 1) * BufferEntryDescriptor.LENGTH);
        bufHead++;
        promised++;
        return entry;
    }

    /** Lets the client reuse the entries that were taken. */
    void releaseTaken() {
        LONG.setRelease(memory, (long) SQ_HEAD_OFFSET, sqHead);
        LONG.setRelease(memory, (long) BUF_HEAD_OFFSET, bufHead);
    }

    @Override
    public int unpromised() {
        return isDetached ? Integer.MAX_VALUE : cqEntries - (int) (cqTail - cqHead) - promised;
    }

    @Override
    public void promise() {
        promised++;
    }

    @Override
    public void release() {
        promised--;
    }

    int promised() {
        return promised;
    }

    @Override
    public void complete(
            boolean isPromised,
            int op,
            long userData,
            long handle,
            long position,
            int result,
            int flags,
            int buffer,
            int bufferOffset,
            int length,
            int more,
            long arg0,
            long arg1) {
        if (isPromised) {
            promised--;
        }
        if (isDetached) {
            return;
        }
        long at = cqOffset + (cqTail & cqEntries - 1) * CompletionDescriptor.LENGTH;
        LONG.set(memory, at + CompletionDescriptor.USER_DATA_OFFSET, userData);
        LONG.set(memory, at + CompletionDescriptor.HANDLE_OFFSET, handle);
        LONG.set(memory, at + CompletionDescriptor.POSITION_OFFSET, position);
        LONG.set(memory, at + CompletionDescriptor.RESULT_OFFSET, pack(result, (flags & 0xffff) | (op & 0xff) << 16));
        LONG.set(memory, at + CompletionDescriptor.BUFFER_OFFSET, pack(buffer, bufferOffset));
        LONG.set(memory, at + CompletionDescriptor.LENGTH_OFFSET, pack(length, more));
        LONG.set(memory, at + CompletionDescriptor.ARG0_OFFSET, arg0);
        LONG.set(memory, at + CompletionDescriptor.ARG1_OFFSET, arg1);
        cqTail++;
    }

    /** Completions appended so far. */
    long appended() {
        return cqTail;
    }

    /** Those that are not visible yet. */
    long unpublished() {
        return cqTail - cqTailPublished;
    }

    /** Makes the appended completions visible. Returns whether there were any. */
    boolean publish() {
        if (cqTail == cqTailPublished) {
            return false;
        }
        LONG.setRelease(memory, (long) CQ_TAIL_OFFSET, cqTail);
        cqTailPublished = cqTail;
        return true;
    }

    /**
     * Whether the client sleeps and must be woken. The caller has put a full fence between {@link #publish} and this; a true
     * takes the request, so it comes once.
     */
    boolean takeClientWakeup() {
        return (long) LONG.getOpaque(memory, (long) CLIENT_NEED_WAKEUP_OFFSET) != 0
                && (long) LONG.getAndSet(memory, (long) CLIENT_NEED_WAKEUP_OFFSET, 0L) != 0;
    }

    /** The engine is about to sleep. A full fence and a look at {@link #isUnmoved} must follow. */
    void armWakeup() {
        LONG.setOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET, 1L);
    }

    void disarmWakeup() {
        LONG.setOpaque(memory, (long) ENGINE_NEED_WAKEUP_OFFSET, 0L);
    }

    /** Whether the client has moved none of its counters since the last {@link #refresh}. */
    boolean isUnmoved() {
        return (long) LONG.getAcquire(memory, (long) SQ_TAIL_OFFSET) == sqTail
                && (long) LONG.getAcquire(memory, (long) BUF_TAIL_OFFSET) == bufTail
                && (long) LONG.getAcquire(memory, (long) CQ_HEAD_OFFSET) == cqHead;
    }

    void heartbeat(long nowNs) {
        LONG.setOpaque(memory, (long) HEARTBEAT_NS_OFFSET, nowNs);
    }

    /** Bytes that the client's library says it copied; never falls, whatever the client writes. */
    long copiedBytes() {
        copiedBytes = Math.max(copiedBytes, (long) LONG.getOpaque(memory, (long) COPIED_BYTES_OFFSET));
        return copiedBytes;
    }

    /** The client is gone: from here on completions are only accounted for. */
    void detach() {
        isDetached = true;
    }

    boolean isDetached() {
        return isDetached;
    }

    private static long pack(int low, int high) {
        return (low & 0xffff_ffffL) | (long) high << 32;
    }
}
