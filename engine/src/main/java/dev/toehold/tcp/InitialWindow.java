package dev.toehold.tcp;

/** The initial window of RFC 6928: min(10 * MSS, max(2 * MSS, 14600)); one segment where the SYN was lost. */
final class InitialWindow {
    private static final int LIMIT_BYTES = 14_600;

    private InitialWindow() {}

    static int bytes(Tcb tcb, TcpConfig config) {
        int mss = MaximumSegment.payload(tcb);
        if (tcb.has(TcbFlags.SYN_RETRANSMITTED)) {
            return mss;
        }
        return Math.min(config.initialWindowSegments() * mss, Math.max(2 * mss, LIMIT_BYTES));
    }
}
