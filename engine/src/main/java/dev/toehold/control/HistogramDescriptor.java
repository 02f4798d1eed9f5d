package dev.toehold.control;

import dev.toehold.tcp.LogLinearHistogram;

/**
 * What a histogram is; each lcore has one of its own, with the buckets of {@link LogLinearHistogram}.
 *
 * @param name as of a counter
 * @param unit {@code bytes}, {@code ns} or {@code count}, of the values
 * @param meaning a line for people
 * @param buckets how many
 */
public record HistogramDescriptor(String name, String unit, String meaning, int buckets) {
    /** The unit follows from the name. */
    public static HistogramDescriptor of(String name, String meaning, LogLinearHistogram histogram) {
        return new HistogramDescriptor(name, CounterDescriptor.unitOf(name), meaning, histogram.buckets());
    }
}
