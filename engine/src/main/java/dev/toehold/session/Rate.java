package dev.toehold.session;

/**
 * So many a second and no more: a leaky bucket that knows nothing but when it will be empty. It is told the time, and neither
 * allocates nor locks.
 */
final class Rate {
    private static final long SECOND_NS = 1_000_000_000L;

    private final long intervalNs;
    private final long toleranceNs;
    private long emptyNs;

    /**
     * @param perSecond 0 = without bound
     * @param burstNs what comes in so long a time may come at once; at least one may
     */
    Rate(long perSecond, long burstNs) {
        intervalNs = perSecond == 0 ? 0 : Math.max(1, SECOND_NS / perSecond);
        toleranceNs = Math.max(0, burstNs - intervalNs);
    }

    /** How many may come now, at most {@code wanted}. */
    int available(int wanted, long nowNs) {
        if (intervalNs == 0) {
            return wanted;
        }
        long roomNs = toleranceNs - Math.max(0, emptyNs - nowNs);
        return roomNs < 0 ? 0 : (int) Math.min(wanted, roomNs / intervalNs + 1);
    }

    /** So many have come. */
    void take(int count, long nowNs) {
        if (emptyNs - nowNs < 0) {
            emptyNs = nowNs;
        }
        emptyNs += count * intervalNs;
    }

    /** When {@link #available} has one again; in the past if it has one now. */
    long nextNs() {
        return emptyNs - toleranceNs;
    }
}
