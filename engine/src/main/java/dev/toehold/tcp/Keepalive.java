package dev.toehold.tcp;

/** Keepalive (RFC 9293 section 3.8.4): off unless asked for; probes carry no text; one lost probe means nothing. */
final class Keepalive {
    private final Context context;
    private final Output output;
    private final Closing closing;

    Keepalive(Context context, Output output, Closing closing) {
        this.context = context;
        this.output = output;
        this.closing = closing;
    }

    void start(Tcb tcb, long nowNs) {
        tcb.keepaliveProbes(0);
        tcb.keepaliveDeadline(tcb.has(TcbFlags.KEEPALIVE) ? nowNs + context.config.keepaliveIdleNs() : Timers.OFF);
    }

    void onTimeout(Tcb tcb, long nowNs) {
        if (!TcpState.isSynchronized(tcb.state()) || tcb.state() == TcpState.TIME_WAIT) {
            tcb.keepaliveDeadline(Timers.OFF);
            return;
        }
        long quietSince = tcb.lastReceiveNs();
        // With a probe out the deadline is an interval after it.
        boolean heard = tcb.keepaliveProbes() > 0
                ? quietSince >= tcb.keepaliveDeadline() - context.config.keepaliveIntervalNs()
                : nowNs - quietSince < context.config.keepaliveIdleNs();
        if (heard || tcb.sndUna() < tcb.sndMax()) {
            // Not idle, or the retransmission timer finds out.
            tcb.keepaliveProbes(0);
            tcb.keepaliveDeadline(Math.max(quietSince, heard ? quietSince : nowNs) + context.config.keepaliveIdleNs());
            return;
        }
        if (tcb.keepaliveProbes() >= context.config.keepaliveProbes()) {
            closing.timeOut(tcb, nowNs);
            return;
        }
        tcb.keepaliveProbes(tcb.keepaliveProbes() + 1);
        context.counters.increment(TcpCounters.KEEPALIVES_SENT);
        output.sendKeepalive(tcb, nowNs);
        tcb.keepaliveDeadline(nowNs + context.config.keepaliveIntervalNs());
    }
}
