package dev.toehold.perf.simulation;

import java.util.EnumMap;
import java.util.Map;

/** How often each fault struck. */
public final class FaultCounts {
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);

    void strike(Fault fault) {
        counts.merge(fault, 1L, Long::sum);
    }

    void add(FaultCounts other) {
        other.counts.forEach((fault, count) -> counts.merge(fault, count, Long::sum));
    }

    public long of(Fault fault) {
        return counts.getOrDefault(fault, 0L);
    }
}
