package dev.toehold.tcp;

/**
 * How much may be in flight. Controllers have no state of their own: cwnd, ssthresh and what else they remember are fields
 * of the TCB. Loss detection and recovery decide when; the controller decides by how much.
 */
interface CongestionControl {
    /** The first window, RFC 6928; ssthresh is as high as can be. */
    default void onEstablished(Tcb tcb, TcpConfig config) {
        tcb.cwnd(InitialWindow.bytes(tcb, config));
        tcb.ssthresh(Integer.MAX_VALUE);
    }

    /** New data was acknowledged outside of recovery, {@code cwndLimited} telling whether the window was in use. */
    void onAcknowledged(Tcb tcb, int ackedBytes, boolean cwndLimited, long nowNs);

    /**
     * A loss begins a recovery: sets ssthresh; the recovery steers cwnd towards it.
     *
     * @param flightBytes sndMax - sndUna; of it cwnd bounds what counts: neither what was SACKed nor what limited transmit sent beyond cwnd is part of
     *     FlightSize (RFC 5681 section 3.2 step 2)
     */
    void onLoss(Tcb tcb, int flightBytes, long nowNs);

    /** A retransmission timeout: sets ssthresh unless this is a repeated one, cwnd is the loss window (RFC 5681 section 3.1). */
    void onTimeout(Tcb tcb, int flightBytes, boolean repeated, long nowNs);

    /** Nothing was sent for longer than an RTO (RFC 5681 section 4.1). */
    default void onIdle(Tcb tcb, TcpConfig config) {
        tcb.cwnd(Math.min(tcb.cwnd(), InitialWindow.bytes(tcb, config)));
    }

    /** A round trip was measured. */
    default void onRttSample(Tcb tcb, int rttUs) {}

    /** The last reduction was for nothing (RFC 5682, D-SACK). */
    default void onSpurious(Tcb tcb) {
        tcb.cwnd(Math.max(tcb.cwnd(), tcb.undoCwnd()));
        tcb.ssthresh(Math.max(tcb.ssthresh(), tcb.undoSsthresh()));
    }
}
