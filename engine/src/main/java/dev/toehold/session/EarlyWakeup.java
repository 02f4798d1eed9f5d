package dev.toehold.session;

/**
 * Which client to wake before it is known what the packet that ended the lcore's sleep is about. To get a sleeping CPU to run takes
 * about as long as to bring a segment to its place, and this way both happen at once. The guess is the client that was told something
 * last; one that was wrong is not made again before that client is told something in the ordinary way.
 */
final class EarlyWakeup {
    private LcoreSession likely;
    private boolean isWoken;

    /** The client to wake, or null. */
    LcoreSession take() {
        if (likely != null && likely.isEnding) {
            likely = null;
        }
        isWoken = likely != null;
        return likely;
    }

    /** This client was told something. */
    void onServed(LcoreSession session) {
        if (isWoken && session == likely) {
            isWoken = false;
        }
        likely = session;
    }

    /** Whoever was woken and has been told nothing was woken in vain. */
    void endOfPass() {
        if (isWoken) {
            isWoken = false;
            likely = null;
        }
    }
}
