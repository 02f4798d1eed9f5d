package dev.toehold.engine;

import java.util.Locale;

/**
 * Where the time of an lcore's passes goes. A reading of the clock costs as much as looking at an idle ring, so one pass in
 * {@link #INTERVAL} is timed, chosen at random lest it keep step with the traffic, and counts for that many. Passes that find no work are
 * not counted.
 */
public final class StageTimes {
    /** The steps of {@link LcorePass}, in their order. */
    public enum Stage {
        COMMANDS(0, "commands of the control thread"),
        RECEIVE(1, "receive bursts, demultiplex, TCP, placement"),
        SUBMISSIONS(2, "submissions of clients, and the segments that they send at once"),
        PUBLISH(3, "completions made visible to clients"),
        ACKNOWLEDGE(4, "commits, ACKs, and data that acknowledgments made room for"),
        TIMERS(5, "timers, and what they publish"),
        TRANSMIT(6, "transmit bursts"),
        WAKE(7, "waking clients that sleep");

        private final int index;
        private final String meaning;

        Stage(int index, String meaning) {
            this.index = index;
            this.meaning = meaning;
        }

        /** Its place in the pass, from 0. */
        int index() {
            return index;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        String meaning() {
            return meaning;
        }
    }

    static final int INTERVAL = 16;

    private static final int INTERVAL_BITS = Integer.numberOfTrailingZeros(INTERVAL);
    private static final long MULTIPLIER = 6364136223846793005L;
    private static final long INCREMENT = 1442695040888963407L;

    private final long[] totalNs = new long[Stage.values().length];
    private final long[] passNs = new long[totalNs.length];
    private final boolean isSampled;
    private long random;
    private boolean isTimed;
    private long lastNs;

    private StageTimes(boolean isSampled) {
        this.isSampled = isSampled;
    }

    /** Takes its samples from the system's clock. */
    public static StageTimes sampled() {
        return new StageTimes(true);
    }

    /** Times nothing and reads no clock: for passes under a simulator. */
    public static StageTimes off() {
        return new StageTimes(false);
    }

    void begin() {
        random = random * MULTIPLIER + INCREMENT;
        isTimed = isSampled && random >>> (Long.SIZE - INTERVAL_BITS) == 0;
        if (isTimed) {
            lastNs = System.nanoTime();
        }
    }

    /** This stage is over; each stage once, in their order. */
    void end(Stage stage) {
        if (isTimed) {
            long nowNs = System.nanoTime();
            passNs[stage.index] = nowNs - lastNs;
            lastNs = nowNs;
        }
    }

    void endPass(boolean foundWork) {
        if (isTimed && foundWork) {
            for (int i = 0; i < totalNs.length; i++) {
                totalNs[i] += INTERVAL * passNs[i];
            }
        }
    }

    /** Estimated time in a stage, by its index. */
    long ns(int stage) {
        return totalNs[stage];
    }
}
