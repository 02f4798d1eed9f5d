package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.CopyRounds.Figure;
import dev.toehold.perf.CopyRounds.Receiver;
import dev.toehold.perf.rig.Placement;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench copies}: how often a received byte is copied, and what it costs the process that takes it. */
@Command(
        name = "copies",
        description = {
            "Counts copies per delivered byte, in the engine and in the client, and measures the CPU time that the receiving process"
                    + " spends per GB next to one on the kernel's sockets, in turns: where the application adds up every byte,"
                    + " and where it hands them to a second connection. The engine's own CPU time stands beside it; what the"
                    + " kernel does in interrupts, for both, is in neither. Needs root.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench copies --rounds 3 --seconds 2"})
final class CopiesCommand implements Callable<Integer> {
    private static final int MAX_ROUNDS = 1000;
    private static final int MAX_SECONDS = 3600;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Turns of each contender, 1 to 1000; default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "Measured time of each figure, 1 to 3600; default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "N",
            defaultValue = "4",
            description = "Seconds before that, not measured, 1 to 3600; default: ${DEFAULT-VALUE}.")
    private int warmUpSeconds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        check("--rounds", rounds, MAX_ROUNDS);
        check("--seconds", seconds, MAX_SECONDS);
        check("--warm-up", warmUpSeconds, MAX_SECONDS);
        Root.require("bench copies");
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Placement placement = Placement.byDefault();
        CopyRounds run =
                new CopyRounds(placement, rounds, Duration.ofSeconds(seconds), Duration.ofSeconds(warmUpSeconds));
        try {
            run.run(figure -> {
                err.println(figure);
                err.flush();
            });
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } catch (Exception e) {
            throw new CommandFailedException("bench copies: " + e.getMessage(), e);
        }
        Report.printMachine(MachineFacts.gather(placement), out);
        for (CopyRounds.Use use : CopyRounds.Use.values()) {
            print(run, use, out);
        }
        out.flush();
        return 0;
    }

    private void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new ParameterException(spec.commandLine(), name + "=" + value + ", allowed: 1 to " + most);
        }
    }

    private static void print(CopyRounds run, CopyRounds.Use use, PrintWriter out) {
        out.printf("%s, 1 connection%n", use.description());
        out.printf(
                "  %-16s %14s %14s %16s %12s %14s%n",
                "", "engine copies", "client copies", "process ms/GB", "/kernel", "engine ms/GB");
        for (Receiver receiver : Receiver.values()) {
            if (receiver.has(use)) {
                print(receiver, run.figures(use, receiver), Spread.of(run.ratios(use, receiver)), out);
            }
        }
        out.println();
    }

    private static void print(Receiver receiver, List<Figure> figures, Spread ratios, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "  %-16s %14s %14s %16.0f %12s %14s%n",
                receiver,
                receiver == Receiver.KERNEL ? "" : copies(figures, Figure::engineCopies),
                receiver == Receiver.KERNEL ? "" : copies(figures, Figure::clientCopies),
                median(figures, Figure::cpuMs),
                receiver == Receiver.KERNEL
                        ? ""
                        : String.format(Locale.ROOT, "%.2f (%.2f-%.2f)", ratios.median(), ratios.min(), ratios.max()),
                receiver == Receiver.KERNEL
                        ? ""
                        : String.format(Locale.ROOT, "%.0f", median(figures, Figure::engineMs)));
    }

    private static String copies(List<Figure> figures, ToDoubleFunction<Figure> copies) {
        return String.format(Locale.ROOT, "%.4f", median(figures, copies));
    }

    private static double median(List<Figure> figures, ToDoubleFunction<Figure> value) {
        return Spread.of(figures.stream().mapToDouble(value).toArray()).median();
    }
}
