package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/** Fast retransmit and fast recovery without SACK: RFC 5681 section 3.2 as NewReno has it (RFC 6582). */
final class FastRecovery {
    static final int DUPLICATE_THRESHOLD = 3;

    private static final int MAX_DUP_ACKS = 0xFF;

    /** In {@link Tcb#tlpFlags()}: this recovery has had its partial ACK. */
    private static final int PARTIAL_SEEN = 4;

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
        } else if (SpuriousTimeout.isPossible(tcb)) {
            if (SpuriousTimeout.isHolding(tcb)) {
                SpuriousTimeout.onAck(tcb, false, tcb.sndUna(), 0);
                tcb.sndNxt(tcb.sndUna());
            }
            SpuriousTimeout.end(tcb);
        } else if (tcb.recovery() == RecoveryPhase.OPEN
                && tcb.dupAcks() == DUPLICATE_THRESHOLD
                && tcb.sndUna() > tcb.recover()) {
            // At recover itself duplicates may be of what a recovery sent again (RFC 6582 section 3.2 step 2).
            enter(tcb, nowNs);
        }
    }

    private void enter(Tcb tcb, long nowNs) {
        if (!Ecn.hasReduced(tcb)) {
            context.congestion.onLoss(tcb, (int) Math.min(tcb.sndMax() - tcb.sndUna(), Integer.MAX_VALUE), nowNs);
        }
        tcb.set(TcbFlags.ECN_REDUCED);
        ReductionUndo.begin(tcb);
        context.counters.increment(TcpCounters.FAST_RECOVERIES);
        tcb.recover(tcb.sndMax());
        tcb.recovery(RecoveryPhase.RECOVERY);
        tcb.tlpFlags(tcb.tlpFlags() & ~PARTIAL_SEEN);
        tcb.cwnd(tcb.ssthresh() + DUPLICATE_THRESHOLD * MaximumSegment.payload(tcb));
        retransmitFirst(tcb, nowNs);
        timers.armRetransmission(tcb, nowNs);
    }

    /**
     * New data was acknowledged: {@code sndUna} has moved.
     *
     * @return whether the retransmission timer starts anew: of partial ACKs only the first restarts it, so that a window with many losses ends in a
     *     timeout rather than in as many round trips (RFC 6582 section 4)
     */
    boolean onNewAck(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs) {
        tcb.dupAcks(0);
        boolean complete = tcb.sndUna() >= tcb.recover();
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            return onAckInRecovery(tcb, ackedBytes, complete, nowNs);
        }
        if (SpuriousTimeout.isPossible(tcb)) {
            if (SpuriousTimeout.isHolding(tcb)) {
                SpuriousTimeout.end(tcb);
                tcb.recovery(RecoveryPhase.OPEN);
                context.congestion.onSpurious(tcb);
                context.counters.increment(TcpCounters.SPURIOUS_RECOVERIES);
                return true;
            }
            SpuriousTimeout.onAck(tcb, true, tcb.sndUna(), tcb.sndMax() - tcb.sndUna());
            if (SpuriousTimeout.isHolding(tcb)) {
                tcb.sndNxt(tcb.sndMax());
                return true;
            }
        }
        if (complete) {
            tcb.recovery(RecoveryPhase.OPEN);
            SpuriousTimeout.end(tcb);
        }
        context.congestion.onAcknowledged(tcb, ackedBytes, cwndLimited, nowNs);
        return true;
    }

    private boolean onAckInRecovery(Tcb tcb, int ackedBytes, boolean complete, long nowNs) {
        int mss = MaximumSegment.payload(tcb);
        if (complete) {
            int flight = (int) (tcb.sndMax() - tcb.sndUna());
            tcb.cwnd(Math.min(tcb.ssthresh(), Math.max(flight, mss) + mss));
            tcb.recovery(RecoveryPhase.OPEN);
            return true;
        }
        // A partial ACK: the next hole is lost too; deflate by what left the network (RFC 6582 section 3.2).
        tcb.cwnd(Math.max(mss, tcb.cwnd() - ackedBytes + (ackedBytes >= mss ? mss : 0)));
        retransmitFirst(tcb, nowNs);
        boolean isFirst = (tcb.tlpFlags() & PARTIAL_SEEN) == 0;
        tcb.tlpFlags(tcb.tlpFlags() | PARTIAL_SEEN);
        return isFirst;
    }

    private void retransmitFirst(Tcb tcb, long nowNs) {
        long una = tcb.sndUna();
        long end = tcb.finSent() >= 0 ? tcb.finSent() : tcb.submitted();
        int length = (int) Math.min(Math.min(end, tcb.sndMax()) - una, output.maxPayload(tcb));
        boolean fin = tcb.finSent() >= 0 && una + length == tcb.finSent();
        if (length > 0 || fin) {
            int push = length > 0 && una + length == tcb.submitted() ? Tcp.PSH : 0;
            output.send(tcb, una, length, push | (fin ? Tcp.FIN : 0), nowNs);
        }
    }
}
