package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/** Fast retransmit and fast recovery without SACK: RFC 5681 section 3.2 as NewReno has it (RFC 6582). */
final class FastRecovery {
    static final int DUPLICATE_THRESHOLD = 3;

    private static final int MAX_DUP_ACKS = 0xFF;

    private final Context context;
    private final Output output;
    private final Timers timers;

    FastRecovery(Context context, Output output, Timers timers) {
        this.context = context;
        this.output = output;
        this.timers = timers;
    }

    void onDuplicateAck(Tcb tcb, long nowNs) {
        tcb.dupAcks(Math.min(tcb.dupAcks() + 1, MAX_DUP_ACKS));
        context.counters.increment(TcpCounters.DUPLICATE_ACKS_IN);
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            // Each one says that a segment has left the network (section 3.2 step 4 of RFC 5681).
            tcb.cwnd(Math.min(SlowStart.MAX_CWND, tcb.cwnd() + MaximumSegment.payload(tcb)));
        } else if (tcb.recovery() == RecoveryPhase.OPEN && tcb.dupAcks() == DUPLICATE_THRESHOLD) {
            enter(tcb, nowNs);
        }
    }

    private void enter(Tcb tcb, long nowNs) {
        int flight = (int) Math.min(tcb.sndMax() - tcb.sndUna(), Integer.MAX_VALUE / 2);
        context.congestion.onLoss(tcb, CongestionControl.usedWindow(tcb, flight), nowNs);
        tcb.set(TcbFlags.ECN_REDUCED);
        context.counters.increment(TcpCounters.FAST_RECOVERIES);
        tcb.recover(tcb.sndMax());
        tcb.recovery(RecoveryPhase.RECOVERY);
        tcb.cwnd(tcb.ssthresh() + DUPLICATE_THRESHOLD * MaximumSegment.payload(tcb));
        retransmitFirst(tcb, nowNs);
        timers.armRetransmission(tcb, nowNs);
    }

    /** New data was acknowledged: {@code sndUna} has moved. */
    void onNewAck(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs) {
        tcb.dupAcks(0);
        boolean complete = tcb.sndUna() >= tcb.recover();
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            int mss = MaximumSegment.payload(tcb);
            if (complete) {
                int flight = (int) (tcb.sndMax() - tcb.sndUna());
                tcb.cwnd(Math.min(tcb.ssthresh(), Math.max(flight, mss) + mss));
                tcb.recovery(RecoveryPhase.OPEN);
            } else {
                // A partial ACK: the next hole is lost too; deflate by what left the network (RFC 6582 section 3.2).
                tcb.cwnd(Math.max(mss, tcb.cwnd() - ackedBytes + (ackedBytes >= mss ? mss : 0)));
                retransmitFirst(tcb, nowNs);
            }
            return;
        }
        if (complete) {
            tcb.recovery(RecoveryPhase.OPEN);
        }
        context.congestion.onAcknowledged(tcb, ackedBytes, cwndLimited, nowNs);
    }

    private void retransmitFirst(Tcb tcb, long nowNs) {
        long una = tcb.sndUna();
        long end = tcb.finSent() >= 0 ? tcb.finSent() : tcb.submitted();
        int length = (int) Math.min(Math.min(end, tcb.sndMax()) - una, output.maxPayload(tcb));
        boolean fin = tcb.finSent() >= 0 && una + length == tcb.finSent();
        if (length > 0 || fin) {
            output.send(tcb, una, length, fin ? Tcp.FIN : 0, nowNs);
        }
    }
}
