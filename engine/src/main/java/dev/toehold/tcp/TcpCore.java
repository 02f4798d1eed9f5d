package dev.toehold.tcp;

import dev.toehold.net.SequenceNumber;
import dev.toehold.net.Tcp;

/**
 * The TCP of one lcore. The host calls, the core answers through {@link TcpEffects}; every call takes the time once and none keeps the
 * flyweight.
 *
 * <p>The way of a burst: {@link #onSegment} for each segment; the host publishes the completions; {@link #onBurstEnd} once for each
 * connection that was touched. Nothing is acknowledged before that, so nothing is acknowledged that a crash could lose.
 *
 * <p>After each call the host knows the next deadline: {@link TcpEffects#onDeadline} was called if it moved.
 */
public final class TcpCore {
    final Context context;
    private final RttEstimator rtt;
    private final Timers timers;
    private final UserTimeout userTimeout;
    private final WindowUpdate windowUpdate;
    private final Output output;
    private final Closing closing;
    private final Sender sender;
    private final SackRecovery sackRecovery;
    private final TailLossProbe probe;
    private final Retransmission retransmission;
    private final Persist persist;
    private final Keepalive keepalive;
    private final Handshake handshake;
    private final Receiver receiver;
    private final DelayedAck delayedAck;
    private final SynSent synSent;
    private final SegmentArrives segmentArrives;
    private final Restart restart;

    public TcpCore(TcpConfig config, TcbStore store, TcpEffects effects, TcpCounters counters) {
        context = new Context(config, store, effects, counters);
        rtt = new RttEstimator(config);
        timers = new Timers(context, rtt);
        windowUpdate = new WindowUpdate(context);
        Ecn ecn = new Ecn(context);
        userTimeout = new UserTimeout(context);
        output = new Output(context, windowUpdate, ecn, userTimeout);
        closing = new Closing(context, output, timers);
        probe = new TailLossProbe(context, output, timers);
        Rack rack = new Rack(context.scoreboard, counters);
        sackRecovery = new SackRecovery(context, rack, probe, rtt, timers);
        sender = new Sender(context, output, timers, rtt, probe);
        retransmission = new Retransmission(context, output, sender, sackRecovery, timers, closing);
        persist = new Persist(context, output, timers, retransmission, closing);
        keepalive = new Keepalive(context, output, closing);
        handshake = new Handshake(context, output, timers, rtt, keepalive, closing, ecn, userTimeout);
        receiver = new Receiver(context, closing);
        delayedAck = new DelayedAck(context, output);
        ChallengeAcks challengeAcks = new ChallengeAcks(context, output);
        FastRecovery recovery = new FastRecovery(context, output, timers);
        Acknowledgment acknowledgment =
                new Acknowledgment(context, recovery, sackRecovery, probe, timers, rtt, challengeAcks, closing, ecn);
        segmentArrives = new SegmentArrives(
                context, handshake, acknowledgment, receiver, challengeAcks, output, closing, ecn, userTimeout);
        synSent = new SynSent(context, output, handshake, closing, segmentArrives);
        restart = new Restart(context, timers, rtt, keepalive, sender, closing);
    }

    /**
     * Opens a connection: the SYN leaves at once.
     *
     * @param tcb initialized; identity, iss, ourMss, tsOffset, rcvGrant (from 0) and links are set by the host
     */
    public void activeOpen(Tcb tcb, long nowNs) {
        long before = Timers.OFF;
        handshake.activeOpen(tcb, nowNs);
        timers.report(tcb, before);
    }

    /**
     * A SYN for a listener: the SYN,ACK leaves at once. The host has checked that the segment has SYN and neither ACK nor RST.
     *
     * @param tcb as for {@link #activeOpen}
     */
    public void passiveOpen(Tcb tcb, Segment syn, long nowNs) {
        long before = Timers.OFF;
        context.counters.increment(TcpCounters.SEGMENTS_IN);
        handshake.passiveOpen(tcb, syn, nowNs);
        timers.report(tcb, before);
    }

    /**
     * An ACK whose number is a cookie of ours ({@link SynCookies}): opens the connection; the host hands the segment to
     * {@link #onSegment} next, which establishes it.
     *
     * @param tcb as for {@link #activeOpen}, iss being SEG.ACK - 1 and rcvGrant at least the window that the answer offered
     * @param mss that the cookie holds
     */
    public void passiveOpenFromCookie(Tcb tcb, Segment ack, int mss, long nowNs) {
        handshake.passiveOpenFromCookie(tcb, ack, mss, nowNs);
    }

    /**
     * The SYN,ACK for a SYN that gets a cookie instead of a record.
     *
     * @param ourMss MSS option to send
     * @param window 0 to 65,535, unscaled
     * @param tsOffset of the record that the ACK may lead to
     */
    public void answerWithCookie(
            Segment syn, TxSegment answer, int cookie, int ourMss, int window, int tsOffset, long nowNs) {
        handshake.answerWithCookie(syn, answer, cookie, ourMss, window, tsOffset, nowNs);
    }

    /** The MSS that a SYN offers, or what is to be assumed where it does not say (RFC 9293 MUST-15). */
    public static int offeredMss(Segment syn, int family) {
        return MaximumSegment.offered(syn, family);
    }

    /** SEGMENT ARRIVES. The connection is owed an {@link #onBurstEnd}. */
    public void onSegment(Tcb tcb, Segment segment, long nowNs) {
        long before = tcb.nextDeadline();
        context.counters.increment(TcpCounters.SEGMENTS_IN);
        tcb.segmentsIn(tcb.segmentsIn() + 1);
        switch (tcb.state()) {
            case TcpState.FREE, TcpState.CLOSED -> {
                return;
            }
            case TcpState.SYN_SENT -> synSent.onSegment(tcb, segment, nowNs);
            default -> segmentArrives.onSegment(tcb, segment, nowNs);
        }
        if (isRepairing(tcb)) {
            sender.output(tcb, nowNs);
        }
        timers.report(tcb, before);
    }

    /**
     * While something may be missing each ACK sends what it lets go, not the burst at its end: what leaves on the first duplicates
     * (RFC 3042, RFC 6937) brings the ACKs that are needed if the retransmission or its ACK is lost too.
     */
    private boolean isRepairing(Tcb tcb) {
        return !isGone(tcb)
                && tcb.state() >= TcpState.ESTABLISHED
                && (tcb.recovery() != RecoveryPhase.OPEN
                        || tcb.dupAcks() > 0
                        || (tcb.scoreboardIndex() >= 0 && context.scoreboard.sackedBytes(tcb) > 0));
    }

    /** All placements of the burst are made and their completions published: commits, then ACKs and text leave. */
    public void onBurstEnd(Tcb tcb, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        receiver.commit(tcb, nowNs);
        emit(tcb, nowNs);
        timers.report(tcb, before);
    }

    /**
     * The completions of the prefix, or of the end of the stream, could not be appended, or its bytes are not in their place yet: nothing
     * more is committed than {@link TcpEffects#publishedEnd} says, so nothing more is acknowledged, before {@link #onPublished}.
     */
    public void holdCommit(Tcb tcb) {
        tcb.set(TcbFlags.UNPUBLISHED);
    }

    /** They are appended and will be published before the next {@link #onBurstEnd}, which the connection is owed. */
    public void onPublished(Tcb tcb) {
        tcb.unset(TcbFlags.UNPUBLISHED);
        tcb.set(TcbFlags.ACK_NOW);
    }

    /** The host has buffers again after {@link TcpEffects#transmit} had said no. */
    public void onOutput(Tcb tcb, long nowNs) {
        onBurstEnd(tcb, nowNs);
    }

    private void emit(Tcb tcb, long nowNs) {
        tcb.unset(TcbFlags.OUTPUT_PENDING);
        if (tcb.state() >= TcpState.SYN_RECEIVED) {
            sender.output(tcb, nowNs);
            delayedAck.onBurstEnd(tcb, nowNs);
        }
    }

    /**
     * The application gave bytes up to {@code submittedPosition}.
     *
     * @param more true = cork: more will follow, hold back what does not fill a segment, for 200 ms at most
     */
    public void send(Tcb tcb, long submittedPosition, boolean more, long nowNs) {
        if (isGone(tcb) || tcb.has(TcbFlags.SHUTDOWN)) {
            return;
        }
        long before = tcb.nextDeadline();
        tcb.submitted(Math.max(tcb.submitted(), submittedPosition));
        tcb.set(TcbFlags.CORKED, more);
        sender.output(tcb, nowNs);
        timers.report(tcb, before);
    }

    /** Sends what Nagle or cork holds back. */
    public void flush(Tcb tcb, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        tcb.set(TcbFlags.FLUSHING);
        sender.output(tcb, nowNs);
        timers.report(tcb, before);
    }

    /**
     * The host has given away the memory behind rcvNxt: what lies there out of order counts as never received, and the peer
     * sends it again (RFC 2018 section 8).
     */
    public void forgetOutOfOrder(Tcb tcb) {
        context.ranges.release(tcb);
    }

    /**
     * The peer may send up to this position. Smaller grants than an earlier one are ignored: a window never retracts. The peer hears of it when
     * the window moves by a full segment or half of the buffer (RFC 9293 section 3.8.6.2.2).
     *
     * @param bufferLength RCV.BUFF, what the application has not consumed included; 0 = memory of its own was posted for these very bytes:
     *     what is left of it is all there is, and the window reaches its end
     */
    public void grantWindow(Tcb tcb, long edgePosition, long bufferLength, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        if (windowUpdate.grant(tcb, edgePosition, bufferLength)) {
            if (tcb.rcvNxt() > tcb.rcvPosition()) {
                tcb.set(TcbFlags.ACK_NOW);
            } else {
                output.sendAck(tcb, nowNs);
            }
        }
        timers.report(tcb, before);
    }

    /** No more bytes will be submitted: a FIN follows those that were. The other direction stays open. */
    public void shutdown(Tcb tcb, long nowNs) {
        if (isGone(tcb) || tcb.has(TcbFlags.SHUTDOWN)) {
            return;
        }
        long before = tcb.nextDeadline();
        closing.shutdown(tcb);
        sender.output(tcb, nowNs);
        timers.report(tcb, before);
    }

    /** The application gives the connection up: what was submitted is still sent; text that arrives now is answered with a RST. */
    public void close(Tcb tcb, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        if (tcb.state() == TcpState.SYN_SENT) {
            abort(tcb, nowNs);
            return;
        }
        long before = tcb.nextDeadline();
        context.store.commitEnding(tcb, tcb.flags() | TcbFlags.CLOSED);
        // Nobody posts room any more, but behind a closed window the peer could not even send its FIN.
        grantWindow(tcb, tcb.rcvNxt() + tcb.ourMss(), 0, nowNs);
        if (!tcb.has(TcbFlags.SHUTDOWN)) {
            closing.shutdown(tcb);
            sender.output(tcb, nowNs);
        }
        closing.lingerIfClosed(tcb, nowNs);
        timers.report(tcb, before);
    }

    /** RFC 9293 section 3.10.5: a RST where the peer needs one, and the end. */
    public void abort(Tcb tcb, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        closing.reset(tcb, TcpEffects.ABORTED, nowNs);
        timers.report(tcb, before);
    }

    public void setNoDelay(Tcb tcb, boolean on, long nowNs) {
        tcb.set(TcbFlags.NODELAY, on);
        if (on && !isGone(tcb)) {
            flush(tcb, nowNs);
        }
    }

    /**
     * The user timeout (RFC 5482 section 3.1): text unacknowledged for longer ends the connection.
     *
     * @param timeoutMs 0 = the configured limit
     */
    public void setUserTimeout(Tcb tcb, int timeoutMs) {
        if (timeoutMs < 0) {
            throw new IllegalArgumentException("timeoutMs=" + timeoutMs + " must not be negative");
        }
        userTimeout.set(tcb, timeoutMs);
    }

    public void setKeepalive(Tcb tcb, boolean on, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        tcb.set(TcbFlags.KEEPALIVE, on);
        if (TcpState.isSynchronized(tcb.state())) {
            keepalive.start(tcb, nowNs);
        }
        timers.report(tcb, before);
    }

    /**
     * Takes up the record of an earlier core, which ended at any moment. Nothing is sent and no timer runs before {@link #resume},
     * {@link #proceed} or {@link #abort}; the host passes no segment of the connection on before that.
     *
     * @return false = the connection was over already, or the record contradicts itself: the host frees it
     */
    public boolean adopt(Tcb tcb, long nowNs) {
        return restart.adopt(tcb, nowNs);
    }

    /** Whether an adopted connection waits for its application, in SYN-RECEIVED for the listener; else {@link #proceed} is due. */
    public static boolean needsApplication(Tcb tcb) {
        return Restart.needsApplication(tcb);
    }

    /** Goes on with an adopted connection that needs no application, or whose listener is there again. */
    public void proceed(Tcb tcb, long nowNs) {
        long before = Timers.OFF;
        restart.proceed(tcb, nowNs);
        timers.report(tcb, before);
    }

    /**
     * The application of an adopted connection in a synchronized state is back. It submits the bytes from {@link
     * Tcb#acknowledgedPosition} on once more, identical to those before, and the end of the stream if it had ended it. The
     * connection is owed an {@link #onBurstEnd}.
     *
     * @param rcvPosition end of the bytes that the application has; at most rcvEdge, and the FIN if there was one
     */
    public void resume(Tcb tcb, long rcvPosition, long nowNs) {
        long before = Timers.OFF;
        restart.resume(tcb, rcvPosition, nowNs);
        timers.report(tcb, before);
    }

    /** Runs what is due; a call before the deadline does nothing. */
    public void onTimer(Tcb tcb, long nowNs) {
        if (isGone(tcb)) {
            return;
        }
        long before = tcb.nextDeadline();
        if (tcb.timeWaitDeadline() <= nowNs) {
            tcb.timeWaitDeadline(Timers.OFF);
            closing.onTimeWaitTimeout(tcb, nowNs);
        }
        if (tcb.rexmtDeadline() <= nowNs) {
            tcb.rexmtDeadline(Timers.OFF);
            onRetransmissionTimer(tcb, nowNs);
        }
        if (tcb.delayedAckDeadline() <= nowNs) {
            tcb.delayedAckDeadline(Timers.OFF);
            delayedAck.onTimeout(tcb, nowNs);
        }
        if (tcb.corkDeadline() <= nowNs) {
            tcb.corkDeadline(Timers.OFF);
            tcb.set(TcbFlags.FLUSHING);
            sender.output(tcb, nowNs);
        }
        if (tcb.keepaliveDeadline() <= nowNs) {
            keepalive.onTimeout(tcb, nowNs);
        }
        timers.report(tcb, before);
    }

    private void onRetransmissionTimer(Tcb tcb, long nowNs) {
        if (tcb.has(TcbFlags.PERSISTING)) {
            persist.onTimeout(tcb, nowNs);
        } else if (tcb.has(TcbFlags.REORDERING_TIMER)) {
            sackRecovery.onReorderingTimeout(tcb, nowNs);
            sender.output(tcb, nowNs);
        } else if (tcb.has(TcbFlags.PROBE_TIMER)) {
            probe.onTimeout(tcb, nowNs);
        } else {
            retransmission.onTimeout(tcb, nowNs);
        }
    }

    /** ICMP kinds that the host tells apart (RFC 1122 section 4.2.3.9, RFC 5927). */
    public enum IcmpKind {
        /** Network or host unreachable, time exceeded, source route failed: soft. */
        SOFT,
        /** Protocol or port unreachable: hard, but only for a connection that is not established (RFC 5927 section 5.2). */
        HARD,
        /** Fragmentation needed, packet too big. */
        TOO_BIG
    }

    /**
     * An ICMP error quotes a segment of ours.
     *
     * @param mtu of the next hop, for TOO_BIG; where the router did not say, a guess ({@link dev.toehold.net.MtuPlateaus})
     * @param seq the quoted sequence number; it must be of what is in flight (RFC 5927 section 4.1)
     */
    public void onIcmp(Tcb tcb, IcmpKind kind, int mtu, int seq, long nowNs) {
        long position = tcb.sendPosition(seq);
        if (isGone(tcb) || position < tcb.sndUna() || position >= tcb.sndMax()) {
            return;
        }
        long before = tcb.nextDeadline();
        if (kind == IcmpKind.HARD && tcb.state() == TcpState.SYN_SENT) {
            closing.end(tcb, TcpEffects.UNREACHABLE);
        } else if (kind == IcmpKind.TOO_BIG && PathMtu.reduce(tcb, mtu, nowNs)) {
            context.counters.increment(TcpCounters.PMTU_REDUCTIONS);
            retransmission.sendAgain(tcb, nowNs);
        } else if (kind == IcmpKind.SOFT) {
            tcb.set(TcbFlags.SOFT_ERROR);
        }
        timers.report(tcb, before);
    }

    /**
     * A SYN that hits TIME-WAIT may open a new connection (RFC 6191; RFC 9293 MUST-13 and section 3.6.1): its timestamp or
     * its sequence number is beyond what the old one used. The host then calls {@link #abort}, which sends nothing in TIME-WAIT, and
     * treats the SYN as for a listener, with an iss beyond {@code tcb.sendSequence(tcb.sndMax())}.
     */
    public boolean mayReuse(Tcb tcb, Segment segment) {
        if (tcb.state() != TcpState.TIME_WAIT || (segment.flags & (Tcp.SYN | Tcp.ACK | Tcp.RST)) != Tcp.SYN) {
            return false;
        }
        boolean hasTimestamps = segment.options.hasTimestamps() && context.config.timestamps();
        if (hasTimestamps && !tcb.has(TcbFlags.TIMESTAMPS)) {
            return true;
        }
        if (hasTimestamps) {
            int tsVal = segment.options.tsVal();
            if (tsVal != tcb.tsRecent()) {
                return SequenceNumber.gt(tsVal, tcb.tsRecent());
            }
        }
        return SequenceNumber.gt(segment.seq, tcb.rcvNxtSequence());
    }

    /**
     * The answer to a segment that belongs to no connection: RFC 9293 section 3.10.7.1. Counts as a reset sent.
     *
     * @return false = none is due
     */
    public boolean respondToClosed(Segment segment, TxSegment answer) {
        if (segment.has(Tcp.RST)) {
            return false;
        }
        answer.clear();
        if (segment.has(Tcp.ACK)) {
            answer.seq = segment.ack;
            answer.flags = Tcp.RST;
        } else {
            answer.ack = segment.seq + segment.length();
            answer.flags = Tcp.RST | Tcp.ACK;
        }
        context.counters.increment(TcpCounters.RESETS_SENT);
        return true;
    }

    /** Slots of the pools that connections hold: 0 when nothing is in flight or out of order. */
    public int boundSlots() {
        return context.config.reassemblySlots()
                - context.ranges.freeCount()
                + context.config.scoreboardSlots()
                - context.scoreboard.freeCount();
    }

    private static boolean isGone(Tcb tcb) {
        return tcb.state() <= TcpState.CLOSED;
    }
}
