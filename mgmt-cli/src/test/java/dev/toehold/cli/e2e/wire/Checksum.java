package dev.toehold.cli.e2e.wire;

/** The Internet checksum (RFC 1071), written a second time: the engine's own would agree with itself. */
final class Checksum {
    private Checksum() {}

    static int of(byte[] bytes, int from, int to) {
        return ~fold(sum(bytes, from, to)) & 0xffff;
    }

    /** Of a transport header and what follows it, with the pseudo-header (RFC 9293 section 3.1, RFC 8200 section 8.1). */
    static int ofTransport(byte[] source, byte[] destination, int protocol, byte[] bytes, int from, int to) {
        long sum = sum(source, 0, source.length) + sum(destination, 0, destination.length);
        int length = to - from;
        return ~fold(sum + protocol + (length >>> 16) + (length & 0xffff) + sum(bytes, from, to)) & 0xffff;
    }

    private static long sum(byte[] bytes, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            int value = bytes[i] & 0xff;
            sum += ((i - from) & 1) == 0 ? value << 8 : value;
        }
        return sum;
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
