package dev.toehold.perf;

import dev.toehold.perf.LossRounds.Outcome;
import dev.toehold.perf.link.LinkCounters.Count;
import dev.toehold.perf.rig.Contender;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** What came of {@link LossRounds}, as a table or as JSON. */
final class LossReport {
    static final String SCHEMA = "toehold/bench-loss/1";
    private static final double PERCENT = 100;

    private final Map<String, String> machine;
    private final List<Outcome> outcomes;

    LossReport(Map<String, String> machine, List<Outcome> outcomes) {
        this.machine = machine;
        this.outcomes = outcomes;
    }

    /** What is compared. */
    record Cell(Workload direction, double loss) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s, %.3g %% loss", direction.description(), loss * PERCENT);
        }
    }

    List<Cell> cells() {
        return outcomes.stream()
                .map(outcome -> new Cell(outcome.direction(), outcome.loss()))
                .distinct()
                .toList();
    }

    private double[] megabits(Cell cell, Contender contender) {
        return outcomes.stream()
                .filter(outcome -> outcome.direction() == cell.direction()
                        && outcome.loss() == cell.loss()
                        && outcome.contender() == contender)
                .mapToDouble(Outcome::megabitsPerSecond)
                .toArray();
    }

    /** The median of one contender through the other's: seeds differ by more than contenders do. */
    double ratio(Cell cell) {
        return Spread.of(megabits(cell, Contender.TOEHOLD)).median()
                / Spread.of(megabits(cell, Contender.KERNEL)).median();
    }

    void printTable(PrintWriter out) {
        for (Cell cell : cells()) {
            out.printf("%s%n  %-10s %10s %10s %10s  Mbit/s%n", cell, "", "min", "median", "max");
            for (Contender contender : LossRounds.CONTENDERS) {
                Spread spread = Spread.of(megabits(cell, contender));
                out.printf(
                        Locale.ROOT,
                        "  %-10s %10.1f %10.1f %10.1f%n",
                        contender,
                        spread.min(),
                        spread.median(),
                        spread.max());
            }
            out.printf(Locale.ROOT, "  toehold/kernel, of medians: %.2f%n%n", ratio(cell));
        }
    }

    String toJson() {
        List<Map<String, Object>> ratios = new ArrayList<>();
        for (Cell cell : cells()) {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("benchmark", cell.direction().word());
            item.put("loss", cell.loss());
            item.put("ratio", ratio(cell));
            ratios.add(item);
        }
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("schema", SCHEMA);
        root.put("machine", machine);
        root.put("items", outcomes.stream().map(LossReport::item).toList());
        root.put("ratios", ratios);
        return JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private static Map<String, Object> item(Outcome outcome) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("benchmark", outcome.direction().word());
        item.put("loss", outcome.loss());
        item.put("seed", outcome.seed());
        item.put("contender", outcome.contender().label());
        item.put("bytes", outcome.result().bytes());
        item.put("elapsedNs", outcome.result().elapsedNs());
        item.put("bitsPerSecond", Math.round(outcome.result().gigabitsPerSecond() * 1e9));
        item.put("segments", outcome.link().get(Count.RECEIVED));
        item.put("segmentsLost", outcome.link().get(Count.LOST));
        return item;
    }
}
