package dev.toehold.perf.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LoadResultTest {
    @Test
    void shouldCrossToAnotherProcess() {
        LoadResult result = new LoadResult(1, 2, 3, 4, 5, 6, 7);
        assertEquals(result, LoadResult.parse(result.toLine()));
    }

    @Test
    void shouldRefuseWhatIsNoResult() {
        assertThrows(IllegalArgumentException.class, () -> LoadResult.parse("ready"));
    }

    @Test
    void shouldTellRatesPerSecond() {
        LoadResult bulk = LoadResult.ofBytes(250_000_000, 500_000_000);
        assertEquals(4.0, bulk.gigabitsPerSecond(), 1e-9);
        Histogram histogram = Requests.newHistogram();
        for (int i = 1; i <= 1000; i++) {
            Requests.record(histogram, i * 1000L);
        }
        LoadResult requests = LoadResult.ofRequests(histogram, 500_000_000);
        assertEquals(2000.0, requests.operationsPerSecond(), 1e-9);
        assertEquals(500_000.0, (double) requests.p50Ns(), 500);
        assertEquals(990_000.0, (double) requests.p99Ns(), 1000);
        assertEquals(999_000.0, (double) requests.p999Ns(), 1000);
    }

    @Test
    void shouldCountWhatIsLongerThanItsHistogram() {
        Histogram histogram = Requests.newHistogram();
        Requests.record(histogram, Long.MAX_VALUE);
        assertEquals(1, histogram.getTotalCount());
    }
}
