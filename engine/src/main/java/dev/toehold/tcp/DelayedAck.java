package dev.toehold.tcp;

/**
 * When an ACK leaves (RFC 9293 section 3.8.6.3, RFC 5681 section 4.2): with text if there is some, at once for every second full segment, for
 * each segment out of order and where a hole closed, else after a delay.
 */
final class DelayedAck {
    private final Context context;
    private final Output output;

    DelayedAck(Context context, Output output) {
        this.context = context;
        this.output = output;
    }

    /** After text had its chance to carry the ACK. */
    void onBurstEnd(Tcb tcb, long nowNs) {
        long position = tcb.rcvPosition() + (tcb.finReceived() >= 0 ? 1 : 0);
        long unacknowledged = position - tcb.lastAckSent();
        // While what is owed an ACK is held, one without it would look like a duplicate.
        boolean isHeld = tcb.has(TcbFlags.UNPUBLISHED) && unacknowledged <= 0;
        if ((tcb.has(TcbFlags.ACK_NOW) && !isHeld) || (unacknowledged > 0 && unacknowledged >= 2L * tcb.rcvMss())) {
            tcb.set(TcbFlags.ACK_NOW);
            if (!output.sendAck(tcb, nowNs)) {
                return;
            }
        } else if (unacknowledged > 0 && tcb.delayedAckDeadline() == Timers.OFF) {
            tcb.delayedAckDeadline(nowNs + context.config.delayedAckNs());
        }
        int owed = tcb.dupAcksOwed();
        while (owed > 0 && output.sendAck(tcb, nowNs)) {
            owed--;
        }
        tcb.dupAcksOwed(owed);
    }

    void onTimeout(Tcb tcb, long nowNs) {
        tcb.set(TcbFlags.ACK_NOW);
        output.sendAck(tcb, nowNs);
    }
}
