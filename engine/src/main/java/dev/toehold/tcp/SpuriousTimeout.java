package dev.toehold.tcp;

/**
 * F-RTO (RFC 5682): after a retransmission timeout one segment is sent again, and before the rest is, two new ones are. If what comes back then is of
 * segments that were sent only once, they were late and not lost: the timeout was spurious.
 *
 * <pre>
 *   timeout ---> first segment again ---> ACK advances ---> two new segments ---> ACK of old originals: spurious
 *      MAYBE_SPURIOUS                                        HOLDING              duplicate ACK: go on as after any timeout
 * </pre>
 *
 * With SACK an ACK of an original may come sooner and decides at once (section 3).
 */
final class SpuriousTimeout {
    /** In {@link Tcb#tlpFlags()}: step 3, new text was allowed and what is lost waits. */
    static final int HOLDING = 2;

    /** Sections 2 and 3, step 3 (a): cwnd where the timeout was real. */
    private static final int CONVENTIONAL_SEGMENTS = 3;

    private static final int NEW_SEGMENTS = 2;

    private SpuriousTimeout() {}

    /** Step 1. A timeout during another recovery, or a repeated one, is taken for real. */
    static void begin(Tcb tcb, boolean isFirst) {
        tcb.set(TcbFlags.MAYBE_SPURIOUS, isFirst);
        tcb.tlpFlags(tcb.tlpFlags() & ~HOLDING);
    }

    static void end(Tcb tcb) {
        tcb.unset(TcbFlags.MAYBE_SPURIOUS);
        tcb.tlpFlags(tcb.tlpFlags() & ~HOLDING);
    }

    static boolean isHolding(Tcb tcb) {
        return (tcb.tlpFlags() & HOLDING) != 0;
    }

    static boolean isPossible(Tcb tcb) {
        return tcb.recovery() == RecoveryPhase.LOSS && tcb.has(TcbFlags.MAYBE_SPURIOUS);
    }

    /**
     * Steps 2 and 3 after an ACK that tells of no original.
     *
     * @param isAdvance whether sndUna moved, to {@code ack}
     * @param inFlightBytes what counts against cwnd
     */
    static void onAck(Tcb tcb, boolean isAdvance, long ack, long inFlightBytes) {
        int mss = MaximumSegment.payload(tcb);
        if (isHolding(tcb)) {
            end(tcb);
            tcb.cwnd(CONVENTIONAL_SEGMENTS * mss);
        } else if (isAdvance) {
            boolean hasNew = tcb.submitted() > tcb.sndMax() && ack + tcb.sndWnd() > tcb.sndMax();
            if (ack < tcb.recover() && hasNew) {
                tcb.tlpFlags(tcb.tlpFlags() | HOLDING);
                tcb.cwnd((int) Math.min(inFlightBytes + (long) NEW_SEGMENTS * mss, SlowStart.MAX_CWND));
            } else {
                end(tcb);
            }
        }
    }
}
