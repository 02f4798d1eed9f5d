package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.interop.InteropCase;
import dev.toehold.perf.interop.InteropRig;
import dev.toehold.perf.link.LinkCounters.Count;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench interop}: the whole matrix. */
@Command(
        name = "interop",
        description = {
            "Connections between the engine and the kernel's TCP through an impairing link, opened by either side, over IPv4 and"
                    + " IPv6, both directions at once, every byte compared: with the kernel's SACK, timestamps and window scaling"
                    + " each on and off, MTU 1500 and 9000, and eight mixes of loss, bursts, reordering, duplicates, damage, delay and"
                    + " a limited rate. Needs root. Exits with 1 at the first byte that is wrong, connection that is reset or hangs.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench interop --mtus 9000 --seed 77"})
final class InteropCommand implements Callable<Integer> {
    private static final long NS_PER_MS = 1_000_000;

    @Option(
            names = "--mtus",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "1500,9000",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> mtus;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the first case; the others follow it; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--only", paramLabel = "N", description = "Runs the one case with this seed, to replay it.")
    private Long only;

    @Option(names = "--short", description = "Eight cases of each MTU instead of 64: those of `toehold test`.")
    private boolean isShort;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        for (int mtu : mtus) {
            if (mtu < 1280 || mtu > 9000) {
                throw new ParameterException(spec.commandLine(), "--mtus: " + mtu + ", allowed: 1280 to 9000");
            }
        }
        Root.require("bench interop");
        for (int mtu : mtus) {
            try (InteropRig rig = new InteropRig(mtu)) {
                for (InteropCase next : isShort ? InteropCase.some(mtu, seed) : InteropCase.all(mtu, seed)) {
                    if (only == null || next.seed() == only) {
                        print(rig.run(next));
                    }
                }
            } catch (AssertionError e) {
                throw new CommandFailedException(e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailedException("interrupted", e);
            } catch (Exception e) {
                throw new CommandFailedException("the rig failed: " + e, e);
            }
        }
        return 0;
    }

    private void print(InteropRig.Outcome outcome) {
        PrintWriter out = spec.commandLine().getOut();
        long lost = outcome.link().get(Count.LOST) + outcome.link().get(Count.LOST_IN_BURSTS);
        out.printf(
                Locale.ROOT,
                "ok %s: %d bytes, %d ms; %d frames: lost %d, duplicated %d, reordered %d, corrupted %d, queue full %d%n",
                outcome.interopCase(),
                outcome.bytes(),
                outcome.elapsedNs() / NS_PER_MS,
                outcome.link().get(Count.RECEIVED),
                lost,
                outcome.link().get(Count.DUPLICATED),
                outcome.link().get(Count.REORDERED),
                outcome.link().get(Count.CORRUPTED),
                outcome.link().get(Count.QUEUE_FULL));
        out.flush();
    }
}
