package dev.toehold.tcp;

/** Congestion avoidance of RFC 5681 with appropriate byte counting (RFC 3465). */
final class Reno implements CongestionControl {
    @Override
    public void onAcknowledged(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs) {
        if (!cwndLimited) {
            return;
        }
        if (SlowStart.isActive(tcb)) {
            SlowStart.onAcknowledged(tcb, ackedBytes);
            return;
        }
        int credit = tcb.ackedBytes() + ackedBytes;
        if (credit >= tcb.cwnd()) {
            credit -= tcb.cwnd();
            tcb.cwnd(Math.min(SlowStart.MAX_CWND, tcb.cwnd() + MaximumSegment.payload(tcb)));
        }
        tcb.ackedBytes(Math.min(credit, tcb.cwnd()));
    }

    @Override
    public void onRttSample(Tcb tcb, int rttUs) {
        SlowStart.onRttSample(tcb, rttUs);
    }

    @Override
    public void onLoss(Tcb tcb, int flightBytes, long nowNs) {
        tcb.undoCwnd(tcb.cwnd());
        tcb.undoSsthresh(tcb.ssthresh());
        tcb.ssthresh(Math.max(Math.min(flightBytes, tcb.cwnd()) / 2, 2 * MaximumSegment.payload(tcb)));
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
