package dev.toehold.tcp;

/** Round trips and the retransmission timeout they give (RFC 6298). Microseconds in the TCB. */
final class RttEstimator {
    /** G: no timer of ours is finer than the host's wheel. */
    private static final int GRANULARITY_US = 1_000;

    /** Two of them are what min_RTT remembers: five minutes, as other stacks. */
    private static final int MINIMUM_WINDOW_SECONDS = 150;

    private static final long NS_PER_SECOND = 1_000_000_000;

    private final TcpConfig config;

    RttEstimator(TcpConfig config) {
        this.config = config;
    }

    /** (2.2) for the first sample, (2.3) for the others. */
    void onSample(Tcb tcb, long rttNs, long nowNs) {
        int r = Math.clamp(rttNs / 1_000, 1, Integer.MAX_VALUE / 8);
        if (tcb.srttUs() == 0) {
            tcb.srttUs(r);
            tcb.rttvarUs(r / 2);
        } else {
            tcb.rttvarUs((int) ((3L * tcb.rttvarUs() + Math.abs(tcb.srttUs() - r)) / 4));
            tcb.srttUs(Math.max(1, (int) ((7L * tcb.srttUs() + r) / 8)));
        }
        onMinimum(tcb, rttNs, nowNs);
        long rtoUs = tcb.srttUs() + Math.max(GRANULARITY_US, 4L * tcb.rttvarUs());
        tcb.rtoUs((int) Math.clamp(rtoUs, config.minRtoNs() / 1_000, config.maxRtoNs() / 1_000));
    }

    /**
     * A further sample of the same round trip: SRTT and RTTVAR take one a round, since more would shorten their memory (RFC 7323 appendix G).
     * The least one is that of the last minutes, so that a connection whose path became longer learns of it (RFC 8985 section 6.2 step 1): of a
     * window that is over and of the one that began.
     */
    static void onMinimum(Tcb tcb, long rttNs, long nowNs) {
        int r = Math.clamp(rttNs / 1_000, 1, Integer.MAX_VALUE / 8);
        int nowSeconds = (int) (nowNs / NS_PER_SECOND);
        int age = nowSeconds - tcb.minRttSeconds();
        if (tcb.minRttUs() == 0 || age >= 2 * MINIMUM_WINDOW_SECONDS) {
            beginMinimum(tcb, r, r, nowSeconds);
        } else if (age >= MINIMUM_WINDOW_SECONDS) {
            beginMinimum(tcb, Math.min(tcb.minRttNextUs(), r), r, nowSeconds);
        } else {
            tcb.minRttUs(Math.min(tcb.minRttUs(), r));
            tcb.minRttNextUs(Math.min(tcb.minRttNextUs(), r));
        }
    }

    private static void beginMinimum(Tcb tcb, int least, int next, int nowSeconds) {
        tcb.minRttUs(least);
        tcb.minRttNextUs(next);
        tcb.minRttSeconds(nowSeconds);
    }

    void reset(Tcb tcb, long initialRtoNs) {
        tcb.srttUs(0);
        tcb.rttvarUs(0);
        tcb.rtoUs((int) (initialRtoNs / 1_000));
    }

    /** (5.5): doubled with each timeout, (2.5): up to a ceiling. */
    long backedOffRtoNs(Tcb tcb, int backoff) {
        return Math.min((tcb.rtoUs() * 1_000L) << Math.min(backoff, 16), config.maxRtoNs());
    }
}
