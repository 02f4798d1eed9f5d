package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;

/** The timestamps option: our clock, TS.Recent, PAWS and round trips (RFC 7323 sections 3 to 5). */
final class Timestamps {
    private static final long NS_PER_TICK = 1_000_000;
    private static final long NS_PER_SECOND = 1_000_000_000;

    /** A TS.Recent older than 24 days says nothing (RFC 7323 section 5.5). */
    private static final int OUTDATED_SECONDS = 24 * 86_400;

    /** A round trip that took longer than this is not one. */
    private static final int MAX_RTT_TICKS = 600_000;

    private Timestamps() {}

    /** TSval: one tick a millisecond. The offset is stored and the clock monotonic, so no restart makes it go back. */
    static int value(Tcb tcb, long nowNs) {
        return value(tcb.tsOffset(), nowNs);
    }

    static int value(int tsOffset, long nowNs) {
        return (int) (nowNs / NS_PER_TICK) + tsOffset;
    }

    static void remember(Tcb tcb, int tsVal, long nowNs) {
        tcb.tsRecent(tsVal);
        tcb.tsRecentAgeSeconds((int) (nowNs / NS_PER_SECOND));
        tcb.set(TcbFlags.TS_RECENT_VALID);
    }

    /** PAWS, section 5.3 (R1): true = an old duplicate. A RST is exempt. */
    static boolean isOldDuplicate(Tcb tcb, Segment segment, long nowNs) {
        if (!tcb.has(TcbFlags.TS_RECENT_VALID)
                || segment.has(Tcp.RST)
                || SequenceNumber.geq(segment.options.tsVal(), tcb.tsRecent())) {
            return false;
        }
        return (int) (nowNs / NS_PER_SECOND) - tcb.tsRecentAgeSeconds() < OUTDATED_SECONDS;
    }

    /** Section 4.3 (2): only a segment that covers Last.ACK.sent updates TS.Recent. */
    static void update(Tcb tcb, Segment segment, long nowNs) {
        int tsVal = segment.options.tsVal();
        boolean newer = !tcb.has(TcbFlags.TS_RECENT_VALID) || SequenceNumber.geq(tsVal, tcb.tsRecent());
        if (newer && tcb.receivePosition(segment.seq) <= tcb.lastAckSent()) {
            remember(tcb, tsVal, nowNs);
        } else if (!newer) {
            // PAWS let it pass only because TS.Recent was outdated.
            remember(tcb, tsVal, nowNs);
        }
    }

    /** The round trip that TSecr shows, in ns; -1 = none. */
    static long roundTripNs(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.options.hasTimestamps() || segment.options.tsEcr() == 0) {
            return -1;
        }
        int ticks = value(tcb, nowNs) - segment.options.tsEcr();
        return ticks < 0 || ticks > MAX_RTT_TICKS ? -1 : Math.max(1, ticks) * NS_PER_TICK;
    }
}
