package dev.toehold.perf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.perf.Measurements.Cell;
import dev.toehold.perf.Measurements.Measurement;
import dev.toehold.perf.Workload.Metric;
import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.rig.Contender;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {
    private static final Cell ONE = new Cell(Workload.REQUEST_RESPONSE, 1);
    private static final Cell BULK = new Cell(Workload.BULK_IN, 4);
    private static final long SECOND_NS = 1_000_000_000L;

    private final Measurements measurements = new Measurements();
    private final Report report = new Report(Map.of("kernel", "Linux"), measurements);

    private void requests(int round, Contender contender, long perSecond, long p50Ns) {
        LoadResult result =
                new LoadResult(2 * perSecond, 256 * perSecond, 2 * SECOND_NS, p50Ns, 2 * p50Ns, 3 * p50Ns, 4 * p50Ns);
        measurements.add(new Measurement(round, contender, ONE, result));
    }

    private void threeRounds() {
        requests(1, Contender.KERNEL, 1000, 10_000);
        requests(1, Contender.TOEHOLD, 500, 20_000);
        requests(2, Contender.KERNEL, 2000, 10_000);
        requests(2, Contender.TOEHOLD, 3000, 15_500);
        requests(3, Contender.KERNEL, 1000, 10_000);
        requests(3, Contender.TOEHOLD, 1100, 30_000);
    }

    @Test
    void shouldDivideWithinTheSameRound() {
        threeRounds();
        double[] ratios = measurements.ratios(ONE, Contender.TOEHOLD, Contender.KERNEL, Metric.OPERATIONS);
        assertArrayEquals(new double[] {0.5, 1.5, 1.1}, ratios, 1e-9);
    }

    @Test
    void shouldPrintSpreadsAndRatios() {
        threeRounds();
        StringWriter text = new StringWriter();
        report.printTables(new PrintWriter(text, true));
        String table = text.toString().replaceAll(" +", " ");
        assertTrue(table.contains("toehold ops/s 500 1,100 3,000"), table);
        assertTrue(table.contains("toehold p50 us 15.5 20.0 30.0"), table);
        assertTrue(table.contains("toehold/kernel, ops/s, round by round: 0.50 1.50 1.10; median 1.10"), table);
    }

    @Test
    void shouldWriteJsonWithRawNanoseconds() {
        threeRounds();
        measurements.add(
                new Measurement(1, Contender.KERNEL, BULK, new LoadResult(0, SECOND_NS / 4, SECOND_NS, 0, 0, 0, 0)));
        measurements.add(
                new Measurement(1, Contender.TOEHOLD, BULK, new LoadResult(0, SECOND_NS / 8, SECOND_NS, 0, 0, 0, 0)));
        JsonNode root = JsonMapper.builder().build().readTree(report.toJson());
        assertEquals("toehold/bench/1", root.get("schema").asString());
        assertEquals("Linux", root.get("machine").get("kernel").asString());
        JsonNode first = root.get("items").get(0);
        assertEquals("request-response", first.get("benchmark").asString());
        assertEquals("kernel", first.get("contender").asString());
        assertEquals(10_000, first.get("p50Ns").asLong());
        assertEquals(1000.0, first.get("operationsPerSecond").asDouble(), 1e-9);
        JsonNode bulk = root.get("items").get(6);
        assertEquals(2.0, bulk.get("gigabitsPerSecond").asDouble(), 1e-9);
        assertFalse(bulk.has("p50Ns"));
        assertEquals(1.1, root.get("ratios").get(0).get("median").asDouble(), 1e-9);
        assertEquals(0.5, root.get("ratios").get(1).get("median").asDouble(), 1e-9);
    }

    @Test
    void shouldPrintNoRatioWithoutTheEngine() {
        requests(1, Contender.KERNEL, 1000, 10_000);
        requests(1, Contender.KERNEL_OFFLOADS, 1000, 10_000);
        StringWriter text = new StringWriter();
        report.printTables(new PrintWriter(text, true));
        assertFalse(text.toString().contains("round by round"), text.toString());
        assertTrue(JsonMapper.builder()
                .build()
                .readTree(report.toJson())
                .get("ratios")
                .isEmpty());
    }
}
