package dev.toehold.tcp;

/**
 * Loss recovery over the {@link Scoreboard}: RACK says what is lost, proportional rate reduction (RFC 6937) how fast it is sent again, the
 * congestion controller how much remains afterwards. A timeout that turns out to be spurious is undone (RFC 5682).
 */
final class SackRecovery {
    private final Context context;
    private final Scoreboard scoreboard;
    private final Rack rack;
    private final TailLossProbe probe;
    private final RttEstimator rtt;
    private final Delivery delivery;
    private final Timers timers;

    SackRecovery(Context context, Rack rack, TailLossProbe probe, RttEstimator rtt, Timers timers) {
        this.context = context;
        this.scoreboard = context.scoreboard;
        this.rack = rack;
        this.probe = probe;
        this.rtt = rtt;
        this.timers = timers;
        delivery = new Delivery(rack);
    }

    /** An acceptable ACK at or beyond sndUna; commits sndUna. Returns ns after which RACK wants to look again, 0 = never. */
    long onAck(Tcb tcb, Segment segment, long ack, boolean cwndLimited, long nowNs) {
        long una = tcb.sndUna();
        delivery.begin(segment, nowNs);
        if (ack > una) {
            scoreboard.acknowledge(tcb, ack, delivery);
            context.store.commitSndUna(tcb, ack);
        }
        takeBlocks(tcb, segment, ack);
        if (delivery.originalXmitNs != Long.MIN_VALUE) {
            sample(tcb, nowNs - delivery.originalXmitNs);
        } else if (delivery.bytes > 0 && tcb.has(TcbFlags.TIMESTAMPS)) {
            sample(tcb, Timestamps.roundTripNs(tcb, segment, nowNs));
        }
        if (delivery.duplicate) {
            tcb.dsacksIn(tcb.dsacksIn() + 1);
            rack.onDuplicateReported(tcb);
        }
        boolean probeFoundLoss = probe.onAck(tcb, segment, ack, ack > una, delivery.duplicate);
        undoSpuriousTimeout(tcb);
        long lookAgainNs = rack.detectLoss(tcb, nowNs);
        if (tcb.recovery() != RecoveryPhase.OPEN && ack >= tcb.recover() && ack > una) {
            leave(tcb);
        }
        if (tcb.recovery() == RecoveryPhase.OPEN && scoreboard.lostBytes(tcb) > 0) {
            enter(tcb, nowNs);
        } else if (tcb.recovery() == RecoveryPhase.OPEN && probeFoundLoss) {
            context.congestion.onLoss(tcb, CongestionControl.usedWindow(tcb, tcb.sndMax() - una), nowNs);
            tcb.cwnd(tcb.ssthresh());
            tcb.set(TcbFlags.ECN_REDUCED);
        }
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            reduceProportionally(tcb);
        } else if (ack > una) {
            context.congestion.onAcknowledged(tcb, (int) (ack - una), cwndLimited, nowNs);
        }
        return lookAgainNs;
    }

    private void sample(Tcb tcb, long sampleNs) {
        if (sampleNs >= 0) {
            rtt.onSample(tcb, sampleNs);
            context.congestion.onRttSample(tcb, (int) Math.min(sampleNs / 1_000, Integer.MAX_VALUE));
            tcb.backoff(0);
        }
    }

    /** SACK blocks; the first may be a D-SACK: below the ACK, or within the second (RFC 2883 section 4). */
    private void takeBlocks(Tcb tcb, Segment segment, long ack) {
        int blocks = segment.options.sackBlockCount();
        for (int i = 0; i < blocks; i++) {
            long start = tcb.sendPosition(segment.options.sackLeftEdge(i));
            long end = tcb.sendPosition(segment.options.sackRightEdge(i));
            if (start >= end || end > tcb.sndMax()) {
                continue;
            }
            if (i == 0 && (end <= ack || isWithinSecond(tcb, segment, start, end))) {
                delivery.duplicate = true;
                continue;
            }
            if (start >= tcb.sndUna()) {
                scoreboard.sack(tcb, start, end, delivery);
            }
        }
    }

    private static boolean isWithinSecond(Tcb tcb, Segment segment, long start, long end) {
        return segment.options.sackBlockCount() > 1
                && start >= tcb.sendPosition(segment.options.sackLeftEdge(1))
                && end <= tcb.sendPosition(segment.options.sackRightEdge(1));
    }

    /** The reordering window passed without news. */
    void onReorderingTimeout(Tcb tcb, long nowNs) {
        long again = rack.detectLoss(tcb, nowNs);
        if (tcb.recovery() == RecoveryPhase.OPEN && scoreboard.lostBytes(tcb) > 0) {
            enter(tcb, nowNs);
            delivery.bytes = 0;
            reduceProportionally(tcb);
        }
        if (again > 0) {
            timers.armReordering(tcb, nowNs + again);
        } else {
            timers.armRetransmission(tcb, nowNs);
        }
    }

    private void enter(Tcb tcb, long nowNs) {
        int flight = (int) Math.min(tcb.sndMax() - tcb.sndUna(), Integer.MAX_VALUE / 2);
        context.congestion.onLoss(tcb, CongestionControl.usedWindow(tcb, flight), nowNs);
        tcb.set(TcbFlags.ECN_REDUCED);
        context.counters.increment(TcpCounters.FAST_RECOVERIES);
        tcb.recover(tcb.sndMax());
        tcb.recovery(RecoveryPhase.RECOVERY);
        tcb.prrDelivered(0);
        tcb.prrOut(0);
        tcb.recoverFs(Math.max(1, flight));
        tcb.tlpEnd(-1);
    }

    private void leave(Tcb tcb) {
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            tcb.cwnd(Math.max(tcb.ssthresh(), MaximumSegment.payload(tcb)));
            rack.onRecoveryEnd(tcb);
        }
        tcb.recovery(RecoveryPhase.OPEN);
        tcb.unset(TcbFlags.MAYBE_SPURIOUS);
    }

    /** RFC 6937 section 3.1 with the slow-start reduction bound; the first retransmission is always allowed. */
    private void reduceProportionally(Tcb tcb) {
        int mss = MaximumSegment.payload(tcb);
        long pipe = scoreboard.pipe(tcb);
        long delivered = Math.min(tcb.prrDelivered() + delivery.bytes, Integer.MAX_VALUE / 2);
        tcb.prrDelivered((int) delivered);
        long send;
        if (pipe > tcb.ssthresh()) {
            send = Math.ceilDiv(delivered * tcb.ssthresh(), tcb.recoverFs()) - tcb.prrOut();
        } else {
            long limit = Math.max(delivered - tcb.prrOut(), delivery.bytes) + mss;
            send = Math.min(tcb.ssthresh() - pipe, limit);
        }
        if (tcb.prrOut() == 0) {
            send = Math.max(send, mss);
        }
        tcb.cwnd(Math.clamp(pipe + Math.max(send, 0), mss, Integer.MAX_VALUE / 2));
    }

    /** The retransmission timer: RFC 8985 section 6.3 says what is lost, RFC 5681 section 3.1 what cwnd becomes. */
    void onTimeout(Tcb tcb, boolean repeated, long nowNs) {
        if (scoreboard.isReneged(tcb)) {
            scoreboard.forgetSacked(tcb);
        }
        rack.markLostOnTimeout(tcb, nowNs);
        int flight = (int) Math.min(tcb.sndMax() - tcb.sndUna(), Integer.MAX_VALUE / 2);
        boolean first = !repeated && tcb.recovery() == RecoveryPhase.OPEN;
        context.congestion.onTimeout(tcb, flight, repeated || tcb.recovery() == RecoveryPhase.LOSS, nowNs);
        long pipe = Math.min(scoreboard.pipe(tcb), Integer.MAX_VALUE / 2);
        tcb.cwnd((int) pipe + tcb.cwnd());
        tcb.set(TcbFlags.MAYBE_SPURIOUS, first);
        tcb.recovery(RecoveryPhase.LOSS);
        tcb.set(TcbFlags.ECN_REDUCED);
        tcb.recover(tcb.sndMax());
        tcb.tlpEnd(-1);
    }

    /** What is in flight was too big for the path. */
    void sendAgain(Tcb tcb) {
        int count = scoreboard.count(tcb);
        for (int i = 0; i < count; i++) {
            if ((scoreboard.kind(tcb, i) & Scoreboard.SACKED) == 0) {
                scoreboard.markLost(tcb, i);
            }
        }
    }

    /** The first news after a timeout is of bytes that were sent once only: they were late, not lost (RFC 5682 section 3.1). */
    private void undoSpuriousTimeout(Tcb tcb) {
        if (tcb.recovery() != RecoveryPhase.LOSS || !tcb.has(TcbFlags.MAYBE_SPURIOUS) || delivery.bytes == 0) {
            return;
        }
        tcb.unset(TcbFlags.MAYBE_SPURIOUS);
        if (delivery.original) {
            scoreboard.forgetLost(tcb);
            tcb.recovery(RecoveryPhase.OPEN);
            context.congestion.onSpurious(tcb);
            context.counters.increment(TcpCounters.SPURIOUS_RECOVERIES);
        }
    }
}
