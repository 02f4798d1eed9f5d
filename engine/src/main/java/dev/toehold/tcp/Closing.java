package dev.toehold.tcp;

/** How connections end: shutdown, close, abort, time-outs and TIME-WAIT (RFC 9293 sections 3.6 and 3.10.4 to 3.10.8). */
final class Closing {
    private final Context context;
    private final Output output;
    private final Timers timers;

    Closing(Context context, Output output, Timers timers) {
        this.context = context;
        this.output = output;
        this.timers = timers;
    }

    /** The application has no more to send. The FIN itself goes out behind the last byte, by {@link Sender}. */
    void shutdown(Tcb tcb) {
        context.store.commitEnding(tcb, (tcb.flags() | TcbFlags.SHUTDOWN) & ~TcbFlags.CORKED);
        if (tcb.state() == TcpState.ESTABLISHED) {
            context.transition(tcb, TcpState.FIN_WAIT_1);
        } else if (tcb.state() == TcpState.CLOSE_WAIT) {
            context.transition(tcb, TcpState.LAST_ACK);
        }
    }

    /** Our FIN was acknowledged: RFC 9293 section 3.10.7.4, fifth step. False = the connection is gone. */
    boolean onFinAcknowledged(Tcb tcb, long nowNs) {
        switch (tcb.state()) {
            case TcpState.FIN_WAIT_1 -> {
                context.transition(tcb, TcpState.FIN_WAIT_2);
                lingerIfClosed(tcb, nowNs);
            }
            case TcpState.CLOSING -> enterTimeWait(tcb, nowNs);
            case TcpState.LAST_ACK -> {
                end(tcb, TcpEffects.ORDERLY);
                return false;
            }
            default -> {}
        }
        return true;
    }

    /** Nobody reads any more, so a peer that never closes must not hold the record. */
    void lingerIfClosed(Tcb tcb, long nowNs) {
        if (tcb.state() == TcpState.FIN_WAIT_2 && tcb.has(TcbFlags.CLOSED)) {
            tcb.timeWaitDeadline(nowNs + context.config.lingerNs());
        }
    }

    void enterTimeWait(Tcb tcb, long nowNs) {
        context.transition(tcb, TcpState.TIME_WAIT);
        tcb.rexmtDeadline(Timers.OFF);
        tcb.keepaliveDeadline(Timers.OFF);
        restartTimeWait(tcb, nowNs);
        terminate(tcb, TcpEffects.ORDERLY);
    }

    void restartTimeWait(Tcb tcb, long nowNs) {
        tcb.timeWaitDeadline(nowNs + context.config.timeWaitNs());
    }

    /**
     * All that a closed connection still has to send is its FIN, and the peer's window is closed: a peer that goes on answering the probes
     * must not hold the record.
     */
    void limitHeldFin(Tcb tcb, long nowNs) {
        if (tcb.has(TcbFlags.CLOSED) && isFinHeld(tcb) && tcb.timeWaitDeadline() == Timers.OFF) {
            tcb.timeWaitDeadline(nowNs + context.config.lingerNs());
        }
    }

    private static boolean isFinHeld(Tcb tcb) {
        return tcb.has(TcbFlags.SHUTDOWN) && tcb.sndNxt() == tcb.submitted() && tcb.sndUna() == tcb.sndNxt();
    }

    /** 2 MSL, or the lingering, is over. */
    void onTimeWaitTimeout(Tcb tcb, long nowNs) {
        if (tcb.state() == TcpState.TIME_WAIT || tcb.state() == TcpState.FIN_WAIT_2) {
            end(tcb, TcpEffects.ORDERLY);
        } else if (isFinHeld(tcb)) {
            timeOut(tcb, nowNs);
        }
    }

    /**
     * R2, the user timeout or keepalive gave up. Soft errors never end a connection, not even one that is being opened (RFC 9293 MUST-56, RFC
     * 5461), but where nothing else came the application hears what the network said (SHLD-25).
     */
    void timeOut(Tcb tcb, long nowNs) {
        context.counters.increment(TcpCounters.TIMED_OUT);
        reset(tcb, tcb.has(TcbFlags.SOFT_ERROR) ? TcpEffects.UNREACHABLE : TcpEffects.TIMED_OUT, nowNs);
    }

    /** RST to the peer where it may still believe in the connection (RFC 9293 section 3.10.5), then the end. */
    void reset(Tcb tcb, int reason, long nowNs) {
        boolean isProbing = tcb.has(TcbFlags.PERSISTING) && tcb.sndWnd() == 0;
        // A closed window has refused the probe, and takes a RST at its edge only (RFC 5961 section 3.2).
        int sequence = tcb.sendSequence(isProbing ? tcb.sndNxt() : tcb.sndMax());
        switch (tcb.state()) {
            case TcpState.SYN_RECEIVED,
                    TcpState.ESTABLISHED,
                    TcpState.FIN_WAIT_1,
                    TcpState.FIN_WAIT_2,
                    TcpState.CLOSE_WAIT -> output.sendReset(tcb, sequence, nowNs);
            case TcpState.CLOSING, TcpState.LAST_ACK -> {
                // Entered when the application closes, which may be long before the FIN has left: then the peer waits
                // for more.
                if (tcb.finSent() < 0 || isProbing) {
                    output.sendReset(tcb, sequence, nowNs);
                }
            }
            default -> {}
        }
        end(tcb, reason);
    }

    /** The record's end: pools get back what it bound, and the host hears of it. */
    void end(Tcb tcb, int reason) {
        timers.cancelAll(tcb);
        context.ranges.release(tcb);
        context.scoreboard.release(tcb);
        context.transition(tcb, TcpState.CLOSED);
        terminate(tcb, reason);
        context.effects.onDeadline(tcb, Timers.OFF);
        context.effects.onFreed(tcb);
    }

    private void terminate(Tcb tcb, int reason) {
        if (!tcb.has(TcbFlags.TERMINATED)) {
            tcb.set(TcbFlags.TERMINATED);
            context.effects.onTerminated(tcb, reason);
        }
    }
}
