package dev.toehold.tcp;

/**
 * How often values of each size came: eight buckets for each power of two, so that a bucket is at most an eighth as wide as its values are
 * large. Plain memory of one lcore; to record costs three additions, and nothing is allocated. Whoever publishes it reads on the same lcore.
 *
 * <pre>
 *   value   0 1 2 ... 7 | 8 9 ... 15 | 16-17 18-19 ... 30-31 | 32-35 ...
 *   bucket  0 1 2 ... 7 | 8 9 ... 15 | 16    17    ... 23    | 24    ...
 * </pre>
 */
public final class LogLinearHistogram {
    private static final int SUB_BITS = 3;

    /** Buckets of a power of two. */
    public static final int SUB_BUCKETS = 1 << SUB_BITS;

    private final long[] counts;
    private long total;
    private long sum;

    /** @param maxValue what is larger counts in the last bucket */
    public LogLinearHistogram(long maxValue) {
        counts = new long[bucketCount(maxValue)];
    }

    /** Buckets that a histogram up to this value has. */
    public static int bucketCount(long maxValue) {
        return bucket(maxValue) + 1;
    }

    /** The bucket of a value that is not negative. */
    public static int bucket(long value) {
        if (value < SUB_BUCKETS) {
            return (int) value;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(value);
        int sub = (int) (value >>> (exponent - SUB_BITS)) & (SUB_BUCKETS - 1);
        return (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
    }

    /** Largest value of a bucket. */
    public static long upperBound(int bucket) {
        if (bucket < SUB_BUCKETS) {
            return bucket;
        }
        int shift = bucket / SUB_BUCKETS - 1;
        return ((SUB_BUCKETS + bucket % SUB_BUCKETS + 1L) << shift) - 1;
    }

    /** Counts a value; a negative one, as a clock that was set may give, counts as 0. */
    public void record(long value) {
        long counted = Math.max(0, value);
        counts[Math.min(bucket(counted), counts.length - 1)]++;
        total++;
        sum += counted;
    }

    public int buckets() {
        return counts.length;
    }

    /** Values that fell into a bucket. */
    public long count(int bucket) {
        return counts[bucket];
    }

    /** How many values were recorded. */
    public long total() {
        return total;
    }

    /** All values added up. */
    public long sum() {
        return sum;
    }
}
