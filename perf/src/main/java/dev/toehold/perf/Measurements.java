package dev.toehold.perf;

import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.rig.Contender;
import java.util.ArrayList;
import java.util.List;

/** Everything that was measured: one result for each round, contender, workload and number of connections. */
final class Measurements {
    /** What is compared with each other. */
    record Cell(Workload workload, int connections) {}

    record Measurement(int round, Contender contender, Cell cell, LoadResult result) {}

    private final List<Measurement> all = new ArrayList<>();

    void add(Measurement measurement) {
        all.add(measurement);
    }

    List<Measurement> all() {
        return List.copyOf(all);
    }

    /** In the order of first measurement. */
    List<Cell> cells() {
        return all.stream().map(Measurement::cell).distinct().toList();
    }

    /** In the order of first measurement. */
    List<Contender> contenders() {
        return all.stream().map(Measurement::contender).distinct().toList();
    }

    /** A figure in each round, in the order of rounds. */
    double[] values(Cell cell, Contender contender, Workload.Metric metric) {
        return all.stream()
                .filter(measurement -> measurement.cell().equals(cell) && measurement.contender() == contender)
                .mapToDouble(measurement -> metric.of(measurement.result()))
                .toArray();
    }

    /** One contender's figure through another's, round by round: what disturbs the machine disturbs both. */
    double[] ratios(Cell cell, Contender contender, Contender reference, Workload.Metric metric) {
        double[] upper = values(cell, contender, metric);
        double[] lower = values(cell, reference, metric);
        double[] ratios = new double[Math.min(upper.length, lower.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = upper[i] / lower[i];
        }
        return ratios;
    }
}
