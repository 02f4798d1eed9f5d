package dev.toehold.tcp;

import dev.toehold.net.Tcp;

/**
 * TLP (RFC 8985 section 7): when the end of a flight gets no answer for two round trips, one segment is sent to fetch a SACK, so that
 * RACK can repair the tail without a timeout.
 */
final class TailLossProbe {
    /** WCDelAckT: the longest delay of the peer's ACK that is waited for where only one segment is out. */
    private static final long WORST_DELAYED_ACK_NS = 200_000_000;

    /** PTO before the first round trip is measured (section 7.2). */
    private static final long WITHOUT_RTT_NS = 1_000_000_000;

    private static final int RETRANSMISSION = 1;

    private final Context context;
    private final Scoreboard scoreboard;
    private final Output output;
    private final Timers timers;

    TailLossProbe(Context context, Output output, Timers timers) {
        this.context = context;
        this.scoreboard = context.scoreboard;
        this.output = output;
        this.timers = timers;
    }

    /** Section 7.2: brings the timer forward where a probe would come before the timeout. */
    void schedule(Tcb tcb, long nowNs) {
        if (tcb.scoreboardIndex() < 0
                || tcb.recovery() != RecoveryPhase.OPEN
                || tcb.tlpEnd() >= 0
                || tcb.backoff() > 0
                || tcb.sndUna() == tcb.sndMax()
                || scoreboard.sackedBytes(tcb) > 0) {
            return;
        }
        long probeNs = tcb.srttUs() == 0 ? WITHOUT_RTT_NS : 2_000L * tcb.srttUs();
        if (tcb.srttUs() != 0 && tcb.sndMax() - tcb.sndUna() <= MaximumSegment.payload(tcb)) {
            probeNs += WORST_DELAYED_ACK_NS;
        }
        timers.armProbe(tcb, nowNs + probeNs, scoreboard.xmitNs(tcb, 0), nowNs);
    }

    /** Section 7.3: new text if there is some and the peer's window takes it, else the last segment again. */
    void onTimeout(Tcb tcb, long nowNs) {
        long end = tcb.sndMax();
        int mss = output.maxPayload(tcb);
        long room = tcb.sndUna() + tcb.sndWnd() - tcb.sndNxt();
        int fresh = (int) Math.min(Math.min(tcb.submitted() - tcb.sndNxt(), mss), room);
        boolean sent = false;
        if (fresh > 0 && tcb.sndNxt() == end) {
            sent = output.sendProbe(tcb, tcb.sndNxt(), fresh, Tcp.PSH, nowNs);
            if (sent) {
                tcb.sndNxt(tcb.sndNxt() + fresh);
                tcb.tlpFlags(tcb.tlpFlags() & ~RETRANSMISSION);
            }
        } else if (scoreboard.lostBytes(tcb) == 0) {
            boolean fin = tcb.finSent() >= 0 && end > tcb.finSent();
            long textEnd = fin ? tcb.finSent() : end;
            long start = Math.max(tcb.sndUna(), textEnd - mss);
            sent = output.sendProbe(tcb, start, (int) (textEnd - start), fin ? Tcp.FIN : Tcp.PSH, nowNs);
            tcb.tlpFlags(tcb.tlpFlags() | RETRANSMISSION);
        }
        if (sent) {
            context.counters.increment(TcpCounters.TAIL_LOSS_PROBES);
            tcb.tlpEnd(tcb.sndMax());
        }
        timers.armRetransmission(tcb, nowNs);
    }

    /** Section 7.4.2; true = the probe itself repaired a loss, so the congestion controller must hear of it. */
    boolean onAck(Tcb tcb, Segment segment, long ack, boolean advanced, boolean duplicateReported) {
        long end = tcb.tlpEnd();
        if (end < 0 || ack < end) {
            return false;
        }
        if ((tcb.tlpFlags() & RETRANSMISSION) == 0 || duplicateReported) {
            tcb.tlpEnd(-1);
            return false;
        }
        if (ack > end) {
            tcb.tlpEnd(-1);
            return true;
        }
        if (!advanced && segment.options.sackBlockCount() == 0 && segment.length() == 0) {
            // The ACK of the original; the probe's own, a duplicate, tells nothing more.
            tcb.tlpEnd(-1);
        }
        return false;
    }
}
