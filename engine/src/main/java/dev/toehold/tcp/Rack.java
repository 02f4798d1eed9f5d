package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;

/**
 * RACK (RFC 8985 section 6): a segment is lost if one that was sent later has arrived and a reordering window has passed since. Time
 * takes the place of counting duplicates, so lost retransmissions are found like any other loss.
 */
final class Rack {
    private static final int MAX_MULTIPLIER = 20;
    private static final int PERSIST_RECOVERIES = 16;
    private static final int DUPLICATE_THRESHOLD = 3;

    private final Scoreboard scoreboard;
    private final TcpCounters counters;

    Rack(Scoreboard scoreboard, TcpCounters counters) {
        this.scoreboard = scoreboard;
        this.counters = counters;
    }

    /**
     * Section 6.2 steps 1 to 3 for a range that an ACK newly delivered.
     *
     * @param fackBefore RACK.fack before this ACK: ranges of one ACK come in no order that would tell of reordering
     */
    void update(Tcb tcb, Segment segment, long fackBefore, long end, long xmitNs, boolean retransmitted, long nowNs) {
        tcb.rackFack(Math.max(tcb.rackFack(), end));
        if (end < fackBefore && !retransmitted) {
            tcb.set(TcbFlags.REORDERING_SEEN);
        }
        int rttUs = Math.clamp((nowNs - xmitNs) / 1_000, 1, Integer.MAX_VALUE);
        if (retransmitted && isAmbiguous(tcb, segment, xmitNs, rttUs)) {
            return;
        }
        tcb.rackRttUs(rttUs);
        if (isSentAfter(xmitNs, end, tcb.rackXmitNs(), tcb.rackEnd())) {
            tcb.rackXmitNs(xmitNs);
            tcb.rackEnd(end);
        }
    }

    /** The ACK may be of an earlier transmission: its timestamp echo is older, or it came sooner than any round trip. */
    private static boolean isAmbiguous(Tcb tcb, Segment segment, long xmitNs, int rttUs) {
        boolean isEchoOlder = tcb.has(TcbFlags.TIMESTAMPS)
                && segment.options.hasTimestamps()
                && SequenceNumber.lt(segment.options.tsEcr(), Timestamps.value(tcb, xmitNs));
        return isEchoOlder || rttUs < tcb.minRttUs();
    }

    /** Section 6.2 step 4: RACK.dsack_round, 0 standing for none, ends when what was in flight is acknowledged. */
    void onAck(Tcb tcb) {
        int round = tcb.rackDsackRound();
        if (round != 0 && SequenceNumber.geq(tcb.sendSequence(tcb.sndUna()), round)) {
            tcb.rackDsackRound(0);
        }
    }

    /** Section 6.2 step 4: a D-SACK widens the window, once a round trip; 16 recoveries without one narrow it again. */
    void onDuplicateReported(Tcb tcb) {
        if (tcb.rackDsackRound() != 0) {
            return;
        }
        int round = tcb.sendSequence(tcb.sndMax());
        tcb.rackDsackRound(round == 0 ? 1 : round);
        tcb.rackReoMultiplier(Math.min(tcb.rackReoMultiplier() + 1, MAX_MULTIPLIER));
        tcb.rackReoPersist(PERSIST_RECOVERIES);
    }

    void onRecoveryEnd(Tcb tcb) {
        if (tcb.rackReoPersist() > 0) {
            tcb.rackReoPersist(tcb.rackReoPersist() - 1);
        }
        if (tcb.rackReoPersist() == 0) {
            tcb.rackReoMultiplier(0);
        }
    }

    private long reorderingWindowNs(Tcb tcb) {
        boolean certain = tcb.recovery() != RecoveryPhase.OPEN
                || scoreboard.sackedBytes(tcb) >= (long) DUPLICATE_THRESHOLD * MaximumSegment.payload(tcb);
        if (!tcb.has(TcbFlags.REORDERING_SEEN) && certain) {
            return 0;
        }
        long window = (tcb.rackReoMultiplier() + 1L) * tcb.minRttUs() / 4;
        return Math.min(window, tcb.srttUs()) * 1_000;
    }

    /** Section 6.2 step 5: marks what is lost; returns ns until something else may turn out to be, 0 = nothing will. */
    long detectLoss(Tcb tcb, long nowNs) {
        if (tcb.rackXmitNs() == 0) {
            return 0;
        }
        long windowNs = tcb.rackRttUs() * 1_000L + reorderingWindowNs(tcb);
        long timeoutNs = 0;
        int count = scoreboard.count(tcb);
        for (int i = 0; i < count; i++) {
            boolean inFlight = (scoreboard.kind(tcb, i) & (Scoreboard.SACKED | Scoreboard.LOST)) == 0;
            long xmitNs = scoreboard.xmitNs(tcb, i);
            if (!inFlight || !isSentAfter(tcb.rackXmitNs(), tcb.rackEnd(), xmitNs, scoreboard.end(tcb, i))) {
                continue;
            }
            long remaining = xmitNs + windowNs - nowNs;
            if (remaining <= 0) {
                scoreboard.markLost(tcb, i);
                counters.increment(TcpCounters.LOSSES_DETECTED);
            } else {
                timeoutNs = Math.max(timeoutNs, remaining);
            }
        }
        return timeoutNs;
    }

    /** Section 6.3: a timeout takes the first segment for lost, and what has been out for as long as a round trip takes. */
    void markLostOnTimeout(Tcb tcb, long nowNs) {
        long windowNs = tcb.rackRttUs() * 1_000L + reorderingWindowNs(tcb);
        int count = scoreboard.count(tcb);
        for (int i = 0; i < count; i++) {
            boolean inFlight = (scoreboard.kind(tcb, i) & (Scoreboard.SACKED | Scoreboard.LOST)) == 0;
            if (inFlight && (i == 0 || scoreboard.xmitNs(tcb, i) + windowNs <= nowNs)) {
                scoreboard.markLost(tcb, i);
            }
        }
    }

    private static boolean isSentAfter(long xmit1, long end1, long xmit2, long end2) {
        return xmit1 > xmit2 || (xmit1 == xmit2 && end1 > end2);
    }
}
