package dev.toehold.perf.rig;

import dev.toehold.perf.peer.LoadResult;
import java.io.IOException;
import java.time.Duration;

/** The load generator's process: one for all rounds and contenders. */
public final class Generator {
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    /** What connecting, draining buffers and the last reports may take beyond the interval. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final ChildProcess process;

    private Generator(ChildProcess process) {
        this.process = process;
    }

    public static Generator start(Testbed testbed) throws Exception {
        ChildProcess process = testbed.startGenerator("load generator", JavaCommand.peer("generator"));
        process.awaitLine("ready", START_PATIENCE);
        return new Generator(process);
    }

    /**
     * Puts one load on a server and measures.
     *
     * @param load a word of {@link dev.toehold.perf.Workload}
     * @throws IOException if it failed: a byte was wrong, a connection ended, or nothing came in time
     */
    public LoadResult measure(String load, String address, int connections, Duration warmUp, Duration interval)
            throws IOException, InterruptedException {
        process.send(String.join(
                " ",
                load,
                address,
                Integer.toString(connections),
                Long.toString(warmUp.toMillis()),
                Long.toString(interval.toMillis())));
        return LoadResult.parse(
                process.awaitLine("result", warmUp.plus(interval).plus(GRACE)));
    }

    public void stop() throws InterruptedException {
        process.stop(false);
    }
}
