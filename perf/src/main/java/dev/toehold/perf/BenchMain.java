package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.cli.Main;
import dev.toehold.perf.fuzz.FuzzCommand;
import dev.toehold.perf.hostile.HostileCommand;
import dev.toehold.perf.rig.Contender;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.simulation.SimulateCommand;
import dev.toehold.perf.soak.SoakCommand;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code toehold bench}: measures the engine next to the kernel's TCP, on this machine, now. */
@Command(
        name = "toehold bench",
        description = {
            "Measures the engine next to the kernel's TCP on one veth between two network namespaces of its own, in turns,"
                    + " and prints what each did and the ratio of every round. Needs root. docs/performance.md says how to"
                    + " read the figures.",
            "",
            "request-response  64 bytes there, 64 bytes back; 1 and 32 connections",
            "bulk              bulk in, then out, every byte compared; 1 and 4 connections",
            "micro             JMH micro-benchmarks; takes no other option",
            "jcstress          the queue pair's memory ordering and sleep/wake pair under jcstress, and mutants that must be"
                    + " caught; takes --seconds, for each test",
            "Without a name: request-response and bulk.",
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            CopiesCommand.class,
            FuzzCommand.class,
            HostileCommand.class,
            InteropCommand.class,
            LinkCommand.class,
            LossCommand.class,
            SimulateCommand.class,
            SoakCommand.class
        },
        footer = {"", "Example: toehold bench request-response --rounds 3 --seconds 2"})
public final class BenchMain implements Callable<Integer> {
    private static final String MICRO = "micro";
    private static final String JCSTRESS = "jcstress";
    private static final int ITERATION_MS = 500;
    private static final Map<String, List<Workload>> WORKLOADS = Map.of(
            "request-response", List.of(Workload.REQUEST_RESPONSE),
            "bulk", List.of(Workload.BULK_IN, Workload.BULK_OUT));
    private static final int MAX_ROUNDS = 1000;
    private static final int MAX_SECONDS = 3600;

    @Parameters(paramLabel = "NAME", arity = "0..1", description = "request-response, bulk, micro or jcstress")
    private String name;

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
            description = "Seconds before that, not measured, 0 to 3600; default: ${DEFAULT-VALUE}.")
    private int warmUpSeconds;

    @Option(
            names = "--contenders",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "kernel,toehold,kernel-offloads",
            description = "Who takes part, in this order; default: ${DEFAULT-VALUE}.")
    private List<String> contenderNames;

    @Option(
            names = "--server-cpu",
            paramLabel = "CPU",
            description = "Where the server's side runs; default: the first CPU of this process.")
    private Integer serverCpu;

    @Option(
            names = "--generator-cpu",
            paramLabel = "CPU",
            description = "Where the load generator runs, which may be the server's CPU; default: the second CPU.")
    private Integer generatorCpu;

    @Option(names = "--json", description = "Prints JSON instead of tables; progress goes to stderr.")
    private boolean isJson;

    @Spec
    private CommandSpec spec;

    /** Runs and exits: 0, 1 (it failed) or 2 (wrong usage). */
    public static void main(String[] args) {
        System.exit(Main.commandLine(new BenchMain()).execute(args));
    }

    @Override
    public Integer call() {
        if (MICRO.equals(name)) {
            MicroBenchmarks.run();
            return 0;
        }
        if (JCSTRESS.equals(name)) {
            check("--seconds", seconds, 1, MAX_SECONDS);
            new StressTests(spec.commandLine().getOut(), 2 * seconds, ITERATION_MS).run();
            return 0;
        }
        List<Workload> workloads = workloads();
        check("--rounds", rounds, 1, MAX_ROUNDS);
        check("--seconds", seconds, 1, MAX_SECONDS);
        check("--warm-up", warmUpSeconds, 0, MAX_SECONDS);
        List<Contender> contenders = contenders();
        Root.require("bench");
        run(new Rounds(
                workloads,
                contenders,
                placement(),
                rounds,
                Duration.ofSeconds(seconds),
                Duration.ofSeconds(warmUpSeconds)));
        return 0;
    }

    private void run(Rounds benchmark) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Map<String, String> machine = MachineFacts.gather(benchmark.placement());
        if (!isJson) {
            Report.printMachine(machine, out);
            out.flush();
        }
        Measurements measurements;
        try {
            measurements = benchmark.run(measurement -> printProgress(measurement, err));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } catch (Exception e) {
            throw new CommandFailedException("the benchmark failed: " + e.getMessage(), e);
        }
        Report report = new Report(machine, measurements);
        if (isJson) {
            out.println(report.toJson());
        } else {
            report.printTables(out);
        }
        out.flush();
    }

    private static void printProgress(Measurements.Measurement measurement, PrintWriter err) {
        Workload workload = measurement.cell().workload();
        Workload.Metric metric = workload.metrics().getFirst();
        err.printf(
                "round %d  %-15s  %s, %d connections: %s %s%n",
                measurement.round(),
                measurement.contender(),
                workload.word(),
                measurement.cell().connections(),
                metric.text(metric.of(measurement.result())),
                metric.title());
        err.flush();
    }

    private List<Workload> workloads() {
        if (name == null) {
            return Arrays.asList(Workload.values());
        }
        List<Workload> workloads = WORKLOADS.get(name);
        if (workloads == null) {
            throw wrong("NAME=" + name + ", allowed: request-response, bulk, micro, jcstress, or a command");
        }
        return workloads;
    }

    private List<Contender> contenders() {
        try {
            return contenderNames.stream().map(Contender::of).distinct().toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--contenders: " + e.getMessage(), e);
        }
    }

    private Placement placement() {
        Placement usual = Placement.byDefault();
        return new Placement(
                serverCpu == null ? usual.serverCpu() : serverCpu,
                generatorCpu == null ? usual.generatorCpu() : generatorCpu);
    }

    private void check(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw wrong(option + "=" + value + ", allowed: " + min + " .. " + max);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
