package dev.toehold.tcp;

/** The bytes of a stream as a function of seed and position: both ends know each of them without storing any. */
final class StreamContent {
    private StreamContent() {}

    static byte at(long seed, long position) {
        long x = (position + seed) * 0x9E37_79B9_7F4A_7C15L;
        x ^= x >>> 29;
        return (byte) ((x * 0xBF58_476D_1CE4_E5B9L) >>> 56);
    }
}
