package dev.toehold.engine;

/** What the poll loop of an lcore counts; written plainly by the lcore, read on it by whoever publishes. */
public final class LcoreStats {
    long passes;
    long busyPasses;
    long sleeps;
    long sleepNs;
    long errors;

    /** Passes of the loop. */
    public long passes() {
        return passes;
    }

    /** Passes that found work. */
    public long busyPasses() {
        return busyPasses;
    }

    public long sleeps() {
        return sleeps;
    }

    /** Time asleep. */
    public long sleepNs() {
        return sleepNs;
    }

    /** Bugs caught by the loop itself, beside those of single connections. */
    public long errors() {
        return errors;
    }
}
