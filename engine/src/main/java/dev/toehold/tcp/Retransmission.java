package dev.toehold.tcp;

/** The retransmission timer expired (RFC 6298 section 5). */
final class Retransmission {
    private static final long NS_PER_MS = 1_000_000;
    private static final int MAX_BACKOFF = 0xFF;

    /** R1 of RFC 9293 section 3.8.3, as many as SHLD-9 asks for. */
    private static final int R1_TIMEOUTS = 3;

    /** RFC 6298 (5.7): the RTO for data where the SYN needed a retransmission. */
    static final long RTO_AFTER_SYN_LOSS_NS = 3_000_000_000L;

    private final Context context;
    private final Output output;
    private final Sender sender;
    private final SackRecovery sackRecovery;
    private final Timers timers;
    private final Closing closing;

    Retransmission(
            Context context, Output output, Sender sender, SackRecovery sackRecovery, Timers timers, Closing closing) {
        this.context = context;
        this.output = output;
        this.sender = sender;
        this.sackRecovery = sackRecovery;
        this.timers = timers;
        this.closing = closing;
    }

    void onTimeout(Tcb tcb, long nowNs) {
        boolean repeated = tcb.has(TcbFlags.TIMED_OUT);
        if (isOver(tcb, nowNs)) {
            closing.timeOut(tcb, nowNs);
            return;
        }
        context.counters.increment(TcpCounters.RETRANSMISSION_TIMEOUTS);
        tcb.set(TcbFlags.TIMED_OUT);
        tcb.timeouts(tcb.timeouts() + 1);
        tcb.unset(TcbFlags.TIMING);
        tcb.backoff(Math.min(tcb.backoff() + 1, MAX_BACKOFF));
        if (tcb.backoff() == R1_TIMEOUTS) {
            context.effects.onTrouble(tcb);
        }
        if (!TcpState.isSynchronized(tcb.state())) {
            tcb.set(TcbFlags.SYN_RETRANSMITTED);
            tcb.retransmits(tcb.retransmits() + 1);
            context.counters.increment(TcpCounters.RETRANSMITS);
            context.counters.increment(TcpCounters.RETRANSMITS_SYN);
            output.sendSyn(tcb, nowNs);
            timers.armRetransmission(tcb, nowNs);
            return;
        }
        if (PathMtu.onTimeout(tcb, timedOutLength(tcb), output.maxPayload(tcb), nowNs)) {
            context.counters.increment(TcpCounters.PMTU_BLACK_HOLES);
        }
        if (tcb.scoreboardIndex() >= 0) {
            sackRecovery.onTimeout(tcb, repeated, nowNs);
        } else {
            goBack(tcb, repeated, nowNs);
        }
        timers.cancelRetransmission(tcb);
        sender.output(tcb, nowNs);
    }

    /** Text of the segment at sndUna, which timed out: as it went out the last time, or as it would go again. */
    private int timedOutLength(Tcb tcb) {
        boolean isKnown = tcb.scoreboardIndex() >= 0 && context.scoreboard.count(tcb) > 0;
        long end = isKnown ? context.scoreboard.end(tcb, 0) : tcb.sndMax();
        if (tcb.finSent() >= 0) {
            end = Math.min(end, tcb.finSent());
        }
        return (int) Math.min(end - tcb.sndUna(), Math.max(1, tcb.sndWnd()));
    }

    /** The path takes less than was sent: it all goes again in smaller segments, and cwnd is not to blame (RFC 1191 section 6.4). */
    void sendAgain(Tcb tcb, long nowNs) {
        if (!TcpState.isSynchronized(tcb.state())) {
            return;
        }
        if (tcb.scoreboardIndex() >= 0) {
            sackRecovery.sendAgain(tcb);
        } else {
            tcb.sndNxt(tcb.sndUna());
        }
        sender.output(tcb, nowNs);
    }

    /** Without a scoreboard everything is presumed lost. */
    private void goBack(Tcb tcb, boolean repeated, long nowNs) {
        int flight = (int) Math.min(tcb.sndMax() - tcb.sndUna(), Integer.MAX_VALUE / 2);
        boolean isFirst = !repeated && tcb.recovery() == RecoveryPhase.OPEN && tcb.sndUna() > tcb.recover();
        context.congestion.onTimeout(tcb, flight, repeated, nowNs);
        ReductionUndo.begin(tcb);
        SpuriousTimeout.begin(tcb, isFirst);
        tcb.set(TcbFlags.ECN_REDUCED);
        tcb.recovery(RecoveryPhase.LOSS);
        tcb.recover(tcb.sndMax());
        tcb.dupAcks(0);
        tcb.sndNxt(tcb.sndUna());
    }

    /**
     * Whether R2 or the user timeout has passed since the text was sent first (RFC 9293 section 3.8.3); for a window probe, since the first one
     * without an answer.
     */
    boolean isOver(Tcb tcb, long nowNs) {
        int nowMs = Timers.startMs(nowNs);
        if (tcb.rexmtStartMs() == 0) {
            tcb.rexmtStartMs(nowMs);
            return false;
        }
        long limitNs = context.config.retransmitTimeoutNs();
        if (Timers.hasUserTimeout(tcb)) {
            limitNs = tcb.userTimeoutMs() * NS_PER_MS;
        } else if (!TcpState.isSynchronized(tcb.state())) {
            limitNs = context.config.synTimeoutNs();
        }
        return (nowMs - tcb.rexmtStartMs()) * NS_PER_MS >= limitNs;
    }
}
