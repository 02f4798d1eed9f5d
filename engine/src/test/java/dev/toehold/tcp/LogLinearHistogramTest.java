package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LogLinearHistogramTest {
    @Test
    void shouldGiveEachValueTheOneBucketThatHoldsIt() {
        long previousBound = -1;
        int buckets = LogLinearHistogram.bucketCount(Long.MAX_VALUE);
        for (int bucket = 0; bucket < buckets; bucket++) {
            long bound = LogLinearHistogram.upperBound(bucket);
            assertTrue(bound > previousBound, "bucket " + bucket);
            assertEquals(bucket, LogLinearHistogram.bucket(previousBound + 1), "lowest of bucket " + bucket);
            assertEquals(bucket, LogLinearHistogram.bucket(bound), "highest of bucket " + bucket);
            long width = bound - previousBound;
            assertTrue(width <= bound / LogLinearHistogram.SUB_BUCKETS + 1, "width of bucket " + bucket);
            previousBound = bound;
        }
        assertEquals(Long.MAX_VALUE, previousBound);
    }

    @Test
    void shouldCountWhatIsTooLargeInTheLastBucketAndNegativeAsZero() {
        LogLinearHistogram histogram = new LogLinearHistogram(1_000);
        histogram.record(1_000);
        histogram.record(Long.MAX_VALUE / 2);
        histogram.record(-5);
        assertEquals(2, histogram.count(histogram.buckets() - 1));
        assertEquals(1, histogram.count(0));
        assertEquals(1_000 + Long.MAX_VALUE / 2, histogram.sum());
    }
}
