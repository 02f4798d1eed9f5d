package dev.toehold.engine;

import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.CounterPublisher;
import dev.toehold.control.HistogramDescriptor;
import dev.toehold.control.HistogramSource;
import dev.toehold.control.MetricName;
import dev.toehold.control.PolicyCounter;
import dev.toehold.engine.StageTimes.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The page {@code docs/metrics.md}, made from the catalogue. */
public final class MetricsReference {
    private static final String HEAD = """
            # Metrics

            What the engine counts. Written by `toehold counters --reference`; a test keeps it true.

            * `toehold counters` adds up the lcores. With `--format json`: `name value unit labels`. A histogram shows how many values it has
              (`.values`), their sum (`.sum`), and for four quantiles a bound that is at most an eighth too high.
            * The file `counters` in the state directory has all of it for each lcore; its layout is `CountersFileDescriptor`. It stays after a crash.
            * Prometheus scrapes `http://ADDRESS:PORT/metrics` (`metrics.listen`), text or OpenMetrics. Times are seconds there. What each lcore counts
              has the label `lcore`. The number of series depends on lcores and ports alone: nothing that a peer or a client does adds one.

            An lcore counts in plain memory of its own. It publishes every 50 ms while it works and 5 ms after its last work.
            """;

    private MetricsReference() {}

    /** The whole page. */
    public static String toMarkdown() {
        LcoreCounters all = LcoreCounters.ofNames(List.of("PORT"), 1);
        StringBuilder text = new StringBuilder(HEAD);
        List<CounterDescriptor> counters = Stream.concat(
                        CounterPublisher.descriptors(all.counters()).stream(), PolicyCounter.descriptors().stream())
                .toList();
        addCounters(
                text, "Counters", counters.stream().filter(c -> !c.isGauge()).toList());
        addCounters(
                text,
                "Gauges",
                counters.stream().filter(CounterDescriptor::isGauge).toList());
        addCounters(text, "Gauges of Prometheus alone", EngineGauges.descriptors("VERSION", "PORT"));
        text.append("\n## Histograms\n\n| name | Prometheus | unit | meaning |\n| --- | --- | --- | --- |\n");
        for (HistogramSource source : all.histograms()) {
            HistogramDescriptor histogram = source.descriptor();
            text.append("| `%s` | `%s` | %s | %s |%n"
                    .formatted(histogram.name(), MetricName.of(histogram), histogram.unit(), histogram.meaning()));
        }
        text.append("\n## Stages of `lcore.stage.ns`\n\n| stage | what |\n| --- | --- |\n");
        for (Stage stage : Stage.values()) {
            text.append("| `%s` | %s |%n".formatted(stage.label(), stage.meaning()));
        }
        return text.toString();
    }

    private static void addCounters(StringBuilder text, String title, List<CounterDescriptor> counters) {
        text.append("\n## ").append(title);
        text.append("\n\n| name | Prometheus | unit | labels | meaning |\n| --- | --- | --- | --- | --- |\n");
        Map<String, CounterDescriptor> byName = new LinkedHashMap<>();
        counters.forEach(counter -> byName.putIfAbsent(counter.name(), counter));
        for (CounterDescriptor counter : byName.values()) {
            text.append("| `%s` | `%s` | %s | %s | %s |%n"
                    .formatted(
                            counter.name(),
                            MetricName.of(counter),
                            counter.unit(),
                            String.join(" ", counter.labels().keySet()),
                            counter.meaning()));
        }
    }
}
