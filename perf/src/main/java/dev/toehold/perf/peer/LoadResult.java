package dev.toehold.perf.peer;

import java.util.HashMap;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What the load generator measured in one interval; one line of text between processes.
 *
 * @param operations request/response pairs, 0 for bulk
 * @param bytes of payload in the measured direction; request/response: of both together
 * @param elapsedNs length of the interval
 * @param p50Ns median time from request to response, 0 for bulk like the next ones
 */
public record LoadResult(long operations, long bytes, long elapsedNs, long p50Ns, long p99Ns, long p999Ns, long maxNs) {
    private static final String WORD = "result";

    static LoadResult ofRequests(Histogram histogram, long elapsedNs) {
        return new LoadResult(
                histogram.getTotalCount(),
                histogram.getTotalCount() * Services.MESSAGE_LENGTH * 2,
                elapsedNs,
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue());
    }

    static LoadResult ofBytes(long bytes, long elapsedNs) {
        return new LoadResult(0, bytes, elapsedNs, 0, 0, 0, 0);
    }

    public double operationsPerSecond() {
        return operations * 1e9 / elapsedNs;
    }

    public double gigabitsPerSecond() {
        return bytes * 8.0 / elapsedNs;
    }

    String toLine() {
        return WORD + " operations=" + operations + " bytes=" + bytes + " elapsedNs=" + elapsedNs + " p50Ns=" + p50Ns
                + " p99Ns=" + p99Ns + " p999Ns=" + p999Ns + " maxNs=" + maxNs;
    }

    /** Reads what {@link #toLine} wrote. */
    public static LoadResult parse(String line) {
        String[] words = line.split(" ", -1);
        if (!words[0].equals(WORD)) {
            throw new IllegalArgumentException("line=" + line + ": not the load generator's result");
        }
        Map<String, Long> values = new HashMap<>();
        for (int i = 1; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            values.put(words[i].substring(0, equals), Long.parseLong(words[i].substring(equals + 1)));
        }
        return new LoadResult(
                values.get("operations"),
                values.get("bytes"),
                values.get("elapsedNs"),
                values.get("p50Ns"),
                values.get("p99Ns"),
                values.get("p999Ns"),
                values.get("maxNs"));
    }
}
