package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * What may be sent now (RFC 9293 section 3.8.6.2.1): the least of the peer's window and cwnd, in segments worth sending.
 *
 * <pre>
 *   sndUna          sndNxt        sndMax    sndUna + min(sndWnd, cwnd)     submitted   FIN
 *     |  in flight     | again        |  new       |   must wait                |        |
 * </pre>
 *
 * sndNxt falls back behind sndMax after a timeout: what lies between is sent again.
 */
final class Sender {
    /** What the contract of MORE says. */
    private static final long CORK_NS = 200_000_000;

    private final Context context;
    private final Output output;
    private final Timers timers;
    private final RttEstimator rtt;
    private final TailLossProbe probe;

    Sender(Context context, Output output, Timers timers, RttEstimator rtt, TailLossProbe probe) {
        this.context = context;
        this.output = output;
        this.timers = timers;
        this.rtt = rtt;
        this.probe = probe;
    }

    /** Sends what may go, then sees that a timer watches over what is in flight or held up by the window. */
    void output(Tcb tcb, long nowNs) {
        if (!TcpState.mayTransmit(tcb.state())) {
            return;
        }
        restartAfterIdle(tcb, nowNs);
        if (tcb.sndNxt() < tcb.submitted() && tcb.sndNxt() == tcb.sndMax()) {
            PathMtu.raiseIfOld(tcb, nowNs);
        }
        long sentBefore = tcb.sndMax();
        while (sendNext(tcb, nowNs)) {}
        tcb.set(TcbFlags.CWND_LIMITED, isHeldByCongestionWindow(tcb));
        if (tcb.has(TcbFlags.FLUSHING) && tcb.sndNxt() >= tcb.submitted()) {
            tcb.unset(TcbFlags.FLUSHING);
        }
        watch(tcb, nowNs);
        watchCork(tcb, tcb.sndMax() > sentBefore, nowNs);
        if (tcb.sndMax() > sentBefore && !tcb.has(TcbFlags.REORDERING_TIMER)) {
            probe.schedule(tcb, nowNs);
        }
    }

    private boolean sendNext(Tcb tcb, long nowNs) {
        if (tcb.scoreboardIndex() >= 0 && !SpuriousTimeout.isHolding(tcb)) {
            int lost = context.scoreboard.firstLost(tcb);
            if (lost >= 0) {
                return retransmit(tcb, lost, nowNs);
            }
        }
        long next = tcb.sndNxt();
        long unsent = tcb.submitted() - next;
        boolean finWanted = tcb.has(TcbFlags.SHUTDOWN) && unsent >= 0;
        if (unsent <= 0 && !finWanted) {
            return false;
        }
        long usable = usable(tcb);
        if (usable <= 0) {
            return false;
        }
        int maxPayload = output.maxPayload(tcb);
        int length = (int) Math.min(Math.min(unsent, usable), maxPayload);
        boolean last = length == unsent;
        boolean fin = finWanted && last && usable > length;
        if (!fin && !isWorthSending(tcb, length, maxPayload, last)) {
            return false;
        }
        int controlBits = (last && length > 0 ? Tcp.PSH : 0) | (fin ? Tcp.FIN : 0);
        if (!output.send(tcb, next, length, controlBits, nowNs)) {
            return false;
        }
        tcb.sndNxt(next + length + (fin ? 1 : 0));
        return true;
    }

    /**
     * Sends a lost range again, a segment at a time, as cwnd has room for it. A window that closed meanwhile still takes a byte, which is
     * then its probe.
     */
    private boolean retransmit(Tcb tcb, int range, long nowNs) {
        long start = context.scoreboard.start(tcb, range);
        long end = context.scoreboard.end(tcb, range);
        long edge = tcb.sndUna() + Math.max(1, tcb.sndWnd());
        boolean fin = tcb.finSent() >= 0 && end > tcb.finSent();
        long textEnd = fin ? tcb.finSent() : end;
        int length = (int) Math.min(Math.min(textEnd - start, output.maxPayload(tcb)), edge - start);
        fin &= start + length == tcb.finSent();
        long pipe = context.scoreboard.pipe(tcb);
        if (start >= edge || (pipe > 0 && pipe + length > tcb.cwnd())) {
            return false;
        }
        int push = length > 0 && start + length == tcb.submitted() ? Tcp.PSH : 0;
        return output.send(tcb, start, length, push | (fin ? Tcp.FIN : 0), nowNs);
    }

    /** Room in the window beyond sndNxt; limited transmit lets the first two duplicate ACKs send one segment each (RFC 3042). */
    private long usable(Tcb tcb) {
        if (tcb.scoreboardIndex() >= 0) {
            long window = tcb.sndUna() + tcb.sndWnd() - tcb.sndNxt();
            return Math.min(window, tcb.cwnd() - context.scoreboard.pipe(tcb));
        }
        long limited = tcb.recovery() == RecoveryPhase.OPEN && tcb.dupAcks() < FastRecovery.DUPLICATE_THRESHOLD
                ? (long) tcb.dupAcks() * MaximumSegment.payload(tcb)
                : 0;
        return tcb.sndUna() + Math.min(tcb.sndWnd(), tcb.cwnd() + limited) - tcb.sndNxt();
    }

    /**
     * Whether text waits for cwnd and nothing else. Asked when all has been sent that may be: between the ACKs of a burst cwnd only seems
     * to have room.
     */
    private boolean isHeldByCongestionWindow(Tcb tcb) {
        if (tcb.scoreboardIndex() >= 0 && context.scoreboard.lostBytes(tcb) > 0) {
            return true;
        }
        long next = tcb.sndNxt();
        int segment = MaximumSegment.payload(tcb);
        return tcb.submitted() > next
                && tcb.sndUna() + tcb.sndWnd() - next >= Math.min(segment, tcb.submitted() - next)
                && usable(tcb) < segment;
    }

    /**
     * Silly-window avoidance and Nagle (RFC 9293 sections 3.7.4 and 3.8.6.2.1). The last piece waits for another small segment, not for
     * full ones (appendix A.3): behind an odd number of them it would wait for a delayed ACK.
     */
    private static boolean isWorthSending(Tcb tcb, int length, int maxPayload, boolean last) {
        if (length == 0) {
            return false;
        }
        if (length >= maxPayload || tcb.sndNxt() < tcb.sndMax()) {
            return true;
        }
        boolean flushing = tcb.has(TcbFlags.FLUSHING);
        boolean mayBeSmall = flushing || tcb.sndNxt() == tcb.sndUna() || tcb.has(TcbFlags.NODELAY);
        if (last) {
            return (mayBeSmall || !Nagle.isSmallInFlight(tcb)) && (flushing || !tcb.has(TcbFlags.CORKED));
        }
        return mayBeSmall && length >= tcb.maxSndWnd() / 2;
    }

    /**
     * The retransmission timer runs while something is in flight; the persist timer where the window alone keeps text back, which
     * includes the override of silly-window avoidance. What the application corks waits for the application.
     */
    private void watch(Tcb tcb, long nowNs) {
        if (tcb.sndUna() < tcb.sndNxt()) {
            if (tcb.rexmtDeadline() == Timers.OFF || tcb.has(TcbFlags.PERSISTING)) {
                timers.armRetransmission(tcb, nowNs);
            }
            return;
        }
        long unsent = tcb.submitted() - tcb.sndNxt();
        boolean corked = tcb.has(TcbFlags.CORKED) && !tcb.has(TcbFlags.FLUSHING);
        boolean held = tcb.sndUna() < tcb.sndMax()
                || (unsent > 0 && (unsent >= output.maxPayload(tcb) || !corked))
                || (unsent == 0 && tcb.has(TcbFlags.SHUTDOWN));
        if (held) {
            if (tcb.rexmtDeadline() == Timers.OFF) {
                timers.armPersist(tcb, nowNs);
            }
        } else {
            timers.cancelRetransmission(tcb);
        }
    }

    /** Text that the application corks goes after {@link #CORK_NS} all the same, counted from when it became the next to go. */
    private static void watchCork(Tcb tcb, boolean hasSent, long nowNs) {
        boolean isHeld = tcb.has(TcbFlags.CORKED) && !tcb.has(TcbFlags.FLUSHING) && tcb.submitted() > tcb.sndNxt();
        if (!isHeld) {
            tcb.corkDeadline(Timers.OFF);
        } else if (hasSent || tcb.corkDeadline() == Timers.OFF) {
            tcb.corkDeadline(nowNs + CORK_NS);
        }
    }

    /** RFC 5681 section 4.1. The last timed segment left within a round trip of the last segment. */
    private void restartAfterIdle(Tcb tcb, long nowNs) {
        if (tcb.sndUna() == tcb.sndMax()
                && tcb.sndNxt() < tcb.submitted()
                && nowNs - tcb.rttStartNs() > rtt.backedOffRtoNs(tcb, 0) + tcb.srttUs() * 1_000L) {
            context.congestion.onIdle(tcb, context.config);
        }
    }
}
