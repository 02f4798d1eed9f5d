package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * Explicit congestion notification (RFC 3168): routers mark instead of dropping, the receiver echoes the mark, the sender reduces as for a
 * loss and says so.
 *
 * <pre>
 *   sender                 router              receiver
 *     | text, ECT(0)  -------> CE ------------------> |
 *     | <--------------- ECE on every ACK ----------- |   until CWR comes
 *     | cwnd is reduced, once a window                |
 *     | new text, CWR, ECT(0) ----------------------> |
 * </pre>
 */
final class Ecn {
    /** Codepoints of the IP header (section 5). */
    static final int NOT_ECT = 0;

    static final int ECT_0 = 2;
    static final int CE = 3;

    private static final int MAX_BEYOND = 1 << 30;
    private static final int SETUP = Tcp.ECE | Tcp.CWR;

    private final Context context;

    Ecn(Context context) {
        this.context = context;
    }

    /**
     * ECE and CWR of our SYN or SYN,ACK (section 6.1.1). A SYN that had no answer goes again without them, in case something on the path drops
     * such SYNs (section 6.1.1.1).
     */
    int synBits(Tcb tcb, boolean reply) {
        if (reply) {
            return tcb.has(TcbFlags.ECN) ? Tcp.ECE : 0;
        }
        boolean offer = context.config.ecn() == TcpConfig.EcnMode.OFFER && !tcb.has(TcbFlags.SYN_RETRANSMITTED);
        return offer ? SETUP : 0;
    }

    /**
     * The peer's SYN or SYN,ACK. Whoever sent one SYN without ECN must not use it (section 6.1.1). A SYN whose IP header has an ECN codepoint
     * comes through something that meddles with them.
     */
    void takeSyn(Tcb tcb, Segment syn) {
        boolean agreed = syn.has(Tcp.ACK)
                ? context.config.ecn() == TcpConfig.EcnMode.OFFER && (syn.flags & SETUP) == Tcp.ECE
                : accepts(syn);
        tcb.set(TcbFlags.ECN, agreed && !tcb.has(TcbFlags.SYN_RETRANSMITTED));
    }

    /** Whether our SYN,ACK says yes to a SYN. */
    boolean accepts(Segment syn) {
        return context.config.ecn() != TcpConfig.EcnMode.OFF && (syn.flags & SETUP) == SETUP && syn.ecn == NOT_ECT;
    }

    /** An acceptable segment: CE of text asks for an echo, CWR ends it (section 6.1.3); a segment with both begins anew. */
    void onSegment(Tcb tcb, Segment segment) {
        if (!tcb.has(TcbFlags.ECN)) {
            return;
        }
        if (segment.has(Tcp.CWR)) {
            tcb.unset(TcbFlags.ECN_ECHO);
        }
        if (segment.ecn == CE && segment.payloadLength > 0) {
            tcb.set(TcbFlags.ECN_ECHO);
            context.counters.increment(TcpCounters.CONGESTION_MARKS_IN);
        }
    }

    /** An ACK with ECE never makes cwnd grow (section 6.1.2). */
    static boolean isEcho(Tcb tcb, Segment segment) {
        return segment.has(Tcp.ECE) && tcb.has(TcbFlags.ECN);
    }

    /**
     * An acceptable ACK was processed: ECE reduces like a loss, but once a window (section 6.1.2). Text beyond the window of the last reduction,
     * whatever its reason was, carries CWR, so what is echoed beyond it is news.
     *
     * @param flightBytes in flight before the ACK
     */
    void onAck(Tcb tcb, Segment segment, long ack, long flightBytes, long nowNs) {
        if (!tcb.has(TcbFlags.ECN)) {
            return;
        }
        int beyond = (int) ack - tcb.ecnRecover();
        if (beyond > MAX_BEYOND) {
            // So long ago that it says nothing, and soon would be taken for the future.
            tcb.ecnRecover((int) ack - MAX_BEYOND);
        }
        if (!segment.has(Tcp.ECE)
                || flightBytes == 0
                || tcb.recovery() != RecoveryPhase.OPEN
                || ack <= tcb.recover()
                || beyond <= 0) {
            return;
        }
        context.counters.increment(TcpCounters.ECN_REDUCTIONS);
        context.congestion.onLoss(tcb, (int) Math.min(flightBytes, Integer.MAX_VALUE), nowNs);
        tcb.cwnd(Math.min(tcb.cwnd(), tcb.ssthresh()));
        tcb.ecnRecover((int) tcb.sndMax());
        ReductionUndo.begin(tcb);
        tcb.set(TcbFlags.ECN_REDUCED);
    }

    /** An echo has reduced this window already: a loss in it does not once more (section 6.1.2). */
    static boolean hasReduced(Tcb tcb) {
        return tcb.has(TcbFlags.ECN) && (int) tcb.sndUna() - tcb.ecnRecover() < 0;
    }

    /**
     * Marks a segment of a synchronized connection. Only new text within the window is ECN-capable: neither ACKs, nor what is sent again, nor
     * window probes (sections 6.1.4 to 6.1.6). The first one after a reduction says CWR.
     */
    static void mark(Tcb tcb, TxSegment tx, long position, int length) {
        if (!tcb.has(TcbFlags.ECN)) {
            return;
        }
        if (tcb.has(TcbFlags.ECN_ECHO)) {
            tx.flags |= Tcp.ECE;
        }
        if (length > 0 && position >= tcb.sndMax() && position + length <= tcb.sndUna() + tcb.sndWnd()) {
            tx.ecn = ECT_0;
            if (tcb.has(TcbFlags.ECN_REDUCED)) {
                tx.flags |= Tcp.CWR;
            }
        }
    }

    /** A marked segment has left. */
    static void sent(Tcb tcb, TxSegment tx) {
        if (tx.has(Tcp.CWR)) {
            tcb.unset(TcbFlags.ECN_REDUCED);
        }
    }
}
