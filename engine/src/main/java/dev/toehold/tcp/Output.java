package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * Builds segments and hands them to the host, in the order that the crash table asks for: edges and sndMax are committed before a segment
 * leaves, and an ACK covers committed bytes only.
 */
final class Output {
    /** Three SACK blocks fit beside timestamps, four without (RFC 2018 section 3). */
    private static final int SACK_BLOCKS_WITH_TIMESTAMPS = 3;

    private static final int SACK_BLOCKS = 4;
    private static final int USER_TIMEOUT_LENGTH = 4;
    private static final long NS_PER_MS = 1_000_000;

    private final Context context;
    private final WindowUpdate windowUpdate;
    private final Ecn ecn;
    private final UserTimeout userTimeout;
    private boolean isProbe;

    Output(Context context, WindowUpdate windowUpdate, Ecn ecn, UserTimeout userTimeout) {
        this.context = context;
        this.windowUpdate = windowUpdate;
        this.ecn = ecn;
        this.userTimeout = userTimeout;
    }

    /** A pure ACK; false = no buffer. */
    boolean sendAck(Tcb tcb, long nowNs) {
        // A peer that took back window finds sndMax outside of it and drops the ACK. Less than one unit of its scale is
        // rounding: it takes what it promised before.
        long edge = tcb.sndUna() + tcb.sndWnd();
        boolean outside = tcb.sndMax() - edge >= 1L << tcb.sndWscale();
        return send(tcb, outside ? edge : tcb.sndMax(), 0, 0, nowNs);
    }

    /** A segment without text at {@code sndUna - 1}, which an alive peer must answer (RFC 9293 section 3.8.4). */
    boolean sendKeepalive(Tcb tcb, long nowNs) {
        return send(tcb, tcb.sndUna() - 1, 0, 0, nowNs);
    }

    /**
     * Text and perhaps a FIN from {@code position} on. Does not move sndNxt.
     *
     * @param controlBits FIN and PSH as wanted
     */
    boolean send(Tcb tcb, long position, int length, int controlBits, long nowNs) {
        TxSegment tx = begin(tcb, tcb.sendSequence(position), controlBits | Tcp.ACK);
        Ecn.mark(tcb, tx, position, length);
        if (tcb.has(TcbFlags.USER_TIMEOUT_OWED)) {
            tx.userTimeout = userTimeout.option(tcb);
        }
        addTimestamps(tcb, nowNs);
        if (tcb.rangesIndex() >= 0 && tcb.has(TcbFlags.SACK_PERMITTED)) {
            context.ranges.report(tcb, tx, sackRoom(tcb, length));
            context.counters.add(TcpCounters.SACK_BLOCKS_OUT, tx.sackCount);
        }
        tx.window = windowUpdate.select(tcb, tcb.rcvWscale());
        if (tx.window == 0) {
            context.counters.increment(TcpCounters.ZERO_WINDOWS_OUT);
        }
        tx.payloadPosition = position;
        tx.payloadLength = length;
        long end = position + length;
        if ((controlBits & Tcp.FIN) != 0) {
            if (tcb.finSent() < 0) {
                context.store.commitFinSent(tcb, end);
            }
            end++;
        }
        int again = Math.clamp(tcb.sndMax() - position, 0, length);
        if (end > position) {
            note(tcb, position, end, nowNs);
        }
        if (end > tcb.sndMax()) {
            Nagle.onNewText(tcb, length, maxPayload(tcb));
            context.store.commitSndMax(tcb, end);
        }
        if (!transmit(tcb, nowNs)) {
            return false;
        }
        Ecn.sent(tcb, tx);
        tcb.unset(TcbFlags.USER_TIMEOUT_OWED);
        context.counters.add(TcpCounters.BYTES_OUT, length);
        if (again > 0) {
            tcb.bytesRetransmitted(tcb.bytesRetransmitted() + again);
            ReductionUndo.onRetransmit(tcb, again);
            tcb.retransmits(tcb.retransmits() + 1);
            context.counters.increment(TcpCounters.RETRANSMITS);
            context.counters.increment(causeOfRetransmit(tcb));
        }
        acknowledged(tcb);
        return true;
    }

    /** Like {@link #send}, for a segment that is to fetch an answer more than to carry text. */
    boolean sendProbe(Tcb tcb, long position, int length, int controlBits, long nowNs) {
        isProbe = true;
        boolean isSent = send(tcb, position, length, controlBits, nowNs);
        isProbe = false;
        return isSent;
    }

    private int causeOfRetransmit(Tcb tcb) {
        if (isProbe) {
            return TcpCounters.RETRANSMITS_PROBE;
        }
        return switch (tcb.recovery()) {
            case RecoveryPhase.RECOVERY -> TcpCounters.RETRANSMITS_FAST;
            case RecoveryPhase.LOSS -> TcpCounters.RETRANSMITS_TIMEOUT;
            default -> TcpCounters.RETRANSMITS_OTHER;
        };
    }

    /** Our SYN, or SYN,ACK in SYN-RECEIVED. Its window is never scaled (RFC 7323 section 2.2). */
    boolean sendSyn(Tcb tcb, long nowNs) {
        boolean reply = tcb.state() == TcpState.SYN_RECEIVED;
        TxSegment tx = begin(tcb, tcb.iss(), reply ? Tcp.SYN | Tcp.ACK : Tcp.SYN);
        tx.flags |= ecn.synBits(tcb, reply);
        tx.mss = tcb.ourMss();
        if (reply ? tcb.has(TcbFlags.TIMESTAMPS) : context.config.timestamps()) {
            tx.timestamps = true;
            tx.tsVal = Timestamps.value(tcb, nowNs);
            tx.tsEcr = reply ? tcb.tsRecent() : 0;
            tcb.lastTsVal(tx.tsVal);
        }
        tx.sackPermitted = reply ? tcb.has(TcbFlags.SACK_PERMITTED) : context.config.sack();
        if (reply) {
            tx.windowScale = tcb.has(TcbFlags.WINDOW_SCALE) ? tcb.rcvWscale() : -1;
        } else {
            tx.windowScale = context.config.receiveWindowScale();
            tx.ack = 0;
        }
        if (context.config.userTimeoutOption()) {
            tx.userTimeout = userTimeout.option(tcb);
        }
        tx.window = windowUpdate.select(tcb, 0);
        if (tcb.sndMax() < 0) {
            time(tcb, -1, 0, nowNs);
            context.store.commitSndMax(tcb, 0);
        }
        return transmit(tcb, nowNs);
    }

    /** Ends the connection on the peer's side: RFC 9293 section 3.10.5 for synchronized states. */
    void sendReset(Tcb tcb, int seq, long nowNs) {
        begin(tcb, seq, Tcp.RST | Tcp.ACK);
        addTimestamps(tcb, nowNs);
        context.counters.increment(TcpCounters.RESETS_SENT);
        transmit(tcb, nowNs);
    }

    /** The answer to a segment whose ACK names nothing that we sent: {@code <SEQ=SEG.ACK><CTL=RST>}. */
    void sendResetFor(Tcb tcb, Segment segment, long nowNs) {
        TxSegment tx = begin(tcb, segment.ack, Tcp.RST);
        tx.ack = 0;
        addTimestamps(tcb, nowNs);
        context.counters.increment(TcpCounters.RESETS_SENT);
        transmit(tcb, nowNs);
    }

    /** Payload that fits in the next segment, beside the options that it will carry. */
    int maxPayload(Tcb tcb) {
        int payload = MaximumSegment.payload(tcb);
        if (tcb.rangesIndex() >= 0 && tcb.has(TcbFlags.SACK_PERMITTED)) {
            payload -= 4 + 8 * sackRoom(tcb, 1);
        }
        if (tcb.has(TcbFlags.USER_TIMEOUT_OWED)) {
            payload -= USER_TIMEOUT_LENGTH;
        }
        return payload;
    }

    private TxSegment begin(Tcb tcb, int seq, int flags) {
        TxSegment tx = context.tx;
        tx.clear();
        tx.seq = seq;
        tx.ack = tcb.ackSequence();
        tx.flags = flags;
        tx.trafficClass = tcb.trafficClass();
        return tx;
    }

    private void addTimestamps(Tcb tcb, long nowNs) {
        if (tcb.has(TcbFlags.TIMESTAMPS)) {
            context.tx.timestamps = true;
            context.tx.tsVal = Timestamps.value(tcb, nowNs);
            context.tx.tsEcr = tcb.tsRecent();
            tcb.lastTsVal(context.tx.tsVal);
        }
    }

    /** Text gets room for one block: what is urgent for SACK goes in pure ACKs. */
    private static int sackRoom(Tcb tcb, int length) {
        if (length > 0) {
            return 1;
        }
        if (!tcb.has(TcbFlags.TIMESTAMPS)) {
            return SACK_BLOCKS;
        }
        return tcb.has(TcbFlags.USER_TIMEOUT_OWED) ? SACK_BLOCKS_WITH_TIMESTAMPS - 1 : SACK_BLOCKS_WITH_TIMESTAMPS;
    }

    /** What leaves is watched: by the scoreboard where there is one, for a round trip in any case. */
    private void note(Tcb tcb, long position, long end, long nowNs) {
        time(tcb, position, end, nowNs);
        if (tcb.scoreboardIndex() < 0
                && tcb.has(TcbFlags.SACK_PERMITTED)
                && tcb.sndUna() == tcb.sndMax()
                && !context.scoreboard.bind(tcb)) {
            context.counters.increment(TcpCounters.SCOREBOARD_EXHAUSTED);
        }
        if (tcb.scoreboardIndex() >= 0) {
            context.scoreboard.onTransmit(tcb, position, end, nowNs);
            if (tcb.recovery() == RecoveryPhase.RECOVERY) {
                tcb.prrOut(tcb.prrOut() + (int) (end - position));
            }
        }
    }

    /**
     * Starts a round-trip measurement with new text; text sent again never gives one (Karn, RFC 6298 section 3). Of a segment that holds both
     * the new part is timed, and its first byte is enough: an ACK beyond what was sent before can only be of this transmission, even where
     * the peer took no more than a part.
     */
    private static void time(Tcb tcb, long position, long end, long nowNs) {
        if (position < tcb.sndMax()) {
            tcb.unset(TcbFlags.TIMING);
        }
        if (end > tcb.sndMax() && !tcb.has(TcbFlags.TIMING)) {
            tcb.set(TcbFlags.TIMING);
            tcb.rttPosition(Math.max(position, tcb.sndMax()) + 1);
            tcb.rttStartNs(nowNs);
        }
    }

    private boolean transmit(Tcb tcb, long nowNs) {
        if (!context.effects.transmit(tcb, context.tx)) {
            tcb.set(TcbFlags.OUTPUT_PENDING);
            context.counters.increment(TcpCounters.OUTPUT_STALLS);
            return false;
        }
        tcb.lastSendMs((int) (nowNs / NS_PER_MS));
        tcb.segmentsOut(tcb.segmentsOut() + 1);
        context.counters.increment(TcpCounters.SEGMENTS_OUT);
        return true;
    }

    /** An ACK left: nothing is owed for what it covered. */
    private static void acknowledged(Tcb tcb) {
        tcb.lastAckSent(tcb.rcvPosition() + (tcb.finReceived() >= 0 ? 1 : 0));
        tcb.unset(TcbFlags.ACK_NOW);
        tcb.delayedAckDeadline(Timers.OFF);
    }
}
