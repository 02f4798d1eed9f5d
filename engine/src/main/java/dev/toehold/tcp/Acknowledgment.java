package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;

/** The ACK field in a synchronized state: RFC 9293 section 3.10.7.4, fifth step, with RFC 5961 section 5. */
final class Acknowledgment {
    private final Context context;
    private final FastRecovery recovery;
    private final SackRecovery sackRecovery;
    private final TailLossProbe probe;
    private final Timers timers;
    private final RttEstimator rtt;
    private final ChallengeAcks challengeAcks;
    private final Closing closing;
    private final Ecn ecn;

    Acknowledgment(
            Context context,
            FastRecovery recovery,
            SackRecovery sackRecovery,
            TailLossProbe probe,
            Timers timers,
            RttEstimator rtt,
            ChallengeAcks challengeAcks,
            Closing closing,
            Ecn ecn) {
        this.context = context;
        this.recovery = recovery;
        this.sackRecovery = sackRecovery;
        this.probe = probe;
        this.timers = timers;
        this.rtt = rtt;
        this.challengeAcks = challengeAcks;
        this.closing = closing;
        this.ecn = ecn;
    }

    /** False = drop the segment: its ACK is unacceptable, or it ended the connection. */
    boolean process(Tcb tcb, Segment segment, long nowNs) {
        long ack = tcb.sendPosition(segment.ack);
        long una = tcb.sndUna();
        if (ack > tcb.sndMax() || ack < una - tcb.maxSndWnd()) {
            context.counters.increment(TcpCounters.UNACCEPTABLE_ACKS);
            challengeAcks.send(tcb, nowNs);
            return false;
        }
        if (ack < una) {
            return true;
        }
        if (tcb.has(TcbFlags.PERSISTING) || segment.window == 0) {
            // The peer lives: probing goes on for as long as it answers.
            tcb.rexmtStartMs(0);
            tcb.unset(TcbFlags.TIMED_OUT);
        }
        long flight = tcb.sndMax() - una;
        boolean windowChanged = updateWindow(tcb, segment, nowNs);
        boolean alive = ack == una ? onSameAck(tcb, segment, windowChanged, nowNs) : onNewAck(tcb, segment, ack, nowNs);
        if (alive) {
            ecn.onAck(tcb, segment, ack, flight, nowNs);
            if (tcb.sndWnd() == 0 && tcb.scoreboardIndex() < 0) {
                takeBackBeyondClosedWindow(tcb, nowNs);
            }
        }
        return alive;
    }

    /**
     * The window shrank to zero with text beyond it: the peer had no room for that. It is no longer in flight but waits for the window, which is
     * probed (RFC 9293 MUST-35, SHLD-17), and goes first when it opens. Left to the retransmission timer it would be a hole before
     * all that a new window takes, and its backed-off timeout would never see a round trip. With a scoreboard RACK repairs the hole.
     */
    private void takeBackBeyondClosedWindow(Tcb tcb, long nowNs) {
        long textNxt = tcb.finSent() >= 0 ? Math.min(tcb.sndNxt(), tcb.finSent()) : tcb.sndNxt();
        if (textNxt > tcb.sndUna()) {
            tcb.sndNxt(tcb.sndUna());
            timers.armPersist(tcb, nowNs);
        }
    }

    /** Nothing new is acknowledged, but SACK blocks may say what arrived. True always. */
    private boolean onSameAck(Tcb tcb, Segment segment, boolean windowChanged, long nowNs) {
        if (tcb.scoreboardIndex() < 0) {
            tcb.tlpEnd(-1);
            sackRecovery.onLateAck(tcb, segment, nowNs);
            if (!windowChanged
                    && segment.length() == 0
                    && tcb.sndUna() < tcb.sndNxt()
                    && !tcb.has(TcbFlags.PERSISTING)) {
                recovery.onDuplicateAck(tcb, nowNs);
            }
            return true;
        }
        if (segment.length() == 0 && segment.options.sackBlockCount() > 0) {
            context.counters.increment(TcpCounters.DUPLICATE_ACKS_IN);
        }
        long lookAgainNs = sackRecovery.onAck(tcb, segment, tcb.sndUna(), false, nowNs);
        if (lookAgainNs > 0) {
            timers.armReordering(tcb, nowNs + lookAgainNs);
        } else if (tcb.has(TcbFlags.PROBE_TIMER) && context.scoreboard.sackedBytes(tcb) > 0) {
            // Beyond a hole RACK is at work, not the probe (RFC 8985 section 7.2).
            timers.armRetransmission(tcb, nowNs);
        }
        return true;
    }

    private boolean onNewAck(Tcb tcb, Segment segment, long ack, long nowNs) {
        long una = tcb.sndUna();
        boolean cwndLimited = tcb.has(TcbFlags.CWND_LIMITED) && !Ecn.isEcho(tcb, segment);
        long acknowledgedBefore = tcb.acknowledgedPosition();
        boolean finBefore = tcb.finAcknowledged();
        long lookAgainNs = 0;
        boolean restart = true;
        if (tcb.scoreboardIndex() >= 0) {
            lookAgainNs = sackRecovery.onAck(tcb, segment, ack, cwndLimited, nowNs);
            tcb.sndNxt(Math.max(tcb.sndNxt(), ack));
        } else {
            context.store.commitSndUna(tcb, ack);
            tcb.sndNxt(Math.max(tcb.sndNxt(), ack));
            measure(tcb, segment, ack, nowNs);
            restart = recovery.onNewAck(tcb, (int) (ack - una), cwndLimited, nowNs);
        }
        tcb.rexmtStartMs(ack == tcb.sndMax() ? 0 : Timers.startMs(nowNs));
        tcb.unset(TcbFlags.TIMED_OUT | TcbFlags.SOFT_ERROR);
        if (ack == tcb.sndMax()) {
            timers.cancelRetransmission(tcb);
            context.scoreboard.release(tcb);
        } else if (lookAgainNs > 0) {
            timers.armReordering(tcb, nowNs + lookAgainNs);
        } else if (restart) {
            timers.armRetransmission(tcb, nowNs);
            probe.schedule(tcb, nowNs);
        }
        if (tcb.acknowledgedPosition() > acknowledgedBefore) {
            context.effects.onAcknowledged(tcb);
        }
        return finBefore || !tcb.finAcknowledged() || closing.onFinAcknowledged(tcb, nowNs);
    }

    /** A round trip from the timed segment, else from the timestamp; only a sample undoes the backoff (RFC 6298 (5.7), Karn). */
    private void measure(Tcb tcb, Segment segment, long ack, long nowNs) {
        long sample = -1;
        if (tcb.has(TcbFlags.TIMING) && ack >= tcb.rttPosition()) {
            sample = nowNs - tcb.rttStartNs();
            tcb.unset(TcbFlags.TIMING);
        } else if (tcb.backoff() > 0 && tcb.has(TcbFlags.TIMESTAMPS)) {
            sample = Timestamps.roundTripNs(tcb, segment, nowNs);
        }
        if (sample >= 0) {
            rtt.onSample(tcb, sample, nowNs);
            context.counters.roundTrips().record(sample);
            context.congestion.onRttSample(tcb, (int) Math.min(sample / 1_000, Integer.MAX_VALUE));
            tcb.backoff(0);
        }
    }

    /** SND.WND moves only with a segment that is not older than the last one that moved it. */
    private boolean updateWindow(Tcb tcb, Segment segment, long nowNs) {
        int window = segment.window << tcb.sndWscale();
        boolean newer = SequenceNumber.lt(tcb.sndWl1(), segment.seq)
                || (tcb.sndWl1() == segment.seq && SequenceNumber.leq(tcb.sndWl2(), segment.ack));
        if (!newer) {
            return false;
        }
        boolean changed = window != tcb.sndWnd();
        boolean opens = tcb.sndWnd() == 0 && window > 0;
        if (changed && window == 0) {
            context.counters.increment(TcpCounters.ZERO_WINDOWS_IN);
        }
        tcb.sndWnd(window);
        tcb.sndWl1(segment.seq);
        tcb.sndWl2(segment.ack);
        tcb.maxSndWnd(Math.max(tcb.maxSndWnd(), window));
        if (window > 0 && changed) {
            tcb.persistBackoff(0);
        }
        if (opens && tcb.has(TcbFlags.PERSISTING)) {
            // What is too little to be filled waits for more from now on, not since the window closed (RFC 9293 section
            // 3.8.6.2.1).
            timers.armPersist(tcb, nowNs);
        }
        return changed;
    }
}
