package dev.toehold.engine;

/** What the poll loop of an lcore counts; written plainly by the lcore, read on it by whoever publishes. */
public final class LcoreStats {
    long passes;
    long busyPasses;
    long sleeps;
    long sleepNs;
    long errors;

    public static final int COUNT = 5;

    private static final String[] NAMES = {
        "lcore.passes", "lcore.busy.passes", "lcore.sleeps", "lcore.sleep.ns", "lcore.errors"
    };

    /** Name of a counter, 0 to {@link #COUNT} - 1. */
    public static String name(int counter) {
        return NAMES[counter];
    }

    public long get(int counter) {
        return switch (counter) {
            case 0 -> passes;
            case 1 -> busyPasses;
            case 2 -> sleeps;
            case 3 -> sleepNs;
            default -> errors;
        };
    }

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
