package dev.toehold.perf;

import dev.toehold.perf.Measurements.Cell;
import dev.toehold.perf.Measurements.Measurement;
import dev.toehold.perf.Workload.Metric;
import dev.toehold.perf.rig.Contender;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Measurements as text for people or JSON for programs. */
final class Report {
    static final String SCHEMA = "toehold/bench/1";

    private final Map<String, String> machine;
    private final Measurements measurements;

    Report(Map<String, String> machine, Measurements measurements) {
        this.machine = machine;
        this.measurements = measurements;
    }

    /** The facts that stand above the tables. */
    static void printMachine(Map<String, String> machine, PrintWriter out) {
        machine.forEach((name, value) -> out.printf(Locale.ROOT, "%-10s %s%n", name, value));
        out.println();
    }

    void printTables(PrintWriter out) {
        for (Cell cell : measurements.cells()) {
            printTable(cell, out);
        }
    }

    private void printTable(Cell cell, PrintWriter out) {
        out.printf(
                "%s, %d connection%s%n",
                cell.workload().description(), cell.connections(), cell.connections() == 1 ? "" : "s");
        out.printf("  %-16s %-9s %12s %12s %12s%n", "", "", "min", "median", "max");
        for (Metric metric : cell.workload().metrics()) {
            for (Contender contender : measurements.contenders()) {
                Spread spread = Spread.of(measurements.values(cell, contender, metric));
                out.printf(
                        "  %-16s %-9s %12s %12s %12s%n",
                        contender.label(),
                        metric.title(),
                        metric.text(spread.min()),
                        metric.text(spread.median()),
                        metric.text(spread.max()));
            }
        }
        printRatios(cell, out);
        out.println();
    }

    private void printRatios(Cell cell, PrintWriter out) {
        if (!measurements.contenders().contains(Contender.TOEHOLD)) {
            return;
        }
        Metric metric = cell.workload().metrics().getFirst();
        for (Contender reference : measurements.contenders()) {
            if (reference != Contender.TOEHOLD) {
                double[] ratios = measurements.ratios(cell, Contender.TOEHOLD, reference, metric);
                String perRound = Arrays.stream(ratios)
                        .mapToObj(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                        .collect(Collectors.joining(" "));
                out.printf(
                        Locale.ROOT,
                        "  toehold/%s, %s, round by round: %s; median %.2f%n",
                        reference.label(),
                        metric.title(),
                        perRound,
                        Spread.of(ratios).median());
            }
        }
    }

    /** One item for each measurement, one ratio for each cell and reference. */
    String toJson() {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("schema", SCHEMA);
        root.put("machine", machine);
        root.put("items", measurements.all().stream().map(Report::item).toList());
        root.put(
                "ratios",
                measurements.cells().stream()
                        .flatMap(cell -> measurements.contenders().stream()
                                .filter(reference -> reference != Contender.TOEHOLD
                                        && measurements.contenders().contains(Contender.TOEHOLD))
                                .map(reference -> ratio(cell, reference)))
                        .toList());
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static Map<String, Object> item(Measurement measurement) {
        Map<String, Object> item = named(measurement.cell());
        item.put("contender", measurement.contender().label());
        item.put("round", measurement.round());
        item.put("elapsedNs", measurement.result().elapsedNs());
        item.put("bytes", measurement.result().bytes());
        for (Metric metric : measurement.cell().workload().metrics()) {
            double value = metric.of(measurement.result());
            item.put(metric.field(), metric.field().endsWith("Ns") ? (Object) Math.round(value) : (Object) value);
        }
        return item;
    }

    private Map<String, Object> ratio(Cell cell, Contender reference) {
        Metric metric = cell.workload().metrics().getFirst();
        double[] ratios = measurements.ratios(cell, Contender.TOEHOLD, reference, metric);
        Map<String, Object> item = named(cell);
        item.put("contender", Contender.TOEHOLD.label());
        item.put("reference", reference.label());
        item.put("metric", metric.field());
        item.put("perRound", List.copyOf(Arrays.stream(ratios).boxed().toList()));
        item.put("median", Spread.of(ratios).median());
        return item;
    }

    private static Map<String, Object> named(Cell cell) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("benchmark", cell.workload().word());
        item.put("connections", cell.connections());
        return item;
    }
}
