package dev.toehold.tcp;

/**
 * CUBIC (RFC 9438): the window is a cubic function of the time since the last reduction, and never below what Reno would have.
 *
 * <pre>
 *   W_cubic(t) = C * (t - K)^3 + W_max       K = cbrt((W_max - cwnd_epoch) / C)       (segments, seconds)
 * </pre>
 */
final class Cubic implements CongestionControl {
    private static final double C = 0.4;
    private static final double BETA = 0.7;
    private static final double ALPHA = 3 * (1 - BETA) / (1 + BETA);

    /** Section 4.2: target stays within [cwnd, 1.5 * cwnd]. */
    private static final double MAX_GROWTH = 1.5;

    private static final long NS_PER_MS = 1_000_000;

    @Override
    public void onAcknowledged(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs) {
        if (!cwndLimited) {
            // Time in which the window was not in use says nothing of the path (section 5.8).
            tcb.epochStartMs(0);
            return;
        }
        if (SlowStart.isActive(tcb)) {
            SlowStart.onAcknowledged(tcb, ackedBytes);
            return;
        }
        int nowMs = (int) (nowNs / NS_PER_MS);
        if (tcb.epochStartMs() == 0) {
            beginEpoch(tcb, nowMs);
        }
        int mss = MaximumSegment.payload(tcb);
        double cwnd = tcb.cwnd();
        double seconds = (nowMs - tcb.epochStartMs()) / 1e3;
        double reno = renoFriendly(tcb, ackedBytes, mss);
        double now = windowAt(tcb, seconds, mss);
        if (now < reno) {
            tcb.cwnd((int) Math.min(SlowStart.MAX_CWND, Math.max(cwnd, reno)));
            return;
        }
        double target = Math.clamp(windowAt(tcb, seconds + tcb.srttUs() / 1e6, mss), cwnd, MAX_GROWTH * cwnd);
        tcb.cwnd((int) Math.min(SlowStart.MAX_CWND, Math.round(cwnd + (target - cwnd) / cwnd * ackedBytes)));
    }

    /** W_cubic in bytes, {@code seconds} after the epoch began. */
    static double windowAt(Tcb tcb, double seconds, int mss) {
        double t = seconds - tcb.kMs() / 1e3;
        return C * t * t * t * mss + tcb.wMax();
    }

    private static void beginEpoch(Tcb tcb, int nowMs) {
        int mss = MaximumSegment.payload(tcb);
        tcb.epochStartMs(nowMs == 0 ? 1 : nowMs);
        tcb.wEst(tcb.cwnd());
        tcb.ackedBytes(0);
        if (tcb.cwnd() < tcb.wMax()) {
            tcb.kMs((int) (Math.cbrt((tcb.wMax() - tcb.cwnd()) / (C * mss)) * 1e3));
        } else {
            tcb.kMs(0);
            tcb.wMax(tcb.cwnd());
        }
    }

    /** W_est (section 4.3): grows by alpha segments a window, by one once it has reached where the loss was. */
    private static double renoFriendly(Tcb tcb, int ackedBytes, int mss) {
        double alpha = tcb.wEst() >= tcb.undoCwnd() ? 1 : ALPHA;
        long acked = tcb.ackedBytes() + (long) ackedBytes;
        int growth = (int) (alpha * acked * mss / tcb.cwnd());
        tcb.wEst(Math.min(SlowStart.MAX_CWND, tcb.wEst() + growth));
        // What makes no whole byte yet counts with the next ACK.
        long spent = (long) (growth * (double) tcb.cwnd() / (alpha * mss));
        tcb.ackedBytes((int) Math.clamp(acked - spent, 0L, Integer.MAX_VALUE / 2));
        return tcb.wEst();
    }

    @Override
    public void onRttSample(Tcb tcb, int rttUs) {
        SlowStart.onRttSample(tcb, rttUs);
    }

    /** Sections 4.6 and 4.7, with fast convergence. */
    @Override
    public void onLoss(Tcb tcb, int flightBytes, long nowNs) {
        int cwnd = tcb.cwnd();
        tcb.undoCwnd(cwnd);
        tcb.undoSsthresh(tcb.ssthresh());
        tcb.undoWEst(tcb.wEst());
        if (!SlowStart.isFirst(tcb)) {
            tcb.undoWMax(tcb.wMax());
            tcb.undoKMs(tcb.kMs());
            tcb.undoEpochStartMs(tcb.epochStartMs());
        }
        tcb.wMax(cwnd < tcb.wMax() ? (int) (cwnd * (1 + BETA) / 2) : cwnd);
        // What selective ACKs have taken out of flight lies between sndUna and sndMax as well: cwnd bounds what was
        // really out.
        tcb.ssthresh(Math.max((int) (Math.min(flightBytes, cwnd) * BETA), 2 * MaximumSegment.payload(tcb)));
        tcb.epochStartMs(0);
    }

    /** Section 4.8: after a timeout the epoch begins where slow start ends. */
    @Override
    public void onTimeout(Tcb tcb, int flightBytes, boolean repeated, long nowNs) {
        if (!repeated) {
            onLoss(tcb, flightBytes, nowNs);
        }
        tcb.wMax(0);
        tcb.epochStartMs(0);
        tcb.cwnd(MaximumSegment.payload(tcb));
    }

    @Override
    public void onIdle(Tcb tcb, TcpConfig config) {
        CongestionControl.super.onIdle(tcb, config);
        tcb.epochStartMs(0);
    }

    /** Section 4.9: all of it is as before the reduction, unless the window has grown beyond that meanwhile. */
    @Override
    public void onSpurious(Tcb tcb) {
        boolean isRestored = tcb.cwnd() < tcb.undoCwnd();
        CongestionControl.super.onSpurious(tcb);
        if (!isRestored) {
            return;
        }
        tcb.wEst(tcb.undoWEst());
        // In the first slow start there was no curve yet, and HyStart++ goes on with what it remembers.
        boolean hadCurve = !SlowStart.isFirst(tcb);
        tcb.wMax(hadCurve ? tcb.undoWMax() : 0);
        tcb.kMs(hadCurve ? tcb.undoKMs() : 0);
        tcb.epochStartMs(hadCurve ? tcb.undoEpochStartMs() : 0);
    }
}
