package dev.toehold.perf.hostile;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.Root;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench hostile}. */
@Command(
        name = "hostile",
        description = {
            "Two processes of another user attack an engine with whatever a client can do to it: submissions, ring counters, handles,"
                    + " buffers, doorbells, messages, descriptors, memory; they are stopped and killed meanwhile. Victims compare every"
                    + " byte of their streams. Prints what was tried and what was answered, and what the engine holds before and"
                    + " after; before is after a tenth of the same, to warm up. Needs root. Exits with 1 if the engine dies, a victim"
                    + " notices something, fewer than half of the operations pass the first check, or anything does not come back:"
                    + " all figures must be equal, but the JVM's heap (bounded by -Xmx), files and threads are not judged and"
                    + " anonymous memory may have grown by 24 MiB.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench hostile --operations 100000 --seed 7"})
public final class HostileCommand implements Callable<Integer> {
    private static final int WARM_UP_SHARE = 10;
    private static final long MAX_OPERATIONS = 1_000_000_000;

    @Option(
            names = "--operations",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "1000 to a billion; default: ${DEFAULT-VALUE}.")
    private long operations;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description =
                    "Of what the attackers choose; what meets what follows from the clock. Default: another each time.")
    private Long seed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (operations < 1_000 || operations > MAX_OPERATIONS) {
            throw new ParameterException(
                    spec.commandLine(), "--operations=" + operations + ", allowed: 1000 .. " + MAX_OPERATIONS);
        }
        Root.require("bench hostile");
        PrintWriter out = spec.commandLine().getOut();
        long used = seed == null ? System.nanoTime() & 0xffff_ffffL : seed;
        out.println("replay: toehold bench hostile --operations " + operations + " --seed " + used);
        out.flush();
        try {
            new HostileRun(operations, operations / WARM_UP_SHARE, used, out).run();
        } catch (CommandFailedException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } catch (Exception e) {
            throw new CommandFailedException("hostile clients, seed=" + used + ": " + e.getMessage(), e);
        }
        return 0;
    }
}
