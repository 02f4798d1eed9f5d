package dev.toehold.client;

/** Test bytes: each depends on its stream position, so a byte that is lost, doubled or moved is seen. */
final class Pattern {
    private Pattern() {}

    static byte at(long position) {
        long mixed = position * 0x9e3779b97f4a7c15L;
        return (byte) (mixed >>> 56 ^ position >>> 8);
    }

    static byte[] bytes(long position, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = at(position + i);
        }
        return bytes;
    }
}
