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
        boolean isAdvance = ack > una;
        delivery.begin(tcb, segment, nowNs);
        if (isAdvance) {
            scoreboard.acknowledge(tcb, ack, delivery);
            context.store.commitSndUna(tcb, ack);
        }
        takeBlocks(tcb, segment, ack);
        if (delivery.originalXmitNs != Long.MIN_VALUE) {
            sample(tcb, ack, nowNs - delivery.originalXmitNs, nowNs);
        } else if (isAdvance && tcb.has(TcbFlags.TIMESTAMPS)) {
            // Before the left edge moves TSecr is as old as the hole, or as the pause before it (RFC 7323 section 4.3).
            sample(tcb, ack, Timestamps.roundTripNs(tcb, segment, nowNs), nowNs);
        }
        boolean isUndone = takeDuplicate(tcb);
        boolean probeFoundLoss = probe.onAck(tcb, segment, ack, isAdvance, delivery.duplicate);
        if (SpuriousTimeout.isPossible(tcb) && delivery.original) {
            undo(tcb);
            isUndone = true;
        }
        long lostBefore = scoreboard.lostBytes(tcb);
        long lookAgainNs = rack.detectLoss(tcb, nowNs);
        boolean foundLoss = scoreboard.lostBytes(tcb) > lostBefore;
        if (tcb.recovery() != RecoveryPhase.OPEN && ack >= tcb.recover() && isAdvance) {
            leave(tcb);
        }
        if (tcb.recovery() == RecoveryPhase.OPEN && scoreboard.lostBytes(tcb) > 0) {
            enter(tcb, nowNs);
        } else if (tcb.recovery() == RecoveryPhase.OPEN && probeFoundLoss) {
            reduce(tcb, tcb.sndMax() - una, nowNs);
            tcb.cwnd(tcb.ssthresh());
        }
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            reduceProportionally(tcb, isAdvance && !foundLoss);
        } else if (SpuriousTimeout.isPossible(tcb) && (isAdvance || SpuriousTimeout.isHolding(tcb))) {
            SpuriousTimeout.onAck(tcb, isAdvance, ack, scoreboard.pipe(tcb));
        } else if (isAdvance && !isUndone) {
            context.congestion.onAcknowledged(tcb, (int) (ack - una), cwndLimited, nowNs);
        }
        return lookAgainNs;
    }

    private void sample(Tcb tcb, long ack, long sampleNs, long nowNs) {
        if (sampleNs < 0) {
            return;
        }
        if (tcb.has(TcbFlags.TIMING) && ack < tcb.rttPosition()) {
            RttEstimator.onMinimum(tcb, sampleNs, nowNs);
        } else {
            rtt.onSample(tcb, sampleNs, nowNs);
            tcb.unset(TcbFlags.TIMING);
        }
        context.counters.roundTrips().record(sampleNs);
        context.congestion.onRttSample(tcb, (int) Math.min(sampleNs / 1_000, Integer.MAX_VALUE));
        tcb.backoff(0);
    }

    /** An ACK of nothing new while nothing is in flight may still report a duplicate. */
    void onLateAck(Tcb tcb, Segment segment, long nowNs) {
        if (segment.options.sackBlockCount() > 0 && tcb.has(TcbFlags.SACK_PERMITTED)) {
            delivery.begin(tcb, segment, nowNs);
            takeBlocks(tcb, segment, tcb.sndUna());
            takeDuplicate(tcb);
        }
    }

    /** A D-SACK widens RACK's window; where it shows that the last reduction was for nothing, that is undone. */
    private boolean takeDuplicate(Tcb tcb) {
        rack.onAck(tcb);
        if (!delivery.duplicate) {
            return false;
        }
        tcb.dsacksIn(tcb.dsacksIn() + 1);
        context.counters.increment(TcpCounters.DSACKS_IN);
        rack.onDuplicateReported(tcb);
        if (!ReductionUndo.onDuplicate(tcb, delivery.duplicateStart, delivery.duplicateEnd)) {
            return false;
        }
        undo(tcb);
        return true;
    }

    private void undo(Tcb tcb) {
        if (tcb.scoreboardIndex() >= 0) {
            scoreboard.forgetLost(tcb);
        }
        if (tcb.recovery() != RecoveryPhase.OPEN) {
            rack.onRecoveryEnd(tcb);
        }
        tcb.recovery(RecoveryPhase.OPEN);
        SpuriousTimeout.end(tcb);
        ReductionUndo.begin(tcb);
        context.congestion.onSpurious(tcb);
        context.counters.increment(TcpCounters.SPURIOUS_RECOVERIES);
    }

    /** SACK blocks; the first may be a D-SACK: below the ACK, or within the second (RFC 2883 section 4). */
    private void takeBlocks(Tcb tcb, Segment segment, long ack) {
        int blocks = segment.options.sackBlockCount();
        context.counters.add(TcpCounters.SACK_BLOCKS_IN, blocks);
        for (int i = 0; i < blocks; i++) {
            long start = tcb.sendPosition(segment.options.sackLeftEdge(i));
            long end = tcb.sendPosition(segment.options.sackRightEdge(i));
            if (start >= end || end > tcb.sndMax()) {
                context.counters.increment(TcpCounters.SENSELESS_SACK_BLOCKS);
                continue;
            }
            if (i == 0 && (end <= ack || isWithinSecond(tcb, segment, start, end))) {
                delivery.duplicate = true;
                delivery.duplicateStart = start;
                delivery.duplicateEnd = end;
                continue;
            }
            if (start >= tcb.sndUna() && tcb.scoreboardIndex() >= 0) {
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
            reduceProportionally(tcb, false);
        }
        if (again > 0) {
            timers.armReordering(tcb, nowNs + again);
        } else {
            timers.armRetransmission(tcb, nowNs);
        }
    }

    private void enter(Tcb tcb, long nowNs) {
        long flight = tcb.sndMax() - tcb.sndUna();
        if (!Ecn.hasReduced(tcb)) {
            reduce(tcb, flight, nowNs);
        }
        context.counters.increment(TcpCounters.FAST_RECOVERIES);
        tcb.recover(tcb.sndMax());
        tcb.recovery(RecoveryPhase.RECOVERY);
        tcb.prrDelivered(0);
        tcb.prrOut(0);
        tcb.recoverFs(Math.clamp(flight, 1, Integer.MAX_VALUE / 2));
        tcb.tlpEnd(-1);
        // No tail loss probe in recovery (RFC 8985 section 7.2).
        timers.armRetransmission(tcb, nowNs);
    }

    private void reduce(Tcb tcb, long flightBytes, long nowNs) {
        context.congestion.onLoss(tcb, (int) Math.min(flightBytes, Integer.MAX_VALUE), nowNs);
        tcb.set(TcbFlags.ECN_REDUCED);
        ReductionUndo.begin(tcb);
    }

    private void leave(Tcb tcb) {
        if (tcb.recovery() == RecoveryPhase.RECOVERY) {
            tcb.cwnd(Math.max(tcb.ssthresh(), MaximumSegment.payload(tcb)));
        }
        rack.onRecoveryEnd(tcb);
        tcb.recovery(RecoveryPhase.OPEN);
        SpuriousTimeout.end(tcb);
    }

    /**
     * RFC 6937 section 3.1; the first retransmission is always allowed.
     *
     * @param isProgress sndUna advanced and nothing else is lost: then the slow-start reduction bound, else the conservative one
     */
    private void reduceProportionally(Tcb tcb, boolean isProgress) {
        int mss = MaximumSegment.payload(tcb);
        long pipe = scoreboard.pipe(tcb);
        long delivered = Math.min(tcb.prrDelivered() + delivery.bytes, Integer.MAX_VALUE / 2);
        tcb.prrDelivered((int) delivered);
        long send;
        if (pipe > tcb.ssthresh()) {
            send = Math.ceilDiv(delivered * tcb.ssthresh(), tcb.recoverFs()) - tcb.prrOut();
        } else {
            long limit = delivered - tcb.prrOut();
            if (isProgress) {
                limit = Math.max(limit, delivery.bytes) + mss;
            }
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
        ReductionUndo.begin(tcb);
        context.congestion.onTimeout(tcb, flight, repeated || tcb.recovery() == RecoveryPhase.LOSS, nowNs);
        long pipe = Math.min(scoreboard.pipe(tcb), Integer.MAX_VALUE / 2);
        tcb.cwnd((int) pipe + tcb.cwnd());
        SpuriousTimeout.begin(tcb, first);
        tcb.recoverFs(Math.max(1, flight));
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
}
