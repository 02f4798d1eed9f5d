package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/** SEGMENT ARRIVES in SYN-SENT: RFC 9293 section 3.10.7.3. */
final class SynSent {
    private final Context context;
    private final Output output;
    private final Handshake handshake;
    private final Closing closing;
    private final SegmentArrives segmentArrives;

    SynSent(Context context, Output output, Handshake handshake, Closing closing, SegmentArrives segmentArrives) {
        this.context = context;
        this.output = output;
        this.handshake = handshake;
        this.closing = closing;
        this.segmentArrives = segmentArrives;
    }

    void onSegment(Tcb tcb, Segment segment, long nowNs) {
        if (!checkAck(tcb, segment, nowNs)) {
            return;
        }
        if (segment.has(Tcp.RST)) {
            checkReset(tcb, segment);
            return;
        }
        checkSyn(tcb, segment, nowNs);
    }

    /** First: an ACK must be of our SYN. */
    private boolean checkAck(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.ACK) || segment.ack == tcb.sendSequence(0)) {
            return true;
        }
        context.counters.increment(TcpCounters.UNACCEPTABLE_ACKS);
        if (!segment.has(Tcp.RST)) {
            output.sendResetFor(tcb, segment, nowNs);
        }
        return false;
    }

    /** Second: a RST counts only with an acceptable ACK. */
    private void checkReset(Tcb tcb, Segment segment) {
        if (segment.has(Tcp.ACK)) {
            context.counters.increment(TcpCounters.RESETS_IN);
            closing.end(tcb, TcpEffects.REFUSED);
        }
    }

    /** Fourth: the SYN. Text and FIN of a SYN,ACK are taken; those of a SYN alone are left to a retransmission. */
    private void checkSyn(Tcb tcb, Segment segment, long nowNs) {
        if (!segment.has(Tcp.SYN)) {
            return;
        }
        handshake.takeSyn(tcb, segment, nowNs);
        tcb.lastReceiveNs(nowNs);
        if (segment.has(Tcp.ACK)) {
            handshake.establish(tcb, segment, nowNs);
            tcb.set(TcbFlags.ACK_NOW);
            segmentArrives.processBehindSyn(tcb, segment, nowNs);
        } else {
            handshake.simultaneousOpen(tcb, nowNs);
        }
    }
}
