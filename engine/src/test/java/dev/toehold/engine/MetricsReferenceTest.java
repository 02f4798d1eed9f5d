package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.CounterPublisher;
import dev.toehold.control.PolicyCounter;
import dev.toehold.engine.StageTimes.Stage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The catalogue: all that is counted, once, with a meaning, and in the documentation. */
class MetricsReferenceTest {
    @Test
    void shouldBeWhatTheDocumentationSays() throws IOException {
        assertEquals(
                Files.readString(Path.of("../docs/metrics.md")),
                MetricsReference.toMarkdown(),
                "run: toehold counters --reference > docs/metrics.md");
    }

    @Test
    void shouldGiveEachNameOneUnitAndMeaning() {
        List<CounterDescriptor> all = new ArrayList<>(CounterPublisher.descriptors(
                LcoreCounters.ofNames(List.of("a", "b"), 2).counters()));
        all.addAll(PolicyCounter.descriptors());
        all.addAll(EngineGauges.descriptors("1", "a"));
        Map<String, CounterDescriptor> byName = new HashMap<>();
        for (CounterDescriptor one : all) {
            CounterDescriptor other = byName.putIfAbsent(one.name(), one);
            if (other != null) {
                assertFalse(one.labels().isEmpty(), one.name() + " is there twice");
                assertEquals(other.labels().keySet(), one.labels().keySet());
                assertEquals(other.unit() + other.meaning(), one.unit() + one.meaning());
            }
        }
        assertEquals("ns", byName.get("lcore.sleep.ns").unit());
        assertEquals("bytes", byName.get("port.rx.bytes").unit());
    }

    @Test
    void shouldCountWhereThePassesTimeGoes() {
        LcoreStats stats = new LcoreStats();
        stats.start(1_000);
        stats.beginPass(3_000);
        stats.endPass(true);
        stats.beginPass(10_000);
        stats.endPass(false);
        stats.slept(50_000);
        stats.beginPass(61_000);
        stats.endPass(true);
        stats.beginPass(61_000 + LcoreStats.STALL_NS + 1);
        stats.endPass(false);
        assertEquals(7_000 + LcoreStats.STALL_NS + 1, value(stats, "lcore.busy.ns"));
        assertEquals(2_000 + 1_000, value(stats, "lcore.polling.ns"));
        assertEquals(50_000, value(stats, "lcore.sleep.ns"));
        assertEquals(4, value(stats, "lcore.passes"));
        assertEquals(2, value(stats, "lcore.busy.passes"));
        assertEquals(2, value(stats, "lcore.empty.passes"));
        assertEquals(1, value(stats, "lcore.stalls"));
        assertEquals(2, stats.passDurations().total());
    }

    private static long value(LcoreStats stats, String name) {
        for (int i = 0; i < LcoreStats.COUNT; i++) {
            if (LcoreStats.name(i).equals(name)) {
                return stats.get(i);
            }
        }
        throw new IllegalArgumentException(name);
    }

    @Test
    void shouldEstimateStagesOfBusyPassesFromAFewOfThem() {
        StageTimes stages = StageTimes.sampled();
        StageTimes idle = StageTimes.sampled();
        for (int i = 0; i < 1_000; i++) {
            pass(stages, true);
            pass(idle, false);
        }
        long receive = stages.ns(Stage.RECEIVE.index());
        assertTrue(receive > 0, "receive=" + receive);
        assertEquals(0, receive % StageTimes.INTERVAL);
        assertEquals(0, idle.ns(Stage.RECEIVE.index()));
        StageTimes off = StageTimes.off();
        for (int i = 0; i < 1_000; i++) {
            pass(off, true);
        }
        assertEquals(0, off.ns(Stage.RECEIVE.index()));
    }

    private static void pass(StageTimes stages, boolean foundWork) {
        stages.begin();
        for (Stage stage : Stage.values()) {
            long until = System.nanoTime() + 100;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            stages.end(stage);
        }
        stages.endPass(foundWork);
    }
}
