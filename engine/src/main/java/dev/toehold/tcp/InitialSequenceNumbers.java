package dev.toehold.tcp;

import dev.toehold.net.SipHash;

/** Initial sequence numbers: {@code ISN = M + F(tuple, key)} of RFC 6528 section 3, M ticking every 4 microseconds. */
public final class InitialSequenceNumbers {
    private static final long NS_PER_TICK = 4_000;

    private final SipHash hash;

    /** A hash of this thread alone; the key is in the state file, so that M's order survives a restart. */
    public InitialSequenceNumbers(SipHash hash) {
        this.hash = hash;
    }

    /** The iss of a connection that begins now; {@code tcpPorts} has the remote port in its high half. */
    public int next(long remoteHigh, long remoteLow, long localHigh, long localLow, int tcpPorts, long nowNs) {
        return (int) (nowNs / NS_PER_TICK) + (int) hash.hash(remoteHigh, remoteLow, localHigh, localLow, tcpPorts);
    }
}
