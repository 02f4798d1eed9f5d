package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * The window keeps text back: probe it (RFC 9293 section 3.8.6.1), at growing intervals and for as long as the peer answers. With a
 * window that is open but small the same timer overrides silly-window avoidance (section 3.8.6.2.1).
 */
final class Persist {
    private static final int MAX_BACKOFF = 0xFF;

    private final Context context;
    private final Output output;
    private final Timers timers;
    private final Retransmission retransmission;
    private final Closing closing;

    Persist(Context context, Output output, Timers timers, Retransmission retransmission, Closing closing) {
        this.context = context;
        this.output = output;
        this.timers = timers;
        this.retransmission = retransmission;
        this.closing = closing;
    }

    /** One byte beyond a closed window, or what an open one takes. sndNxt stays, so that the byte is sent again in a full segment. */
    void onTimeout(Tcb tcb, long nowNs) {
        if (retransmission.isOver(tcb, nowNs)) {
            closing.timeOut(tcb, nowNs);
            return;
        }
        long next = tcb.sndNxt();
        long unsent = tcb.submitted() - next;
        int length = (int) Math.min(Math.min(unsent, Math.max(1, tcb.sndWnd())), output.maxPayload(tcb));
        boolean fin = tcb.has(TcbFlags.SHUTDOWN) && length == unsent && (length == 0 || tcb.sndWnd() > length);
        if (length > 0 || fin) {
            boolean sent = output.sendProbe(tcb, next, length, fin ? Tcp.PSH | Tcp.FIN : Tcp.PSH, nowNs);
            if (sent && tcb.sndWnd() > 0) {
                tcb.sndNxt(next + length + (fin ? 1 : 0));
                timers.armRetransmission(tcb, nowNs);
                return;
            }
            context.counters.increment(TcpCounters.WINDOW_PROBES_SENT);
        }
        closing.limitHeldFin(tcb, nowNs);
        tcb.persistBackoff(Math.min(tcb.persistBackoff() + 1, MAX_BACKOFF));
        timers.armPersist(tcb, nowNs);
    }
}
