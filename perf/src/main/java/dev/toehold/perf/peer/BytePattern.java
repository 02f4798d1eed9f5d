package dev.toehold.perf.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * What bulk transfers carry: a byte follows from the number of its stream and its position there, so a receiver can compare
 * every one. Random bytes that repeat with a prime period: what is lost, doubled or moved by any number of segments, blocks or
 * ring slots meets other bytes, and comparing costs a vectorised compare against memory that stays in the cache.
 */
public final class BytePattern {
    /** Largest prime below 64 Ki. */
    static final int PERIOD = 65_521;

    /** Most bytes that lie contiguously at any position. */
    public static final int MAX_CHUNK = 256 << 10;

    /** Bytes that the pattern takes in memory. */
    public static final int LENGTH = PERIOD + MAX_CHUNK;

    private static final long SEED = 0x70_65_72_66;
    private static final int STREAM_STEP = 16_381;

    private final MemorySegment memory;

    /** In memory of its own, off-heap. */
    public BytePattern() {
        this(Arena.global().allocate(LENGTH, 64));
    }

    /** In the first {@link #LENGTH} bytes of memory. */
    public BytePattern(MemorySegment memory) {
        this.memory = memory.asSlice(0, LENGTH);
        byte[] period = new byte[PERIOD];
        new SplittableRandom(SEED).nextBytes(period);
        for (int at = 0; at < LENGTH; at += PERIOD) {
            MemorySegment.copy(MemorySegment.ofArray(period), 0, this.memory, at, Math.min(PERIOD, LENGTH - at));
        }
    }

    public MemorySegment memory() {
        return memory;
    }

    /** Where in {@link #memory} the bytes of a stream from a position on begin, {@link #MAX_CHUNK} of them at least. */
    public static int offset(long stream, long position) {
        return (int) ((Math.floorMod(stream, (long) PERIOD) * STREAM_STEP + Math.floorMod(position, (long) PERIOD))
                % PERIOD);
    }

    /**
     * Compares received bytes.
     *
     * @return position of the first wrong byte, or -1
     */
    public long mismatch(long stream, long position, MemorySegment received, long receivedOffset, long length) {
        for (long done = 0; done < length; ) {
            long count = Math.min(length - done, MAX_CHUNK);
            long from = receivedOffset + done;
            int expected = offset(stream, position + done);
            long at = MemorySegment.mismatch(received, from, from + count, memory, expected, expected + count);
            if (at >= 0) {
                return position + done + at;
            }
            done += count;
        }
        return -1;
    }
}
