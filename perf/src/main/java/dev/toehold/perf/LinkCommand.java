package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.link.ImpairingLink;
import dev.toehold.perf.link.Impairments;
import dev.toehold.perf.rig.UndoStack;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code toehold bench link}: the impairing link by itself, in the foreground. */
@Command(
        name = "link",
        description = {
            "Joins two interfaces of this network namespace and impairs the TCP segments that pass, each direction by itself."
                    + " Prints \"ready\", and at its end (SIGINT, SIGTERM, --seconds) what it did. Switch off tso, gso, gro and"
                    + " tx at both ends of both veths, or frames of 64 KiB without checksums pass as one.",
            "",
            "An impairment is \"none\" or any of",
            "  " + Impairments.SYNTAX,
            "Probabilities may be written in percent. burst=START:END begins a burst of losses with the first probability and ends it with the second;"
                    + " reorder=P:N lets 1 to N later segments overtake one; jitter keeps the order; queue is what waits for the"
                    + " rate at most.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench link veth-a veth-b --both loss=0.01,delay=5ms --seed 7"})
final class LinkCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "LEFT", description = "An interface, such as one end of a veth.")
    private String left;

    @Parameters(index = "1", paramLabel = "RIGHT", description = "The other interface.")
    private String right;

    @Option(names = "--left-to-right", paramLabel = "IMPAIRMENT", description = "What comes in at LEFT meets this.")
    private String leftToRight;

    @Option(names = "--right-to-left", paramLabel = "IMPAIRMENT", description = "What comes in at RIGHT meets this.")
    private String rightToLeft;

    @Option(
            names = "--both",
            paramLabel = "IMPAIRMENT",
            defaultValue = "none",
            description = "For the directions that have none of their own; default: ${DEFAULT-VALUE}.")
    private String both;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed does the same to the n-th segment; default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--seconds", paramLabel = "N", description = "Ends after that; default: when told to.")
    private Long seconds;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Impairments toRight = impairments(leftToRight == null ? both : leftToRight);
        Impairments toLeft = impairments(rightToLeft == null ? both : rightToLeft);
        Root.require("bench link");
        PrintWriter out = spec.commandLine().getOut();
        CountDownLatch end = new CountDownLatch(1);
        try (UndoStack undo = new UndoStack()) {
            ImpairingLink link = ImpairingLink.start(left, right);
            undo.push(() -> {
                out.println("left-to-right " + link.leftToRight());
                out.println("right-to-left " + link.rightToLeft());
                out.flush();
                link.close();
                end.countDown();
            });
            link.impair(toRight, toLeft, seed);
            out.println("ready left-to-right=" + toRight + " right-to-left=" + toLeft + " seed=" + seed);
            out.flush();
            if (seconds == null) {
                end.await();
            } else if (end.await(seconds, TimeUnit.SECONDS)) {
                return 0; // by a signal
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            throw new CommandFailedException("the link failed: " + e.getMessage(), e);
        }
        return 0;
    }

    private Impairments impairments(String text) {
        try {
            return Impairments.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }
}
