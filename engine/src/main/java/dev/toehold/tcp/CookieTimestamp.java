package dev.toehold.tcp;

/**
 * The options of a SYN that was answered with a cookie, in the low bits of the answer's TSval: the ACK echoes it. A peer that changes them
 * changes what itself is taken to have offered, nothing else.
 *
 * <pre>
 *   | milliseconds, rounded down to 64 | ECN | SACK | window scale, 15 = none |
 *                                        bit 5   4    3                      0
 * </pre>
 */
final class CookieTimestamp {
    /** No window scale option. */
    static final int NONE = 15;

    private static final int SACK_PERMITTED = 1 << 4;
    private static final int ECN = 1 << 5;
    private static final int KEPT = (1 << 6) - 1;

    private CookieTimestamp() {}

    /** Not ahead of the clock, so that what follows is never older (PAWS). */
    static int encode(int clock, int windowScale, boolean sackPermitted, boolean ecn) {
        int kept = windowScale | (sackPermitted ? SACK_PERMITTED : 0) | (ecn ? ECN : 0);
        int value = (clock & ~KEPT) | kept;
        return value - clock > 0 ? value - KEPT - 1 : value;
    }

    static int windowScale(int tsEcr) {
        return tsEcr & NONE;
    }

    static boolean sackPermitted(int tsEcr) {
        return (tsEcr & SACK_PERMITTED) != 0;
    }

    static boolean ecn(int tsEcr) {
        return (tsEcr & ECN) != 0;
    }
}
