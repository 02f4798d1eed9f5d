package dev.toehold.session;

/**
 * Whether a client rings its doorbell for something. A ring with nothing behind it is no fault by itself: the lcore may have been awake and
 * taken what it was about. But whoever rings for nothing all the time keeps the lcore from its sleep.
 */
final class DoorbellRings {
    private static final long SECOND_NS = 1_000_000_000L;

    /** Wake-ups for nothing at this rate take an lcore a few thousandths of its time. */
    private static final int EMPTY_PER_SECOND = 100;

    private static final long BURST_NS = 10 * SECOND_NS;
    private static final int MAX_OWED = 1024;

    private final Rate empty = new Rate(EMPTY_PER_SECOND, BURST_NS);
    private boolean isRung;

    /** Rings that may be late: of each pass that found something at most one. */
    private int owed;

    /** The doorbell has woken the lcore. */
    void onRing() {
        isRung = true;
    }

    /**
     * Looks at the last ring, if there was one, once in a pass.
     *
     * @param hasMoved the client has done something since the pass before
     * @return false if there were too many for nothing
     */
    boolean isBearable(boolean hasMoved, long nowNs) {
        boolean wasRung = isRung;
        isRung = false;
        if (hasMoved) {
            owed = Math.min(owed + (wasRung ? 0 : 1), MAX_OWED);
            return true;
        }
        if (!wasRung) {
            return true;
        }
        if (owed > 0) {
            owed--;
            return true;
        }
        empty.take(1, nowNs);
        return empty.available(1, nowNs) > 0;
    }
}
