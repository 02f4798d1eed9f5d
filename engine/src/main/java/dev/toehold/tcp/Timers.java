package dev.toehold.tcp;

/** The deadlines of a connection and the one that the host hears of. */
final class Timers {
    static final long OFF = Long.MAX_VALUE;

    private static final long NS_PER_MS = 1_000_000;
    private static final long MIN_OVERRIDE_NS = 100 * NS_PER_MS;
    private static final long MAX_OVERRIDE_NS = 1_000 * NS_PER_MS;

    /** What rexmtDeadline stands for; none of them = the retransmission timeout. */
    private static final int KINDS = TcbFlags.PERSISTING | TcbFlags.REORDERING_TIMER | TcbFlags.PROBE_TIMER;

    private final Context context;
    private final RttEstimator rtt;

    Timers(Context context, RttEstimator rtt) {
        this.context = context;
        this.rtt = rtt;
    }

    /** RFC 6298 (5.1), (5.3): from now, with the backoff that stands. Patience counts from the first time (RFC 9293 section 3.8.3). */
    void armRetransmission(Tcb tcb, long nowNs) {
        if (tcb.rexmtStartMs() == 0) {
            tcb.rexmtStartMs(startMs(nowNs));
        }
        arm(tcb, 0, nowNs + withinUserTimeout(tcb, rtt.backedOffRtoNs(tcb, tcb.backoff()), nowNs));
    }

    /**
     * Window probes at growing intervals; where the window is open but small, the override of silly-window avoidance, which comes within a second
     * (RFC 9293 section 3.8.6.2.1).
     */
    void armPersist(Tcb tcb, long nowNs) {
        long waitNs = rtt.backedOffRtoNs(tcb, tcb.persistBackoff());
        if (tcb.sndWnd() > 0) {
            waitNs = Math.clamp(rtt.backedOffRtoNs(tcb, 0), MIN_OVERRIDE_NS, MAX_OVERRIDE_NS);
        }
        arm(tcb, TcbFlags.PERSISTING, nowNs + withinUserTimeout(tcb, waitNs, nowNs));
    }

    /** A backed-off timer must not sleep through the moment at which the application wants to hear (RFC 5482 section 3.1). */
    private static long withinUserTimeout(Tcb tcb, long waitNs, long nowNs) {
        if (tcb.rexmtStartMs() == 0 || !hasUserTimeout(tcb)) {
            return waitNs;
        }
        int waitedMs = (int) (nowNs / NS_PER_MS) - tcb.rexmtStartMs();
        return Math.min(waitNs, Math.max(0, tcb.userTimeoutMs() - (long) waitedMs) * NS_PER_MS);
    }

    /** A listener's SYN,ACK is given up by the configuration alone. */
    static boolean hasUserTimeout(Tcb tcb) {
        return tcb.userTimeoutMs() != 0 && (TcpState.isSynchronized(tcb.state()) || !tcb.has(TcbFlags.PASSIVE));
    }

    /** For rexmtStartMs, where 0 means none. */
    static int startMs(long nowNs) {
        return (int) (nowNs / NS_PER_MS) | 1;
    }

    void armReordering(Tcb tcb, long deadlineNs) {
        arm(tcb, TcbFlags.REORDERING_TIMER, deadlineNs);
    }

    /**
     * A probe, no later than the timeout would be (RFC 8985 section 7.2): the one that runs, else, where a probe has its place, that of what
     * was sent at {@code headXmitNs}.
     */
    void armProbe(Tcb tcb, long deadlineNs, long headXmitNs, long nowNs) {
        boolean runs = (tcb.flags() & KINDS) == 0 && tcb.rexmtDeadline() != OFF;
        long timeoutNs = runs ? tcb.rexmtDeadline() : headXmitNs + rtt.backedOffRtoNs(tcb, tcb.backoff());
        arm(tcb, TcbFlags.PROBE_TIMER, timeoutNs > nowNs ? Math.min(deadlineNs, timeoutNs) : deadlineNs);
    }

    void cancelRetransmission(Tcb tcb) {
        arm(tcb, 0, OFF);
    }

    /** One deadline, one meaning at a time (RFC 8985 section 8). */
    private static void arm(Tcb tcb, int kind, long deadlineNs) {
        tcb.flags((tcb.flags() & ~KINDS) | kind);
        tcb.rexmtDeadline(deadlineNs);
    }

    void cancelAll(Tcb tcb) {
        cancelRetransmission(tcb);
        tcb.delayedAckDeadline(OFF);
        tcb.keepaliveDeadline(OFF);
        tcb.timeWaitDeadline(OFF);
        tcb.corkDeadline(OFF);
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
