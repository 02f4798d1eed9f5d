package dev.toehold.stack;

import dev.toehold.net.SipHash;

/**
 * Initial sequence numbers by RFC 6528: {@code ISN = M + F(tuple, secret)}, where M is a clock of 4 microseconds and F a keyed hash, so
 * that numbers of one tuple grow while nobody can tell those of another. The secret is in the state file: after a restart the space of
 * a tuple goes on from where it was. One instance for one lcore; all lcores' instances agree.
 */
final class InitialSequenceNumbers {
    private static final long TICK_NS = 4_000;

    private final SipHash hash;

    InitialSequenceNumbers(long key0, long key1) {
        hash = new SipHash(2, 4, key0, key1);
    }

    /** F of a tuple: {@link #isn} and {@link #timestampOffset} are made of it. */
    long hash(long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort) {
        return hash.hash(localHigh, localLow, remoteHigh, remoteLow, (localPort << 16) | (remotePort & 0xFFFF));
    }

    static int isn(long f, long nowNs) {
        return (int) (nowNs / TICK_NS) + (int) f;
    }

    /** Constant for a tuple, so that timestamps of successive connections grow too (RFC 7323 section 5.4, RFC 6191). */
    static int timestampOffset(long f) {
        return (int) (f >>> 32);
    }
}
