package dev.toehold.perf;

import java.util.Arrays;

/** The least, the middle and the greatest of the values of several rounds. */
record Spread(double min, double median, double max) {
    /**
     * Of one or more values in any order; the median of an even number is the mean of the middle two.
     *
     * @throws IllegalArgumentException if there are none, or one is not a number
     */
    static Spread of(double... values) {
        if (values.length == 0 || Arrays.stream(values).anyMatch(Double::isNaN)) {
            throw new IllegalArgumentException("values=" + Arrays.toString(values) + ": one or more numbers needed");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }
}
