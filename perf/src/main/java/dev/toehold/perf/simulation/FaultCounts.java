package dev.toehold.perf.simulation;

/** How often each fault struck. */
public final class FaultCounts {
    private final long[] counts = new long[Fault.values().length];

    void strike(Fault fault) {
        counts[fault.ordinal()]++;
    }

    void add(Fault fault, long count) {
        counts[fault.ordinal()] += count;
    }

    void add(FaultCounts other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
    }

    public long of(Fault fault) {
        return counts[fault.ordinal()];
    }
}
