package dev.toehold.net;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * SipHash-c-d, a keyed hash that stays unpredictable to who chooses its input but not its key (Aumasson, Bernstein 2012).
 *
 * <p>The state lives in the object so that hashing allocates nothing: one instance for one thread.
 */
public final class SipHash {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int compressionRounds;
    private final int finalizationRounds;
    private final long k0;
    private final long k1;
    private long v0;
    private long v1;
    private long v2;
    private long v3;

    /** SipHash-{@code compressionRounds}-{@code finalizationRounds} under a key of 128 random bits. */
    public SipHash(int compressionRounds, int finalizationRounds, long k0, long k1) {
        if (compressionRounds < 1 || finalizationRounds < 1) {
            throw new IllegalArgumentException("compressionRounds=" + compressionRounds + " finalizationRounds="
                    + finalizationRounds + " must be positive: use 1 and 3, or 2 and 4");
        }
        this.compressionRounds = compressionRounds;
        this.finalizationRounds = finalizationRounds;
        this.k0 = k0;
        this.k1 = k1;
    }

    /** Hash of {@code length} bytes. */
    public long hash(MemorySegment memory, long offset, int length) {
        begin();
        int words = length & ~7;
        for (int i = 0; i < words; i += 8) {
            compress(memory.get(WORD, offset + i));
        }
        long last = (long) length << 56;
        for (int i = words; i < length; i++) {
            last |= (memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFFL) << ((i - words) * 8);
        }
        compress(last);
        return finish();
    }

    /** Hash of the 40 bytes of five longs, each little-endian. */
    public long hash(long word0, long word1, long word2, long word3, long word4) {
        begin();
        compress(word0);
        compress(word1);
        compress(word2);
        compress(word3);
        compress(word4);
        compress(40L << 56);
        return finish();
    }

    /** Hash of the 36 bytes of four longs and an int, each little-endian: a connection's addresses and TCP ports. */
    public long hash(long word0, long word1, long word2, long word3, int half) {
        begin();
        compress(word0);
        compress(word1);
        compress(word2);
        compress(word3);
        compress((36L << 56) | (half & 0xFFFF_FFFFL));
        return finish();
    }

    private void begin() {
        v0 = k0 ^ 0x736F6D6570736575L;
        v1 = k1 ^ 0x646F72616E646F6DL;
        v2 = k0 ^ 0x6C7967656E657261L;
        v3 = k1 ^ 0x7465646279746573L;
    }

    private void compress(long word) {
        v3 ^= word;
        rounds(compressionRounds);
        v0 ^= word;
    }

    private long finish() {
        v2 ^= 0xFF;
        rounds(finalizationRounds);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void rounds(int count) {
        long a = v0;
        long b = v1;
        long c = v2;
        long d = v3;
        for (int i = 0; i < count; i++) {
            a += b;
            b = Long.rotateLeft(b, 13) ^ a;
            a = Long.rotateLeft(a, 32);
            c += d;
            d = Long.rotateLeft(d, 16) ^ c;
            a += d;
            d = Long.rotateLeft(d, 21) ^ a;
            c += b;
            b = Long.rotateLeft(b, 17) ^ c;
            c = Long.rotateLeft(c, 32);
        }
        v0 = a;
        v1 = b;
        v2 = c;
        v3 = d;
    }
}
