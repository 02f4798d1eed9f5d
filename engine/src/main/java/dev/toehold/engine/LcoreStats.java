package dev.toehold.engine;

import dev.toehold.tcp.LogLinearHistogram;

/**
 * What the poll loop of an lcore counts; written plainly by the lcore, read on it by whoever publishes. Its times come from the one clock
 * reading that each pass begins with; only those by stage take more ({@link StageTimes}).
 */
public final class LcoreStats {
    /** A pass that takes longer was interrupted: the work of one is bounded well below. */
    static final long STALL_NS = 1_000_000;

    private static final long MAX_PASS_NS = 1L << 34;

    private static final String[][] CATALOGUE = {
        {"lcore.passes", "passes of the poll loop"},
        {"lcore.busy.passes", "passes that found work"},
        {"lcore.empty.passes", "passes that found none"},
        {"lcore.busy.ns", "time in passes that found work"},
        {"lcore.polling.ns", "time in passes that found none, and in waiting between them without sleep"},
        {"lcore.sleeps", "times that the lcore slept"},
        {"lcore.sleep.ns", "time asleep"},
        {"lcore.stalls", "passes that took over 1 ms: somebody else had the CPU"},
        {"lcore.errors", "bugs caught by the poll loop itself"}
    };

    public static final int COUNT = CATALOGUE.length;

    private final LogLinearHistogram passes = new LogLinearHistogram(MAX_PASS_NS);
    private final StageTimes stages = StageTimes.sampled();
    private long passCount;
    private long busyPasses;
    private long busyNs;
    private long pollingNs;
    private long sleeps;
    private long sleepNs;
    private long stalls;
    private long errors;
    private long passStartNs;
    private long sleptInPassNs;
    private boolean isBusy;

    /** The loop begins now. */
    void start(long nowNs) {
        passStartNs = nowNs;
    }

    /** A pass begins, so the one before is over, what came after it in the loop included. */
    void beginPass(long nowNs) {
        long elapsedNs = nowNs - passStartNs;
        passStartNs = nowNs;
        if (isBusy) {
            busyNs += elapsedNs;
            passes.record(elapsedNs);
            if (elapsedNs > STALL_NS) {
                stalls++;
            }
        } else {
            pollingNs += elapsedNs - sleptInPassNs;
        }
        sleptInPassNs = 0;
    }

    /** The pass is done. */
    void endPass(boolean foundWork) {
        passCount++;
        isBusy = foundWork;
        if (foundWork) {
            busyPasses++;
        }
    }

    void slept(long ns) {
        sleeps++;
        sleepNs += ns;
        sleptInPassNs += ns;
    }

    void error() {
        errors++;
    }

    /** Time by what a pass does. */
    StageTimes stages() {
        return stages;
    }

    /** Durations in ns of the passes that found work. */
    LogLinearHistogram passDurations() {
        return passes;
    }

    /** Name of a counter, 0 to {@link #COUNT} - 1. */
    public static String name(int counter) {
        return CATALOGUE[counter][0];
    }

    /** What it counts, in a line for people. */
    public static String meaning(int counter) {
        return CATALOGUE[counter][1];
    }

    /** By the order of the catalogue. */
    public long get(int counter) {
        return switch (counter) {
            case 0 -> passCount;
            case 1 -> busyPasses;
            case 2 -> passCount - busyPasses;
            case 3 -> busyNs;
            case 4 -> pollingNs;
            case 5 -> sleeps;
            case 6 -> sleepNs;
            case 7 -> stalls;
            default -> errors;
        };
    }
}
