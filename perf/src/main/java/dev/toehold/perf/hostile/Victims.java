package dev.toehold.perf.hostile;

import dev.toehold.perf.rig.LoneEngine;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.soak.TalkReport;
import dev.toehold.perf.soak.Talker;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Those who keep to the contract meanwhile, of the engine's own user: the kernel asks a client of the engine, another client asks that
 * one, and the kernel. Every byte is compared at both ends; one wrong byte or broken connection fails the run.
 */
final class Victims {
    /** TCP port of both who answer. */
    static final int PORT = 7;

    private static final int STREAM_COUNT = 4;
    private static final String STREAMS = Integer.toString(STREAM_COUNT);
    private static final int HEAP_MEGABYTES = 48;

    private final List<Talker> askers;
    private final List<Talker> answerers;

    private Victims(List<Talker> askers, List<Talker> answerers) {
        this.askers = askers;
        this.answerers = answerers;
    }

    static Victims start(Testbed testbed, LoneEngine engine) throws Exception {
        String socket = engine.socket().toString();
        String port = Integer.toString(PORT);
        Talker server = new Talker(testbed.startServerAnywhere(
                        "victim server", Talker.command(HEAP_MEGABYTES, "toehold-answer", socket, port)))
                .awaitReady();
        Talker peer = new Talker(testbed.startGeneratorAnywhere(
                        "peer", Talker.command(HEAP_MEGABYTES, "kernel-answer", Testbed.GENERATOR_ADDRESS, port)))
                .awaitReady();
        Talker kernel = new Talker(testbed.startGeneratorAnywhere(
                "kernel asker",
                Talker.command(HEAP_MEGABYTES, "kernel-ask", "1", STREAMS, Testbed.ENGINE_ADDRESS, port)));
        Talker client = new Talker(testbed.startServerAnywhere(
                "victim client",
                Talker.command(HEAP_MEGABYTES, "toehold-ask", socket, "2", STREAMS, Testbed.ENGINE_ADDRESS, port)));
        Talker outward = new Talker(testbed.startServerAnywhere(
                "victim client outward",
                Talker.command(HEAP_MEGABYTES, "toehold-ask", socket, "3", STREAMS, Testbed.GENERATOR_ADDRESS, port)));
        return new Victims(
                List.of(kernel.awaitReady(), client.awaitReady(), outward.awaitReady()), List.of(server, peer));
    }

    /** Their sessions with the engine. */
    int sessions() {
        return 3;
    }

    /** Their TCBs, while none of them is broken: both ends of a stream between two clients are the engine's. */
    int tcbs() {
        return STREAM_COUNT + 2 * STREAM_COUNT + STREAM_COUNT;
    }

    void hold() throws IOException, InterruptedException {
        for (Talker asker : askers) {
            asker.hold();
        }
    }

    void release() throws IOException, InterruptedException {
        for (Talker asker : askers) {
            asker.release();
        }
    }

    /**
     * Messages and bytes that the asking sides have compared, each of both directions.
     *
     * @throws IOException if one failed: a byte was wrong, a connection broke, a process died
     */
    TalkReport check() throws IOException, InterruptedException {
        for (Talker answerer : answerers) {
            TalkReport report = answerer.report();
            if (!report.broken().isEmpty()) {
                throw new IOException("a victim's connection broke, by tag: " + report.broken());
            }
        }
        long messages = 0;
        long bytes = 0;
        int open = 0;
        for (Talker asker : askers) {
            TalkReport report = asker.report();
            messages += report.messages();
            bytes += report.bytes();
            open += report.open();
        }
        return new TalkReport(messages, bytes, open, Map.of());
    }
}
