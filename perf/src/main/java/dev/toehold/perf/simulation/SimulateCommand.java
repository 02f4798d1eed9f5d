package dev.toehold.perf.simulation;

import dev.toehold.cli.CommandFailedException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench simulate}. */
@Command(
        name = "simulate",
        description = {
            "Runs two engines and their clients in virtual time over a link that loses, reorders, duplicates, corrupts and"
                    + " forgets, and checks every byte and every promise. One seed, one trace: what failed is replayed by its"
                    + " seed. Needs neither DPDK nor root. docs/simulation.md tells more."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench simulate --seeds 10000"})
public final class SimulateCommand implements Callable<Integer> {
    private static final int MAX_FAILURES = 10;
    private static final int MAX_THREADS = 64;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "2000",
            description = "How many; default: ${DEFAULT-VALUE}.")
    private long seeds;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The first; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "Seeds at a time, 1 to 64; default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Writes every packet of the first seed, which is the only one then, as pcapng.")
    private Path trace;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        if (seeds < 1 || threads < 1 || threads > MAX_THREADS) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--seeds=" + seeds + " --threads=" + threads + ", allowed: at least 1 seed, 1 .. 64 threads");
        }
        SimulationRun run = new SimulationRun(MAX_FAILURES);
        boolean isGood = trace == null ? run.run(seed, seeds, threads) : runTraced(run);
        PrintWriter out = spec.commandLine().getOut();
        run.print(out);
        return isGood ? 0 : 1;
    }

    private boolean runTraced(SimulationRun run) {
        try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(trace))) {
            return run.trace(seed, file);
        } catch (IOException e) {
            throw new CommandFailedException("--trace=" + trace + " cannot be written: " + e.getMessage(), e);
        }
    }
}
