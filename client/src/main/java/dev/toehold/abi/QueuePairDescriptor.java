package dev.toehold.abi;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Layout of a queue pair: one memfd per session and lcore, made and sealed (SHRINK, GROW, SEAL) by the engine.
 *
 * <pre>
 *     0  +--------------------------------------------------------------+
 *        | magic u64 | abiMajor u16 | abiMinor u16 | sqEntries u32      |
 *        | cqEntries u32 | bufEntries u32 | sqOffset u32 | cqOffset u32 |
 *        | bufOffset u32 | lcore u32 | epoch u64 | length u64           |
 *        | ready u32 (written last, release)                            |
 *   128  | sqTail   client  submissions written                         |
 *   256  | sqHead   engine  submissions taken                           |
 *   384  | cqTail   engine  completions published                       |
 *   512  | cqHead   client  completions taken                           |
 *   640  | bufTail  client  buffers lent                                |
 *   768  | bufHead  engine  buffer entries taken                        |
 *   896  | engineNeedWakeup  the engine sleeps: write its eventfd        |
 *  1024  | clientNeedWakeup  the client sleeps: the engine wakes it          |
 *  1152  | heartbeatNs  engine, CLOCK_MONOTONIC of its last busy pass   |
 *  1280  | copiedBytes  client, bytes that the library copied           |
 *  1408  +--------------------------------------------------------------+
 *        | submission ring, 64 bytes an entry                           |
 *        | completion ring, 64 bytes an entry                           |
 *        | buffer ring, 8 bytes an entry                                |
 *        +--------------------------------------------------------------+
 * </pre>
 *
 * Every counter is a free-running u64 alone on 128 bytes; entry counts are powers of two; the entry of counter c is c
 * modulo the entry count. Producer: fill the entry, store-release the tail. Consumer: load-acquire the tail, use the
 * entry, store-release the head. Payload is written before the completion that names it becomes visible. A client
 * counter that goes backwards or leads by more than its ring ends the session with BAD_INDEX.
 *
 * <p>Wake-ups (Dekker): the sleeper stores needWakeup = 1, full fence, reads the other side's tail again and sleeps only
 * if it is unchanged. The producer store-releases its tail, full fence, and if needWakeup exchanged to 0 was 1, wakes
 * the sleeper: the client writes its eventfd of the lcore (see {@link ControlMessage#QUEUE_PAIR_READY}), the engine a byte to the
 * session's wake-up socket (see {@link ControlMessage#WELCOME}). cqHead is such a tail for an engine that waits for places. A
 * spurious wake-up is allowed, a lost one is not.
 *
 * <p>Back-pressure: the engine takes a submission only while it can promise its completion a place in the ring. While
 * the completion ring is full, nothing is placed or acknowledged for the session. Lent buffers need such places too
 * (outstanding submissions + lent buffers &lt;= cqEntries); how the places are shared out among them says {@link SlotShares}.
 */
public final class QueuePairDescriptor {
    /** "TOEHOLDQ" as little-endian bytes. */
    public static final long MAGIC = 0x51444c4f48454f54L;

    public static final int DEFAULT_SQ_ENTRIES = 1024;
    public static final int DEFAULT_CQ_ENTRIES = 4096;
    public static final int DEFAULT_BUF_ENTRIES = 4096;

    public static final int LINE_LENGTH = 128;

    public static final int MAGIC_OFFSET = 0;
    public static final int ABI_MAJOR_OFFSET = MAGIC_OFFSET + Long.BYTES;
    public static final int ABI_MINOR_OFFSET = ABI_MAJOR_OFFSET + Short.BYTES;
    public static final int SQ_ENTRIES_OFFSET = ABI_MINOR_OFFSET + Short.BYTES;
    public static final int CQ_ENTRIES_OFFSET = SQ_ENTRIES_OFFSET + Integer.BYTES;
    public static final int BUF_ENTRIES_OFFSET = CQ_ENTRIES_OFFSET + Integer.BYTES;
    public static final int SQ_OFFSET_OFFSET = BUF_ENTRIES_OFFSET + Integer.BYTES;
    public static final int CQ_OFFSET_OFFSET = SQ_OFFSET_OFFSET + Integer.BYTES;
    public static final int BUF_OFFSET_OFFSET = CQ_OFFSET_OFFSET + Integer.BYTES;
    public static final int LCORE_OFFSET = BUF_OFFSET_OFFSET + Integer.BYTES;
    public static final int EPOCH_OFFSET = LCORE_OFFSET + Integer.BYTES;
    public static final int LENGTH_OFFSET = EPOCH_OFFSET + Long.BYTES;
    public static final int READY_OFFSET = LENGTH_OFFSET + Long.BYTES;

    public static final int SQ_TAIL_OFFSET = LINE_LENGTH;
    public static final int SQ_HEAD_OFFSET = SQ_TAIL_OFFSET + LINE_LENGTH;
    public static final int CQ_TAIL_OFFSET = SQ_HEAD_OFFSET + LINE_LENGTH;
    public static final int CQ_HEAD_OFFSET = CQ_TAIL_OFFSET + LINE_LENGTH;
    public static final int BUF_TAIL_OFFSET = CQ_HEAD_OFFSET + LINE_LENGTH;
    public static final int BUF_HEAD_OFFSET = BUF_TAIL_OFFSET + LINE_LENGTH;
    public static final int ENGINE_NEED_WAKEUP_OFFSET = BUF_HEAD_OFFSET + LINE_LENGTH;
    public static final int CLIENT_NEED_WAKEUP_OFFSET = ENGINE_NEED_WAKEUP_OFFSET + LINE_LENGTH;
    public static final int HEARTBEAT_NS_OFFSET = CLIENT_NEED_WAKEUP_OFFSET + LINE_LENGTH;
    public static final int COPIED_BYTES_OFFSET = HEARTBEAT_NS_OFFSET + LINE_LENGTH;
    public static final int RINGS_OFFSET = COPIED_BYTES_OFFSET + LINE_LENGTH;

    /** Little-endian u64 at (segment, byte offset), 8-aligned, with the access modes of a volatile variable. */
    public static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Little-endian u32 at (segment, byte offset), 4-aligned. */
    public static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    /** Little-endian u16 at (segment, byte offset), 2-aligned. */
    public static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private QueuePairDescriptor() {}

    /** Bytes that a queue pair with these entry counts takes. */
    public static long length(int sqEntries, int cqEntries, int bufEntries) {
        return bufOffset(sqEntries, cqEntries) + (long) bufEntries * BufferEntryDescriptor.LENGTH;
    }

    /** Where the completion ring begins; the submission ring begins at {@link #RINGS_OFFSET}. */
    public static int cqOffset(int sqEntries) {
        return RINGS_OFFSET + sqEntries * SubmissionDescriptor.LENGTH;
    }

    /** Where the buffer ring begins. */
    public static int bufOffset(int sqEntries, int cqEntries) {
        return cqOffset(sqEntries) + cqEntries * CompletionDescriptor.LENGTH;
    }

    /**
     * Engine: writes the header into zeroed memory, `ready` last.
     *
     * @throws IllegalArgumentException if a count is no power of two in 2 .. 65,536 or the segment is too short
     */
    public static void initialise(
            MemorySegment memory, int sqEntries, int cqEntries, int bufEntries, int lcore, long epoch) {
        checkEntries("sqEntries", sqEntries);
        checkEntries("cqEntries", cqEntries);
        checkEntries("bufEntries", bufEntries);
        long length = length(sqEntries, cqEntries, bufEntries);
        if (memory.byteSize() < length) {
            throw new IllegalArgumentException("queue pair needs " + length + " bytes, has " + memory.byteSize());
        }
        LONG.set(memory, (long) MAGIC_OFFSET, MAGIC);
        SHORT.set(memory, (long) ABI_MAJOR_OFFSET, (short) Abi.MAJOR);
        SHORT.set(memory, (long) ABI_MINOR_OFFSET, (short) Abi.MINOR);
        INT.set(memory, (long) SQ_ENTRIES_OFFSET, sqEntries);
        INT.set(memory, (long) CQ_ENTRIES_OFFSET, cqEntries);
        INT.set(memory, (long) BUF_ENTRIES_OFFSET, bufEntries);
        INT.set(memory, (long) SQ_OFFSET_OFFSET, RINGS_OFFSET);
        INT.set(memory, (long) CQ_OFFSET_OFFSET, cqOffset(sqEntries));
        INT.set(memory, (long) BUF_OFFSET_OFFSET, bufOffset(sqEntries, cqEntries));
        INT.set(memory, (long) LCORE_OFFSET, lcore);
        LONG.set(memory, (long) EPOCH_OFFSET, epoch);
        LONG.set(memory, (long) LENGTH_OFFSET, length);
        INT.setRelease(memory, (long) READY_OFFSET, 1);
    }

    /**
     * Client: checks the header of a queue pair it received: afterwards the entry counts are powers of two and the
     * rings lie where {@link #cqOffset} and {@link #bufOffset} say, within the memory.
     *
     * @throws IllegalStateException naming the field that does not fit
     */
    public static void check(MemorySegment memory) {
        if (memory.byteSize() < RINGS_OFFSET || (int) INT.getAcquire(memory, (long) READY_OFFSET) != 1) {
            throw new IllegalStateException("queue pair is not ready: length=" + memory.byteSize());
        }
        long magic = (long) LONG.get(memory, (long) MAGIC_OFFSET);
        int major = Short.toUnsignedInt((short) SHORT.get(memory, (long) ABI_MAJOR_OFFSET));
        long length = (long) LONG.get(memory, (long) LENGTH_OFFSET);
        if (magic != MAGIC) {
            throw new IllegalStateException("not a queue pair: magic=0x" + Long.toHexString(magic));
        }
        if (major != Abi.MAJOR) {
            throw new IllegalStateException("queue pair abiMajor=" + major + ", this library speaks " + Abi.MAJOR);
        }
        if (length > memory.byteSize()) {
            throw new IllegalStateException("queue pair length=" + length + " exceeds mapping=" + memory.byteSize());
        }
        int sqEntries = (int) INT.get(memory, (long) SQ_ENTRIES_OFFSET);
        int cqEntries = (int) INT.get(memory, (long) CQ_ENTRIES_OFFSET);
        int bufEntries = (int) INT.get(memory, (long) BUF_ENTRIES_OFFSET);
        try {
            checkEntries("sqEntries", sqEntries);
            checkEntries("cqEntries", cqEntries);
            checkEntries("bufEntries", bufEntries);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException("queue pair " + e.getMessage(), e);
        }
        checkField("length", length, length(sqEntries, cqEntries, bufEntries));
        checkField("sqOffset", (int) INT.get(memory, (long) SQ_OFFSET_OFFSET), RINGS_OFFSET);
        checkField("cqOffset", (int) INT.get(memory, (long) CQ_OFFSET_OFFSET), cqOffset(sqEntries));
        checkField("bufOffset", (int) INT.get(memory, (long) BUF_OFFSET_OFFSET), bufOffset(sqEntries, cqEntries));
    }

    private static void checkField(String name, long value, long expected) {
        if (value != expected) {
            throw new IllegalStateException("queue pair " + name + "=" + value + ", expected " + expected);
        }
    }

    private static void checkEntries(String name, int entries) {
        if (entries < 2 || entries > 1 << 16 || Integer.bitCount(entries) != 1) {
            throw new IllegalArgumentException(name + "=" + entries + ", allowed: a power of two from 2 to 65536");
        }
    }
}
