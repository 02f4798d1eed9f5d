package dev.toehold.perf.peer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Adds up received bytes, as an application does that looks at each of them; the same code for every contender. */
final class ByteSum {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

    /** Every second byte of a word, each in a lane of 16 bits. */
    private static final long LANES = 0x00ff_00ff_00ff_00ffL;

    /** Words of two bytes a lane that a lane holds without overflow: 128 * 2 * 255 is below 64 Ki. */
    private static final int WORDS_PER_FOLD = 128;

    private long count;
    private long sum;

    void accept(MemorySegment memory, long offset, long length) {
        long at = offset;
        long end = offset + length;
        while (end - at >= Long.BYTES) {
            long words = Math.min(WORDS_PER_FOLD, (end - at) / Long.BYTES);
            long lanes = 0;
            for (long i = 0; i < words; i++) {
                long word = memory.get(WORD, at + i * Long.BYTES);
                lanes += (word & LANES) + (word >>> Byte.SIZE & LANES);
            }
            at += words * Long.BYTES;
            sum += (lanes & 0xffff) + (lanes >>> 16 & 0xffff) + (lanes >>> 32 & 0xffff) + (lanes >>> 48);
        }
        for (; at < end; at++) {
            sum += memory.get(ValueLayout.JAVA_BYTE, at) & 0xff;
        }
        count += length;
    }

    /** Bytes so far. */
    long count() {
        return count;
    }

    /** Their sum, each taken as 0 to 255. */
    long sum() {
        return sum;
    }

    /** What the first bytes of a stream of the pattern add up to. */
    static long expected(BytePattern pattern, long stream, long length) {
        ByteSum period = new ByteSum();
        period.accept(pattern.memory(), 0, BytePattern.PERIOD);
        ByteSum rest = new ByteSum();
        rest.accept(pattern.memory(), BytePattern.offset(stream, 0), length % BytePattern.PERIOD);
        return length / BytePattern.PERIOD * period.sum + rest.sum;
    }
}
