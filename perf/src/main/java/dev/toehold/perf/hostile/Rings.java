package dev.toehold.perf.hostile;

import static dev.toehold.abi.QueuePairDescriptor.INT;
import static dev.toehold.abi.QueuePairDescriptor.LONG;

import dev.toehold.abi.BufferEntryDescriptor;
import dev.toehold.abi.CompletionDescriptor;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionDescriptor;
import dev.toehold.ffi.linux.Fd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A queue pair from the client's side, and what its completions tell: the connections that are open, the buffers that came back. */
final class Rings {
    private static final int ATTACK_BITS = 8;

    /** Where it is not, the completion answers no submission of ours: what was scribbled on may tell anything. */
    private static final long USER_DATA = 0x70e1_0000_0000_0000L;

    private static final long USER_DATA_MASK = 0xffff_0000_0000_0000L;

    private static final int MAX_HANDLES = 64;

    final MemorySegment memory;
    private final int sqEntries;
    private final int cqEntries;
    private final int bufEntries;
    private final long cqOffset;
    private final long bufOffset;
    private final Fd doorbell;
    private final MemorySegment one = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);
    private final List<Long> handles = new ArrayList<>();
    private final List<Long> stale = new ArrayList<>();
    private final ArrayDeque<Integer> idle = new ArrayDeque<>();
    private long sqTail;
    private long bufTail;
    private long cqHead;
    private long unconsumed;

    Rings(MemorySegment memory, Fd doorbell) {
        this.memory = memory;
        this.doorbell = doorbell;
        sqEntries = (int) INT.get(memory, (long) QueuePairDescriptor.SQ_ENTRIES_OFFSET);
        cqEntries = (int) INT.get(memory, (long) QueuePairDescriptor.CQ_ENTRIES_OFFSET);
        bufEntries = (int) INT.get(memory, (long) QueuePairDescriptor.BUF_ENTRIES_OFFSET);
        cqOffset = QueuePairDescriptor.cqOffset(sqEntries);
        bufOffset = QueuePairDescriptor.bufOffset(sqEntries, cqEntries);
        one.set(ValueLayout.JAVA_LONG, 0, 1);
        for (int id = 0; id < HostileClient.BUFFERS; id++) {
            idle.add(id);
        }
    }

    /** A connection that is open, or 0. */
    long handle(SplittableRandom random) {
        return handles.isEmpty() ? 0 : handles.get(random.nextInt(handles.size()));
    }

    /** A handle that was one, or 0. */
    long staleHandle(SplittableRandom random) {
        return stale.isEmpty() ? 0 : stale.get(random.nextInt(stale.size()));
    }

    int openCount() {
        return handles.size();
    }

    long unconsumed() {
        return unconsumed;
    }

    /** A buffer that is not lent, or -1. */
    int takeIdle() {
        Integer id = idle.poll();
        return id == null ? -1 : id;
    }

    boolean hasRoom() {
        return sqTail - (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.SQ_HEAD_OFFSET) < sqEntries;
    }

    boolean hasBufferRoom() {
        return bufTail - (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.BUF_HEAD_OFFSET) < bufEntries;
    }

    /** Where the entry lies that the next {@link #submit} will announce. */
    long nextEntry() {
        return entry(sqTail);
    }

    /** Where an entry lies that was announced so many before. */
    long earlierEntry(int before) {
        return entry(sqTail - 1 - before);
    }

    private long entry(long counter) {
        return QueuePairDescriptor.RINGS_OFFSET + (counter & sqEntries - 1) * SubmissionDescriptor.LENGTH;
    }

    /** Fills the next entry; userData tells the attack when it is answered. */
    void fill(
            Attack attack,
            int op,
            int flags,
            int minLength,
            long handle,
            long position,
            int region,
            int length,
            long offset,
            long arg) {
        long at = nextEntry();
        LONG.set(memory, at, (op & 0xff) | (flags & 0xffL) << 8 | (long) minLength << 32);
        LONG.set(memory, at + SubmissionDescriptor.HANDLE_OFFSET, handle);
        LONG.set(memory, at + SubmissionDescriptor.USER_DATA_OFFSET, userData(attack));
        LONG.set(memory, at + SubmissionDescriptor.POSITION_OFFSET, position);
        LONG.set(memory, at + SubmissionDescriptor.REGION_OFFSET, (region & 0xffff_ffffL) | (long) length << 32);
        LONG.set(memory, at + SubmissionDescriptor.OFFSET_OFFSET, offset);
        LONG.set(memory, at + SubmissionDescriptor.ARG_OFFSET, arg);
        LONG.set(memory, at + SubmissionDescriptor.ZERO_OFFSET, 0L);
    }

    private long userData(Attack attack) {
        return USER_DATA | ((sqTail << ATTACK_BITS) & ~USER_DATA_MASK) | attack.index();
    }

    /** Announces the next entry. */
    void submit() {
        sqTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.SQ_TAIL_OFFSET, sqTail);
    }

    void lend(long entry) {
        LONG.set(memory, bufOffset + (bufTail & bufEntries - 1) * BufferEntryDescriptor.LENGTH, entry);
        bufTail++;
        LONG.setRelease(memory, (long) QueuePairDescriptor.BUF_TAIL_OFFSET, bufTail);
    }

    /** Rings if the engine asks for it. */
    void wake() {
        VarHandle.fullFence();
        if ((long) LONG.getOpaque(memory, (long) QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET) != 0) {
            ring();
        }
    }

    /** Rings, asked or not. */
    void ring() {
        long _ = Syscalls.write(doorbell.number(), one);
    }

    /** Takes completions. Returns how many. */
    int drain(AttackCounts counts) {
        long tail = (long) LONG.getAcquire(memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET);
        int taken = 0;
        while (cqHead != tail && taken < cqEntries) {
            take(cqOffset + (cqHead & cqEntries - 1) * CompletionDescriptor.LENGTH, counts);
            cqHead++;
            taken++;
        }
        LONG.setRelease(memory, (long) QueuePairDescriptor.CQ_HEAD_OFFSET, cqHead);
        return taken;
    }

    private void take(long at, AttackCounts counts) {
        int op = memory.get(ValueLayout.JAVA_BYTE, at + CompletionDescriptor.OP_OFFSET) & 0xff;
        int result = (int) INT.get(memory, at + CompletionDescriptor.RESULT_OFFSET);
        long handle = (long) LONG.get(memory, at + CompletionDescriptor.HANDLE_OFFSET);
        int flags = memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + CompletionDescriptor.FLAGS_OFFSET);
        switch (op) {
            case Op.ACCEPT -> open(handle);
            case Op.PROVIDED -> {
                // What was scribbled on may tell any length.
                int length = (int) INT.get(memory, at + CompletionDescriptor.LENGTH_OFFSET);
                unconsumed += Math.clamp(length, 0, HostileClient.BUFFER_SIZE);
                boolean isBack =
                        (flags & CompletionFlag.BUFFER) != 0 && (flags & CompletionFlag.MORE) == 0 && handle != 0;
                int id = (int) INT.get(memory, at + CompletionDescriptor.BUFFER_OFFSET);
                if (isBack && id >= 0 && id < HostileClient.BUFFERS && idle.size() < HostileClient.BUFFERS) {
                    idle.add(id);
                }
            }
            case Op.TERMINATED -> forget(handle);
            default -> {
                long userData = (long) LONG.get(memory, at + CompletionDescriptor.USER_DATA_OFFSET);
                int attack = (int) userData & (1 << ATTACK_BITS) - 1;
                if ((userData & USER_DATA_MASK) == USER_DATA && attack < Attack.values().length) {
                    counts.answered(Attack.of(attack), result);
                }
                if (op == Op.CONNECT && result >= 0) {
                    open(handle);
                } else if (op == Op.CLOSE || op == Op.ABORT || result == ResultCode.STALE) {
                    forget(handle);
                }
            }
        }
    }

    private void open(long handle) {
        if (handles.size() < MAX_HANDLES) {
            handles.add(handle);
        }
    }

    private void forget(long handle) {
        if (handles.remove(handle)) {
            stale.add(handle);
            if (stale.size() > MAX_HANDLES) {
                stale.removeFirst();
            }
        }
    }
}
