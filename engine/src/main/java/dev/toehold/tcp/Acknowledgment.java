package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;

/** The ACK field in a synchronized state: RFC 9293 section 3.10.7.4, fifth step, with RFC 5961 section 5. */
final class Acknowledgment {
    private final Context context;
    private final FastRecovery recovery;
    private final Timers timers;
    private final RttEstimator rtt;
    private final ChallengeAcks challengeAcks;
    private final Closing closing;

    Acknowledgment(
            Context context,
            FastRecovery recovery,
            Timers timers,
            RttEstimator rtt,
            ChallengeAcks challengeAcks,
            Closing closing) {
        this.context = context;
        this.recovery = recovery;
        this.timers = timers;
        this.rtt = rtt;
        this.challengeAcks = challengeAcks;
        this.closing = closing;
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
        if (tcb.has(TcbFlags.PERSISTING)) {
            // The peer lives: probing goes on for as long as it answers.
            tcb.rexmtStartMs(0);
        }
        boolean windowChanged = updateWindow(tcb, segment);
        if (ack == una) {
            boolean duplicate =
                    !windowChanged && segment.length() == 0 && una < tcb.sndNxt() && !tcb.has(TcbFlags.PERSISTING);
            if (duplicate) {
                recovery.onDuplicateAck(tcb, nowNs);
            }
            return true;
        }
        return onNewAck(tcb, segment, ack, nowNs);
    }

    private boolean onNewAck(Tcb tcb, Segment segment, long ack, long nowNs) {
        long una = tcb.sndUna();
        long flight = tcb.sndMax() - una;
        boolean cwndLimited = flight + MaximumSegment.payload(tcb) > tcb.cwnd();
        long acknowledgedBefore = tcb.acknowledgedPosition();
        boolean finBefore = tcb.finAcknowledged();
        context.store.commitSndUna(tcb, ack);
        if (tcb.sndNxt() < ack) {
            tcb.sndNxt(ack);
        }
        measure(tcb, segment, ack, nowNs);
        tcb.rexmtStartMs(0);
        recovery.onNewAck(tcb, (int) (ack - una), cwndLimited, nowNs);
        if (ack == tcb.sndMax()) {
            timers.cancelRetransmission(tcb);
        } else {
            timers.armRetransmission(tcb, nowNs);
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
            rtt.onSample(tcb, sample);
            context.congestion.onRttSample(tcb, (int) Math.min(sample / 1_000, Integer.MAX_VALUE));
            tcb.backoff(0);
        }
    }

    /** SND.WND moves only with a segment that is not older than the last one that moved it. */
    private boolean updateWindow(Tcb tcb, Segment segment) {
        int window = segment.window << tcb.sndWscale();
        boolean newer = SequenceNumber.lt(tcb.sndWl1(), segment.seq)
                || (tcb.sndWl1() == segment.seq && SequenceNumber.leq(tcb.sndWl2(), segment.ack));
        if (!newer) {
            return false;
        }
        boolean changed = window != tcb.sndWnd();
        tcb.sndWnd(window);
        tcb.sndWl1(segment.seq);
        tcb.sndWl2(segment.ack);
        tcb.maxSndWnd(Math.max(tcb.maxSndWnd(), window));
        if (window > 0 && changed) {
            tcb.persistBackoff(0);
        }
        return changed;
    }
}
