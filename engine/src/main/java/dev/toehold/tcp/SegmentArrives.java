package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;

/**
 * SEGMENT ARRIVES in SYN-RECEIVED and the synchronized states, step by step as RFC 9293 section 3.10.7.4 has it, each step as RFC
 * 5961 and 7323 amend it. Nothing here acknowledges text: that is the end of the burst.
 */
final class SegmentArrives {
    private final Context context;
    private final Handshake handshake;
    private final Acknowledgment acknowledgment;
    private final Receiver receiver;
    private final ChallengeAcks challengeAcks;
    private final Output output;
    private final Closing closing;
    private final Ecn ecn;
    private final UserTimeout userTimeout;

    SegmentArrives(
            Context context,
            Handshake handshake,
            Acknowledgment acknowledgment,
            Receiver receiver,
            ChallengeAcks challengeAcks,
            Output output,
            Closing closing,
            Ecn ecn,
            UserTimeout userTimeout) {
        this.context = context;
        this.handshake = handshake;
        this.acknowledgment = acknowledgment;
        this.receiver = receiver;
        this.challengeAcks = challengeAcks;
        this.output = output;
        this.closing = closing;
        this.ecn = ecn;
        this.userTimeout = userTimeout;
    }

    void onSegment(Tcb tcb, Segment segment, long nowNs) {
        if (tcb.state() == TcpState.SYN_RECEIVED && isRepeatedSyn(tcb, segment, nowNs)) {
            return;
        }
        if (isChallengedSyn(tcb, segment, nowNs)) {
            return;
        }
        if (!checkTimestamps(tcb, segment, nowNs) || !checkSequenceNumber(tcb, segment, nowNs)) {
            return;
        }
        if (tcb.has(TcbFlags.TIMESTAMPS) && segment.options.hasTimestamps() && !segment.has(Tcp.RST)) {
            Timestamps.update(tcb, segment, nowNs);
        }
        if (!checkReset(tcb, segment, nowNs) || !checkSyn(tcb, segment, nowNs) || !checkAck(tcb, segment, nowNs)) {
            return;
        }
        tcb.lastReceiveNs(nowNs);
        ecn.onSegment(tcb, segment);
        userTimeout.onSegment(tcb, segment);
        processUrgentTextAndFin(tcb, segment, nowNs);
    }

    /** What stands behind the SYN of a SYN,ACK in SYN-SENT: section 3.10.7.3 goes on at the sixth step. */
    void processBehindSyn(Tcb tcb, Segment segment, long nowNs) {
        userTimeout.onSegment(tcb, segment);
        segment.flags &= ~(Tcp.SYN | Tcp.ECE | Tcp.CWR);
        segment.seq++;
        processUrgentTextAndFin(tcb, segment, nowNs);
    }

    private void processUrgentTextAndFin(Tcb tcb, Segment segment, long nowNs) {
        checkUrgent(tcb, segment);
        if (processText(tcb, segment, nowNs)) {
            checkFin(tcb, segment);
        }
    }

    /**
     * A SYN in a synchronized state is challenged whatever its sequence number and its timestamp are: a peer that restarted learns from the ACK
     * that we are half-open (RFC 5961 section 4.2, RFC 9293 section 3.5.1).
     */
    private boolean isChallengedSyn(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.SYN) || segment.has(Tcp.RST) || !TcpState.isSynchronized(tcb.state())) {
            return false;
        }
        challengeAcks.send(tcb, nowNs);
        return true;
    }

    /** The SYN again: our SYN,ACK was lost. In a simultaneous opening its ACK counts, so the SYN is cut off (figure 7). */
    private boolean isRepeatedSyn(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.SYN) || segment.has(Tcp.RST) || segment.seq != tcb.irs()) {
            return false;
        }
        if (!segment.has(Tcp.ACK)) {
            handshake.repeatSynAck(tcb, segment, nowNs);
            return true;
        }
        if (tcb.has(TcbFlags.PASSIVE)) {
            return false;
        }
        segment.flags &= ~(Tcp.SYN | Tcp.ECE | Tcp.CWR);
        segment.seq++;
        // The window of a SYN is not scaled; what follows takes it for one that is.
        segment.window >>= tcb.sndWscale();
        return false;
    }

    /** RFC 7323 section 5.3 (R1), and section 3.2 for a segment that lacks what was agreed on. */
    private boolean checkTimestamps(Tcb tcb, Segment segment, long nowNs) {
        if (!tcb.has(TcbFlags.TIMESTAMPS) || segment.has(Tcp.RST)) {
            return true;
        }
        if (!segment.options.hasTimestamps()) {
            if (segment.has(Tcp.SYN)) {
                return true;
            }
            context.counters.increment(TcpCounters.MISSING_TIMESTAMPS);
            return false;
        }
        if (Timestamps.isOldDuplicate(tcb, segment, nowNs)) {
            context.counters.increment(TcpCounters.PAWS_DROPS);
            answerUnacceptable(tcb, segment, nowNs);
            return false;
        }
        return true;
    }

    /** First: the segment must touch the window. A closed window still lets ACKs pass (section 3.10.7.4). */
    private boolean checkSequenceNumber(Tcb tcb, Segment segment, long nowNs) {
        int fin = tcb.has(TcbFlags.END_OF_STREAM) ? 1 : 0;
        long next = tcb.rcvNxt() + fin;
        long edge = Math.max(tcb.rcvEdge(), next);
        long start = tcb.receivePosition(segment.seq);
        int length = segment.length();
        if (segment.has(Tcp.RST)) {
            // Its text is no text (SHLD-2), and its number is what must be right.
            if (start == next || (start > next && start < edge)) {
                return true;
            }
            context.counters.increment(TcpCounters.OUTSIDE_WINDOW_IN);
            return false;
        }
        if (length == 0 ? start >= next && start <= edge : start < edge && start + length > next) {
            return true;
        }
        if (start == next && edge == next) {
            // A window probe: no text is taken, but its ACK counts.
            receiver.oweDuplicateAck(tcb);
            segment.payloadLength = 0;
            segment.flags &= ~Tcp.FIN;
            return true;
        }
        context.counters.increment(TcpCounters.OUTSIDE_WINDOW_IN);
        if (start < next) {
            noteDuplicate(tcb, segment, start, nowNs);
        }
        answerUnacceptable(tcb, segment, nowNs);
        return false;
    }

    private void noteDuplicate(Tcb tcb, Segment segment, long start, long nowNs) {
        if (segment.payloadLength > 0) {
            context.counters.increment(TcpCounters.DUPLICATES_IN);
            // The number of the peer's FIN is not one of text.
            long end = Math.min(start + segment.payloadLength, tcb.rcvNxt());
            if (tcb.has(TcbFlags.SACK_PERMITTED) && start >= 0 && start < end) {
                context.ranges.noteDuplicate(tcb, start, end);
            }
        }
        if (tcb.state() == TcpState.TIME_WAIT && segment.has(Tcp.FIN)) {
            closing.restartTimeWait(tcb, nowNs);
        }
    }

    /** Text that comes again needs an ACK each time; what carries none might be an answer to an answer, and is limited. */
    private void answerUnacceptable(Tcb tcb, Segment segment, long nowNs) {
        if (segment.length() > 0) {
            receiver.oweDuplicateAck(tcb);
        } else {
            challengeAcks.send(tcb, nowNs);
        }
    }

    /** Second: a RST counts at RCV.NXT exactly; elsewhere in the window it is challenged (RFC 5961 section 3.2). */
    private boolean checkReset(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.RST)) {
            return true;
        }
        if (segment.seq != tcb.rcvNxtSequence()) {
            challengeAcks.send(tcb, nowNs);
            return false;
        }
        context.counters.increment(TcpCounters.RESETS_IN);
        boolean refused = tcb.state() == TcpState.SYN_RECEIVED && !tcb.has(TcbFlags.PASSIVE);
        closing.end(tcb, refused ? TcpEffects.REFUSED : TcpEffects.RESET);
        return false;
    }

    /** Fourth: a SYN in the window before the handshake is over ends a passive opening; an active one challenges it. */
    private boolean checkSyn(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.SYN)) {
            return true;
        }
        if (tcb.has(TcbFlags.PASSIVE)) {
            closing.end(tcb, TcpEffects.RESET);
        } else {
            challengeAcks.send(tcb, nowNs);
        }
        return false;
    }

    /** Fifth: without an ACK a segment says nothing; in SYN-RECEIVED it must be of our SYN. */
    private boolean checkAck(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.ACK)) {
            context.counters.increment(TcpCounters.NO_ACK_DROPS);
            return false;
        }
        if (tcb.state() == TcpState.SYN_RECEIVED) {
            if (SequenceNumber.leq(segment.ack, tcb.iss())
                    || SequenceNumber.gt(segment.ack, tcb.sendSequence(tcb.sndMax()))) {
                context.counters.increment(TcpCounters.UNACCEPTABLE_ACKS);
                output.sendResetFor(tcb, segment, nowNs);
                return false;
            }
            handshake.establish(tcb, segment, nowNs);
            tcb.sndWl1(segment.seq - 1);
        }
        return acknowledgment.process(tcb, segment, nowNs);
    }

    /**
     * Sixth: SEG.UP names the byte behind the urgent data (MUST-62). The bytes stay in the stream (RFC 6093 section 6); the host hears how far
     * they reach, even where the window is closed, and remembers it.
     */
    private void checkUrgent(Tcb tcb, Segment segment) {
        if (!segment.has(Tcp.URG)) {
            return;
        }
        context.counters.increment(TcpCounters.URGENT_IN);
        long end = tcb.receivePosition(segment.seq) + segment.urgentPointer;
        if (TcpState.mayReceive(tcb.state()) && !tcb.has(TcbFlags.END_OF_STREAM) && end > tcb.rcvNxt()) {
            context.effects.onUrgent(tcb, end);
        }
    }

    /** Seventh. False = the connection ended: the application is gone and the peer must hear that its text is lost (SHLD-3). */
    private boolean processText(Tcb tcb, Segment segment, long nowNs) {
        if (!TcpState.mayReceive(tcb.state()) || tcb.has(TcbFlags.END_OF_STREAM)) {
            return TcpState.mayReceive(tcb.state());
        }
        if (tcb.has(TcbFlags.CLOSED)
                && segment.payloadLength > 0
                && tcb.receivePosition(segment.seq) + segment.payloadLength > tcb.rcvNxt()) {
            closing.reset(tcb, TcpEffects.RESET, nowNs);
            return false;
        }
        receiver.processText(tcb, segment);
        return true;
    }

    /** Eighth. The state changes at the end of the burst, together with the commit of the FIN's position. */
    private void checkFin(Tcb tcb, Segment segment) {
        receiver.processFin(tcb, segment);
    }
}
