package dev.toehold.perf.interop;

/** Bytes that follow from a seed and their position. */
final class StreamContent {
    private static final int WORD_SHIFT = 3;
    private static final int WORD_MASK = 7;

    private final long seed;

    StreamContent(long seed) {
        this.seed = seed;
    }

    private byte at(long position) {
        long z = seed + (position >>> WORD_SHIFT) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z ^= z >>> 27;
        return (byte) (z >>> (Byte.SIZE * (position & WORD_MASK)));
    }

    void fill(long position, byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
    }

    /** Position of the first wrong byte, or -1. */
    long mismatch(long position, byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != at(position + i)) {
                return position + i;
            }
        }
        return -1;
    }
}
