package dev.toehold.tcp;

/** Slow start of RFC 5681 with byte counting (RFC 3465), and HyStart++ (RFC 9406) for the first one of a connection. */
final class SlowStart {
    static final int MAX_CWND = 1 << 30;

    /** L of RFC 9406 section 4.2 where segments are not paced. */
    private static final int LIMIT_SEGMENTS = 8;

    /**
     * After the first slow start the limit is RFC 5681 section 3.1's: what an ACK covers after a timeout may have left the network long
     * ago (RFC 3465 section 2.3).
     */
    private static final int LIMIT_SEGMENTS_LATER = 1;

    private static final int MIN_RTT_THRESH_US = 4_000;
    private static final int MAX_RTT_THRESH_US = 16_000;
    private static final int MIN_RTT_DIVISOR = 8;
    private static final int RTT_SAMPLES = 8;
    private static final int CSS_GROWTH_DIVISOR = 4;
    private static final int CSS_ROUNDS = 5;

    private SlowStart() {}

    static boolean isActive(Tcb tcb) {
        return tcb.cwnd() < tcb.ssthresh();
    }

    /** Grows cwnd by what was acknowledged; a quarter of it in conservative slow start. */
    static void onAcknowledged(Tcb tcb, int ackedBytes) {
        int segments = isFirst(tcb) ? LIMIT_SEGMENTS : LIMIT_SEGMENTS_LATER;
        int growth = Math.min(ackedBytes, segments * MaximumSegment.payload(tcb));
        if (isFirst(tcb)) {
            endRound(tcb);
            if (inConservative(tcb)) {
                growth /= CSS_GROWTH_DIVISOR;
            }
        }
        tcb.cwnd(Math.min(MAX_CWND, tcb.cwnd() + growth));
    }

    /** HyStart++ ends only the slow start in which nothing is known of the path. */
    static boolean isFirst(Tcb tcb) {
        return tcb.ssthresh() == Integer.MAX_VALUE;
    }

    static boolean inConservative(Tcb tcb) {
        return isFirst(tcb) && tcb.hystartBaselineUs() != 0;
    }

    static void onRttSample(Tcb tcb, int rttUs) {
        if (!isFirst(tcb)) {
            return;
        }
        int least = tcb.hystartRttUs();
        tcb.hystartRttUs(least == 0 ? rttUs : Math.min(least, rttUs));
        tcb.hystartSamples(Math.min(tcb.hystartSamples() + 1, 0xFF));
        if (tcb.hystartSamples() < RTT_SAMPLES) {
            return;
        }
        int current = tcb.hystartRttUs();
        if (inConservative(tcb)) {
            if (current < tcb.hystartBaselineUs()) {
                // The delay went away again: it was no queue of ours.
                tcb.hystartBaselineUs(0);
            }
            return;
        }
        int last = tcb.hystartLastRttUs();
        int threshold = Math.clamp(last / MIN_RTT_DIVISOR, MIN_RTT_THRESH_US, MAX_RTT_THRESH_US);
        if (last != 0 && current >= last + threshold) {
            tcb.hystartBaselineUs(current);
            tcb.hystartRounds(0);
        }
    }

    /** A round ends when what was sent at its beginning is acknowledged; five of them in CSS end slow start. */
    private static void endRound(Tcb tcb) {
        if (tcb.sndUna() < tcb.roundEnd()) {
            return;
        }
        tcb.roundEnd(tcb.sndNxt());
        if (inConservative(tcb)) {
            tcb.hystartRounds(tcb.hystartRounds() + 1);
            if (tcb.hystartRounds() >= CSS_ROUNDS) {
                tcb.ssthresh(tcb.cwnd());
            }
        }
        tcb.hystartLastRttUs(tcb.hystartRttUs());
        tcb.hystartRttUs(0);
        tcb.hystartSamples(0);
    }
}
