package dev.toehold.control;

import dev.toehold.tcp.LogLinearHistogram;

/**
 * A histogram that one lcore keeps in plain memory of its own.
 *
 * @param descriptor the same for every lcore
 * @param histogram read on the lcore's thread
 */
public record HistogramSource(HistogramDescriptor descriptor, LogLinearHistogram histogram) {
    /** Of a histogram with this name and meaning. */
    public static HistogramSource of(String name, String meaning, LogLinearHistogram histogram) {
        return new HistogramSource(HistogramDescriptor.of(name, meaning, histogram), histogram);
    }
}
