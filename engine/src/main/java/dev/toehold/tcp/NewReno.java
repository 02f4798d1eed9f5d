package dev.toehold.tcp;

/** Slow start and congestion avoidance of RFC 5681 with appropriate byte counting (RFC 3465, L = 2). */
final class NewReno implements CongestionControl {
    private static final int MAX_CWND = 1 << 30;

    @Override
    public void onAcknowledged(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs) {
        if (!cwndLimited) {
            return;
        }
        int mss = MaximumSegment.payload(tcb);
        if (tcb.cwnd() < tcb.ssthresh()) {
            tcb.cwnd(Math.min(MAX_CWND, tcb.cwnd() + Math.min(ackedBytes, 2 * mss)));
            return;
        }
        int credit = tcb.ackedBytes() + ackedBytes;
        if (credit >= tcb.cwnd()) {
            credit -= tcb.cwnd();
            tcb.cwnd(Math.min(MAX_CWND, tcb.cwnd() + mss));
        }
        tcb.ackedBytes(Math.min(credit, tcb.cwnd()));
    }

    @Override
    public void onLoss(Tcb tcb, int flightBytes, long nowNs) {
        tcb.undoCwnd(tcb.cwnd());
        tcb.undoSsthresh(tcb.ssthresh());
        tcb.ssthresh(Math.max(flightBytes / 2, 2 * MaximumSegment.payload(tcb)));
        tcb.ackedBytes(0);
    }

    @Override
    public void onTimeout(Tcb tcb, int flightBytes, boolean repeated, long nowNs) {
        if (!repeated) {
            onLoss(tcb, flightBytes, nowNs);
        }
        tcb.cwnd(MaximumSegment.payload(tcb));
        tcb.ackedBytes(0);
    }
}
