package dev.toehold.net;

/**
 * Serial-number arithmetic on TCP sequence numbers and timestamps, modulo 2^32 (RFC 9293 section 3.4, RFC 1982).
 *
 * <p>Comparisons hold for numbers less than 2^31 apart; at exactly 2^31 the order is undefined by RFC 1982, and here both
 * {@code lt(a, b)} and {@code lt(b, a)} are true.
 */
public final class SequenceNumber {
    private SequenceNumber() {}

    /** a &lt; b. */
    public static boolean lt(int a, int b) {
        return a - b < 0;
    }

    /** a =&lt; b. */
    public static boolean leq(int a, int b) {
        return a - b <= 0;
    }

    /** a &gt; b. */
    public static boolean gt(int a, int b) {
        return a - b > 0;
    }

    /** a &gt;= b. */
    public static boolean geq(int a, int b) {
        return a - b >= 0;
    }

    /** How far {@code a} is ahead of {@code b}: negative when it is behind. */
    public static int diff(int a, int b) {
        return a - b;
    }

    /** Whether {@code value} lies in [from, from + length), {@code length} being at most 2^31 - 1. */
    public static boolean inWindow(int value, int from, int length) {
        return Integer.compareUnsigned(value - from, length) < 0;
    }

    public static int max(int a, int b) {
        return gt(a, b) ? a : b;
    }

    public static int min(int a, int b) {
        return lt(a, b) ? a : b;
    }
}
