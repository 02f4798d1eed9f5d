package dev.toehold.tcp;

/** Round trips and the retransmission timeout they give (RFC 6298). Microseconds in the TCB. */
final class RttEstimator {
    /** G: no timer of ours is finer than the host's wheel. */
    private static final int GRANULARITY_US = 1_000;

    private final TcpConfig config;

    RttEstimator(TcpConfig config) {
        this.config = config;
    }

    /** (2.2) for the first sample, (2.3) for the others. */
    void onSample(Tcb tcb, long rttNs) {
        int r = Math.clamp(rttNs / 1_000, 1, Integer.MAX_VALUE / 8);
        if (tcb.srttUs() == 0) {
            tcb.srttUs(r);
            tcb.rttvarUs(r / 2);
        } else {
            tcb.rttvarUs((int) ((3L * tcb.rttvarUs() + Math.abs(tcb.srttUs() - r)) / 4));
            tcb.srttUs(Math.max(1, (int) ((7L * tcb.srttUs() + r) / 8)));
        }
        onMinimum(tcb, rttNs);
        long rtoUs = tcb.srttUs() + Math.max(GRANULARITY_US, 4L * tcb.rttvarUs());
        tcb.rtoUs((int) Math.clamp(rtoUs, config.minRtoNs() / 1_000, config.maxRtoNs() / 1_000));
    }

    /**
     * A further sample of the same round trip: SRTT and RTTVAR take one a round, since more would shorten their memory (RFC 7323 appendix G).
     */
    static void onMinimum(Tcb tcb, long rttNs) {
        int r = Math.clamp(rttNs / 1_000, 1, Integer.MAX_VALUE / 8);
        if (tcb.minRttUs() == 0 || r < tcb.minRttUs()) {
            tcb.minRttUs(r);
        }
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
