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

    int next(
            long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort, long nowNs) {
        long f = hash.hash(localHigh, localLow, remoteHigh, remoteLow, (localPort << 16) | (remotePort & 0xFFFF));
        return (int) (nowNs / TICK_NS) + (int) f;
    }
}
