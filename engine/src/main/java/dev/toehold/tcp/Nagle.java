package dev.toehold.tcp;

/**
 * Whether a small segment is in flight, which is what another small one waits for (RFC 9293 section 3.7.4 with appendix A.3). Known by
 * one bit: it says so until all that was sent is acknowledged, so that a stream which never comes to rest has the plain algorithm.
 */
final class Nagle {
    /** In {@link Tcb#tlpFlags()}. */
    private static final int SMALL_SENT = 16;

    private Nagle() {}

    /** New text, or a FIN alone, leaves; sndMax still stands before it. */
    static void onNewText(Tcb tcb, int length, int maxPayload) {
        int before = tcb.sndUna() == tcb.sndMax() ? 0 : tcb.tlpFlags() & SMALL_SENT;
        int now = length > 0 && length < maxPayload ? SMALL_SENT : 0;
        tcb.tlpFlags((tcb.tlpFlags() & ~SMALL_SENT) | before | now);
    }

    static boolean isSmallInFlight(Tcb tcb) {
        return (tcb.tlpFlags() & SMALL_SENT) != 0 && tcb.sndUna() < tcb.sndMax();
    }
}
