package dev.toehold.perf.soak;

import dev.toehold.perf.rig.ChildProcess;
import dev.toehold.perf.rig.JavaCommand;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A process of conversations, from outside. */
public record Talker(ChildProcess process) {
    private static final Duration START_PATIENCE = Duration.ofMinutes(4);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<String> FLAGS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms8m", "-XX:ReservedCodeCacheSize=24m");

    /**
     * The command line of {@link TalkMain}.
     *
     * @param heapMegabytes of its JVM
     */
    public static List<String> command(int heapMegabytes, String... arguments) {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.add("-Xmx" + heapMegabytes + "m");
        return JavaCommand.java(flags, TalkMain.class.getName(), arguments);
    }

    /** All its connections stand. */
    public Talker awaitReady() throws IOException, InterruptedException {
        process.awaitLine("ready", START_PATIENCE);
        return this;
    }

    /** Lets it finish what it asks and ask no more. */
    public TalkReport hold() throws IOException, InterruptedException {
        beginHold();
        return awaitHeld();
    }

    /** Tells it to ask no more: the first half of {@link #hold}. */
    public void beginHold() throws IOException {
        process.send("hold");
    }

    /** Waits until it has the answers to what it asked. */
    public TalkReport awaitHeld() throws IOException, InterruptedException {
        return TalkReport.parse(process.awaitLine(TalkReport.WORD, PATIENCE));
    }

    public TalkReport release() throws IOException, InterruptedException {
        return tell("release");
    }

    public TalkReport report() throws IOException, InterruptedException {
        return tell("report");
    }

    /** @throws IOException also if it says that something failed */
    private TalkReport tell(String command) throws IOException, InterruptedException {
        process.send(command);
        return TalkReport.parse(process.awaitLine(TalkReport.WORD, PATIENCE));
    }
}
