package dev.toehold.tcp;

import java.lang.invoke.VarHandle;

/**
 * Connections whose engine ended at an arbitrary moment, taken up from their records. What {@link TcbStore} committed holds; what the
 * record says besides is a hint or is made anew, since it may be of any moment since the last commit.
 *
 * <pre>
 *   record --adopt--&gt; frozen --resume--&gt; at work      the application is back and says what it has
 *                         \--proceed--&gt; at work      nothing of the application is needed any more
 * </pre>
 *
 * Loss recovery starts over: out-of-order bytes count as never received (RFC 2018 section 8 allows it), everything in
 * [sndUna, sndMax) is presumed lost and sent again from the initial window on.
 */
final class Restart {
    /** Agreed with the peer or asked for by the application; every other flag is of work in progress. */
    private static final int KEPT_FLAGS = TcbFlags.PASSIVE
            | TcbFlags.TIMESTAMPS
            | TcbFlags.SACK_PERMITTED
            | TcbFlags.WINDOW_SCALE
            | TcbFlags.ECN
            | TcbFlags.NODELAY
            | TcbFlags.KEEPALIVE
            | TcbFlags.SHUTDOWN
            | TcbFlags.CLOSED
            | TcbFlags.TS_RECENT_VALID
            | TcbFlags.SYN_RETRANSMITTED
            | TcbFlags.TERMINATED;

    private static final int MAX_WINDOW_SCALE = 14;

    private final Context context;
    private final Timers timers;
    private final RttEstimator rtt;
    private final Keepalive keepalive;
    private final Sender sender;
    private final Closing closing;

    Restart(Context context, Timers timers, RttEstimator rtt, Keepalive keepalive, Sender sender, Closing closing) {
        this.context = context;
        this.timers = timers;
        this.rtt = rtt;
        this.keepalive = keepalive;
        this.sender = sender;
        this.closing = closing;
    }

    /** Makes the working fields follow from the committed ones, without timers. False = over already, or it contradicts itself. */
    boolean adopt(Tcb tcb, long nowNs) {
        if (!isConsistent(tcb)) {
            return false;
        }
        tcb.flags(tcb.flags() & KEPT_FLAGS);
        tcb.rangesIndex(-1);
        tcb.scoreboardIndex(-1);
        tcb.receiveQueueIndex(-1);
        tcb.sendQueueIndex(-1);
        restartReceiving(tcb);
        restartSending(tcb, nowNs);
        long timeWaitDeadline = tcb.timeWaitDeadline();
        timers.cancelAll(tcb);
        tcb.timeWaitDeadline(timeWaitDeadline);
        tcb.keepaliveProbes(0);
        // The silence of the time without an engine was not the peer's.
        tcb.lastReceiveNs(nowNs);
        return catchUpState(tcb, nowNs);
    }

    private static boolean isConsistent(Tcb tcb) {
        int state = tcb.state();
        long fin = tcb.finReceived();
        return state > TcpState.CLOSED
                && state < TcpState.COUNT
                && tcb.sndUna() >= -1
                && tcb.sndUna() <= tcb.sndMax()
                && (tcb.finSent() < 0 || tcb.sndMax() <= tcb.finSent() + 1)
                && tcb.rcvPosition() >= 0
                && tcb.rcvPosition() <= tcb.rcvEdge()
                && (fin < 0 || fin == tcb.rcvPosition())
                && (state < TcpState.ESTABLISHED || (tcb.sndUna() >= 0 && tcb.sndMss() > 0))
                && tcb.sndWscale() <= MAX_WINDOW_SCALE
                && tcb.rcvWscale() <= MAX_WINDOW_SCALE;
    }

    private static void restartReceiving(Tcb tcb) {
        tcb.rcvNxt(tcb.rcvPosition());
        tcb.rcvGrant(tcb.rcvEdge());
        tcb.rcvStep(0);
        tcb.lastAckSent(tcb.rcvPosition() + (tcb.finReceived() >= 0 ? 1 : 0));
        tcb.dupAcksOwed(0);
        tcb.finPending(tcb.finReceived());
        tcb.set(TcbFlags.END_OF_STREAM, tcb.finReceived() >= 0);
    }

    private void restartSending(Tcb tcb, long nowNs) {
        int ssthresh = tcb.ssthresh();
        context.congestion.onEstablished(tcb, context.config);
        if (ssthresh > 0) {
            tcb.ssthresh(Math.max(ssthresh, 2 * MaximumSegment.payload(tcb)));
        }
        tcb.sndNxt(Math.max(0, tcb.sndUna()));
        tcb.recover(tcb.sndMax());
        tcb.recovery(tcb.sndUna() < tcb.sndMax() ? RecoveryPhase.LOSS : RecoveryPhase.OPEN);
        tcb.dupAcks(0);
        tcb.backoff(0);
        tcb.persistBackoff(0);
        tcb.rexmtStartMs(0);
        tcb.rttStartNs(nowNs);
        tcb.tlpFlags(0);
        tcb.tlpEnd(-1);
        tcb.corkDeadline(Timers.OFF);
        tcb.rackXmitNs(0);
        tcb.rackEnd(tcb.sndUna());
        tcb.rackRttUs(0);
        tcb.rackFack(tcb.sndUna());
        tcb.roundEnd(tcb.sndUna());
        tcb.epochStartMs(0);
        tcb.challengeCount(0);
        if (tcb.srttUs() <= 0 || tcb.rtoUs() <= 0) {
            rtt.reset(tcb, context.config.initialRtoNs());
        }
    }

    /** The application's closing and the positions of a FIN are committed before the state that follows from them. */
    private boolean catchUpState(Tcb tcb, long nowNs) {
        if (tcb.has(TcbFlags.SHUTDOWN)) {
            closing.shutdown(tcb);
        }
        if (tcb.finReceived() >= 0) {
            switch (tcb.state()) {
                case TcpState.ESTABLISHED -> context.transition(tcb, TcpState.CLOSE_WAIT);
                case TcpState.FIN_WAIT_1 -> context.transition(tcb, TcpState.CLOSING);
                case TcpState.FIN_WAIT_2 -> closing.enterTimeWait(tcb, nowNs);
                default -> {}
            }
        }
        if (tcb.finAcknowledged()) {
            switch (tcb.state()) {
                case TcpState.FIN_WAIT_1 -> context.transition(tcb, TcpState.FIN_WAIT_2);
                case TcpState.CLOSING -> closing.enterTimeWait(tcb, nowNs);
                case TcpState.LAST_ACK -> {
                    return false;
                }
                default -> {}
            }
        }
        return true;
    }

    /** Bytes that it still owes the peer lie in the application's memory, or the application still wants what comes. */
    static boolean needsApplication(Tcb tcb) {
        int over = TcbFlags.CLOSED | TcbFlags.SHUTDOWN;
        boolean isOver = (tcb.flags() & over) == over && tcb.acknowledgedPosition() >= tcb.submitted();
        return tcb.state() != TcpState.TIME_WAIT && !isOver;
    }

    /** Goes on without an application: TIME-WAIT, the FIN of what was closed, or the SYN,ACK of a listener that is there again. */
    void proceed(Tcb tcb, long nowNs) {
        switch (tcb.state()) {
            case TcpState.SYN_RECEIVED -> {
                tcb.set(TcbFlags.SYN_RETRANSMITTED);
                timers.armRetransmission(tcb, nowNs);
            }
            case TcpState.TIME_WAIT -> {
                if (tcb.timeWaitDeadline() == Timers.OFF) {
                    closing.restartTimeWait(tcb, nowNs);
                }
            }
            default -> {
                closing.lingerIfClosed(tcb, nowNs);
                keepalive.start(tcb, nowNs);
                sender.output(tcb, nowNs);
            }
        }
    }

    /**
     * The application is back. It submits [acknowledgedPosition, submitted) and what ends the stream again; until then nothing of
     * that can be sent.
     */
    void resume(Tcb tcb, long rcvPosition, long nowNs) {
        if (rcvPosition > tcb.rcvPosition()) {
            context.store.commitRcvPosition(tcb, rcvPosition);
            tcb.rcvNxt(rcvPosition);
        }
        if (!tcb.finAcknowledged()) {
            context.store.commitEnding(tcb, tcb.flags() & ~(TcbFlags.SHUTDOWN | TcbFlags.CLOSED));
            // Not before: needsApplication would conclude that nothing is left to be sent.
            VarHandle.storeStoreFence();
            tcb.submitted(tcb.acknowledgedPosition());
        }
        keepalive.start(tcb, nowNs);
        tcb.set(TcbFlags.ACK_NOW);
    }
}
