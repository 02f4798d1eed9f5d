package dev.toehold.tcp;

/** The four deadlines of a connection and the one that the host hears of. */
final class Timers {
    static final long OFF = Long.MAX_VALUE;

    private final Context context;
    private final RttEstimator rtt;

    Timers(Context context, RttEstimator rtt) {
        this.context = context;
        this.rtt = rtt;
    }

    /** RFC 6298 (5.1), (5.3): from now, with the backoff that stands. */
    void armRetransmission(Tcb tcb, long nowNs) {
        tcb.unset(TcbFlags.PERSISTING);
        tcb.rexmtDeadline(nowNs + rtt.backedOffRtoNs(tcb, tcb.backoff()));
    }

    void armPersist(Tcb tcb, long nowNs) {
        tcb.set(TcbFlags.PERSISTING);
        tcb.rexmtDeadline(nowNs + rtt.backedOffRtoNs(tcb, tcb.persistBackoff()));
    }

    void cancelRetransmission(Tcb tcb) {
        tcb.unset(TcbFlags.PERSISTING);
        tcb.rexmtDeadline(OFF);
    }

    void cancelAll(Tcb tcb) {
        cancelRetransmission(tcb);
        tcb.delayedAckDeadline(OFF);
        tcb.keepaliveDeadline(OFF);
        tcb.timeWaitDeadline(OFF);
    }

    /** Tells the host where the next deadline moved while the core ran. */
    void report(Tcb tcb, long before) {
        if (tcb.state() <= TcpState.CLOSED) {
            return;
        }
        long next = tcb.nextDeadline();
        if (next != before) {
            context.effects.onDeadline(tcb, next);
        }
    }
}
