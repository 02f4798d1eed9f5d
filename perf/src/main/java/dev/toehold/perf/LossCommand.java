package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.LossRounds.Outcome;
import dev.toehold.perf.link.Impairments;
import dev.toehold.perf.link.LinkCounters.Count;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.Testbed;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench loss}: throughput under loss, next to the kernel's. */
@Command(
        name = "loss",
        description = {
            "One bulk connection through an impairing link that loses segments of both directions, into and out of the engine and"
                    + " the kernel (cubic), in turns, every byte compared. Prints the medians over all seeds and their ratio."
                    + " Needs root.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench loss --losses 0.01,0.03 --seeds 20 --impairment delay=2ms"})
final class LossCommand implements Callable<Integer> {
    @Option(
            names = "--losses",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "0.01,0.03,0.05",
            description = "Probabilities; default: ${DEFAULT-VALUE}.")
    private List<Double> losses;

    @Option(
            names = "--directions",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "bulk-in,bulk-out",
            description = "Of the text, as the stack sees it; default: ${DEFAULT-VALUE}.")
    private List<String> directions;

    @Option(
            names = "--impairment",
            paramLabel = "IMPAIRMENT",
            defaultValue = "none",
            description = "What else the link does, as `toehold bench link` reads it; default: ${DEFAULT-VALUE}.")
    private String impairment;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many, 1 to 1000; default: ${DEFAULT-VALUE}.")
    private int seeds;

    @Option(
            names = "--first-seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The others follow it; default: ${DEFAULT-VALUE}.")
    private long firstSeed;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measured time of each figure, 1 to 3600; default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--mtu",
            paramLabel = "N",
            defaultValue = "" + Testbed.MTU,
            description = "Of the link, 576 to 9000; default: ${DEFAULT-VALUE}.")
    private int mtu;

    @Option(names = "--require", paramLabel = "RATIO", description = "Exits with 1 if a ratio is below this.")
    private Double required;

    @Option(names = "--json", description = "Prints JSON instead of a table; progress goes to stderr.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        LossRounds rounds = rounds();
        Root.require("bench loss");
        PrintWriter out = spec.commandLine().getOut();
        Map<String, String> machine = MachineFacts.gather(rounds.placement());
        machine.put("link", "two veths, MTU " + mtu + ", an impairing link between them: " + rounds.base());
        if (!isJson) {
            Report.printMachine(machine, out);
            out.flush();
        }
        LossReport report = new LossReport(machine, run(rounds));
        if (isJson) {
            out.println(report.toJson());
        } else {
            report.printTable(out);
        }
        out.flush();
        if (required != null) {
            for (LossReport.Cell cell : report.cells()) {
                if (report.ratio(cell) < required) {
                    throw new CommandFailedException(String.format(
                            Locale.ROOT, "%s: ratio %.2f is below %s", cell, report.ratio(cell), required));
                }
            }
        }
        return 0;
    }

    private List<Outcome> run(LossRounds rounds) {
        try {
            return rounds.run(this::printProgress);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } catch (Exception e) {
            throw new CommandFailedException("the benchmark failed: " + e.getMessage(), e);
        }
    }

    private void printProgress(Outcome outcome) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                Locale.ROOT,
                "seed %d  %-8s  %-8s  loss %.3f: %.1f Mbit/s, %d segments, %d lost%n",
                outcome.seed(),
                outcome.contender(),
                outcome.direction().word(),
                outcome.loss(),
                outcome.megabitsPerSecond(),
                outcome.link().get(Count.RECEIVED),
                outcome.link().get(Count.LOST));
        err.flush();
    }

    private LossRounds rounds() {
        if (seeds < 1 || seeds > 1000 || seconds < 1 || seconds > 3600 || mtu < 576 || mtu > 9000) {
            throw wrong("--seeds=" + seeds + ", --seconds=" + seconds + ", --mtu=" + mtu
                    + ": allowed are 1 to 1000, 1 to 3600 and 576 to 9000");
        }
        try {
            Impairments base = Impairments.parse(impairment);
            losses.forEach(base::withLoss); // refuses what is no probability
            List<Workload> workloads = new ArrayList<>();
            for (String direction : directions) {
                workloads.add(Workload.ofBulk(direction));
            }
            return new LossRounds(
                    workloads,
                    losses,
                    base,
                    mtu,
                    Placement.byDefault(),
                    firstSeed,
                    seeds,
                    Duration.ofSeconds(seconds),
                    Duration.ofSeconds(1));
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
