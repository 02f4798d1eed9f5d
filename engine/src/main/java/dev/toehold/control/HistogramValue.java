package dev.toehold.control;

import dev.toehold.tcp.LogLinearHistogram;

/** A histogram as it was read: of one lcore, or several added up. */
final class HistogramValue {
    private final long[] counts;
    private long sum;

    /** Of no values. */
    HistogramValue(int buckets) {
        counts = new long[buckets];
    }

    void add(int bucket, long count) {
        counts[bucket] += count;
    }

    void addSum(long value) {
        sum += value;
    }

    int buckets() {
        return counts.length;
    }

    /** Values in a bucket of {@link LogLinearHistogram}. */
    long count(int bucket) {
        return counts[bucket];
    }

    /** All values added up. */
    long sum() {
        return sum;
    }

    /** How many values. */
    long count() {
        long count = 0;
        for (long one : counts) {
            count += one;
        }
        return count;
    }

    /** An upper bound of the value below which this part of them lies, an eighth above it at most; 0 if there is none. */
    long quantile(double part) {
        long rank = Math.max(1, (long) Math.ceil(part * count()));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return LogLinearHistogram.upperBound(bucket);
            }
        }
        return 0;
    }
}
