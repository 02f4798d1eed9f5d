package dev.toehold.perf;

import dev.toehold.cli.EngineCounters;
import dev.toehold.perf.peer.LoadResult;
import dev.toehold.perf.rig.Contender;
import dev.toehold.perf.rig.Generator;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.ServerUnderTest;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** Receivers in turns, each taking in the same bulk transfer for each of its uses; CPU times and counters around the measured part. */
final class CopyRounds {
    private static final double NS_PER_MS = 1e6;
    private static final double BYTES_PER_GB = 1e9;

    /** Several times the period of the engine's counters. */
    private static final long PUBLISHED_MS = 100;

    /** What the receiving process does with the bytes. */
    enum Use {
        SUMMED("sum", "every received byte added up by the application"),
        FORWARDED("forward", "received bytes sent on a second connection");

        private final String load;
        private final String description;

        Use(String load, String description) {
            this.load = load;
            this.description = description;
        }

        String description() {
            return description;
        }
    }

    /** A kind of receiving process. */
    enum Receiver {
        KERNEL("kernel", true),
        /** A client of the engine that posts its RECEIVEs, with explicit windows. */
        DIRECT("toehold-direct", true),
        /** A client of the engine that reads an input stream. */
        STREAMS("toehold-streams", false);

        private final String label;
        private final boolean forwards;

        Receiver(String label, boolean forwards) {
            this.label = label;
            this.forwards = forwards;
        }

        boolean has(Use use) {
            return use == Use.SUMMED || forwards;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /**
     * One turn with one use.
     *
     * @param bytes delivered to the receiving process, every one of them checked by what it reported or sent on
     * @param cpuMs CPU time of the receiving process per GB
     * @param engineMs likewise of the engine, 0 without
     * @param placedBytes that the engine copied into client memory
     * @param movedBytes that the engine moved once more
     * @param copiedBytes that the client's library copied
     */
    record Figure(
            int round,
            Use use,
            Receiver receiver,
            long bytes,
            double cpuMs,
            double engineMs,
            long placedBytes,
            long movedBytes,
            long copiedBytes) {
        /** Copies in the engine per delivered byte. */
        double engineCopies() {
            return (double) (placedBytes + movedBytes) / bytes;
        }

        /** Copies in the client's library per delivered byte. */
        double clientCopies() {
            return (double) copiedBytes / bytes;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "round %d  %-8s %-15s: %.2f GB, process %.0f ms per GB, engine %.0f ms per GB",
                    round,
                    use.load,
                    receiver,
                    bytes / BYTES_PER_GB,
                    cpuMs,
                    engineMs);
        }
    }

    private record Counts(long serverCpuNs, long engineCpuNs, long placed, long moved, long copied) {
        static Counts of(ServerUnderTest server) throws InterruptedException {
            long serverCpu = server.serverCpu().toNanos();
            long engineCpu = server.engineCpu().toNanos();
            if (server.socket() == null) {
                return new Counts(serverCpu, engineCpu, 0, 0, 0);
            }
            Map<String, Long> counters = settledCounters(server.socket());
            return new Counts(
                    serverCpu,
                    engineCpu,
                    counters.get("placement.bytes"),
                    counters.get("placement.moved.bytes"),
                    counters.get("client.copied.bytes"));
        }

        /** Lcores publish their counters now and then: those of a transfer that has ended stand still when all are told. */
        private static Map<String, Long> settledCounters(Path socket) throws InterruptedException {
            Map<String, Long> last = Map.of();
            Map<String, Long> counters = EngineCounters.read(socket);
            while (!Objects.equals(counters.get("placement.bytes"), last.get("placement.bytes"))) {
                Thread.sleep(PUBLISHED_MS);
                last = counters;
                counters = EngineCounters.read(socket);
            }
            return counters;
        }

        Counts since(Counts before) {
            return new Counts(
                    serverCpuNs - before.serverCpuNs,
                    engineCpuNs - before.engineCpuNs,
                    placed - before.placed,
                    moved - before.moved,
                    copied - before.copied);
        }
    }

    private final Placement placement;
    private final int rounds;
    private final Duration interval;
    private final Duration warmUp;
    private final List<Figure> all = new ArrayList<>();

    CopyRounds(Placement placement, int rounds, Duration interval, Duration warmUp) {
        this.placement = placement;
        this.rounds = rounds;
        this.interval = interval;
        this.warmUp = warmUp;
    }

    /**
     * Runs all of it.
     *
     * @throws Exception the first failure, such as a wrong byte: there is no figure of a run that failed
     */
    void run(Consumer<Figure> progress) throws Exception {
        try (UndoStack undo = new UndoStack()) {
            Testbed testbed = Testbed.create(undo, placement);
            Generator generator = Generator.start(testbed);
            for (int round = 1; round <= rounds; round++) {
                for (Receiver receiver : Receiver.values()) {
                    measure(testbed, generator, round, receiver, progress);
                }
            }
            generator.stop();
        }
    }

    private void measure(Testbed testbed, Generator generator, int round, Receiver receiver, Consumer<Figure> progress)
            throws Exception {
        try (UndoStack undo = new UndoStack()) {
            ServerUnderTest server = receiver == Receiver.KERNEL
                    ? ServerUnderTest.start(testbed, Contender.KERNEL, undo)
                    : ServerUnderTest.startClient(testbed, receiver.label, undo);
            for (Use use : Use.values()) {
                if (receiver.has(use)) {
                    Figure figure = measure(server, generator, round, receiver, use);
                    all.add(figure);
                    progress.accept(figure);
                }
            }
            server.stop();
        }
    }

    /** The first transfer compiles; the figures are those of the second, from its connect to its close. */
    private Figure measure(ServerUnderTest server, Generator generator, int round, Receiver receiver, Use use)
            throws Exception {
        generator.measure(use.load, server.address(), 1, Duration.ZERO, warmUp);
        Counts before = Counts.of(server);
        LoadResult result = generator.measure(use.load, server.address(), 1, Duration.ZERO, interval);
        Counts counts = Counts.of(server).since(before);
        double nsPerMsOfGb = NS_PER_MS * result.bytes() / BYTES_PER_GB;
        return new Figure(
                round,
                use,
                receiver,
                result.bytes(),
                counts.serverCpuNs / nsPerMsOfGb,
                counts.engineCpuNs / nsPerMsOfGb,
                counts.placed,
                counts.moved,
                counts.copied);
    }

    /** In the order of rounds. */
    List<Figure> figures(Use use, Receiver receiver) {
        return all.stream()
                .filter(figure -> figure.use == use && figure.receiver == receiver)
                .toList();
    }

    /** A receiver's CPU time per GB through that of the process on the kernel's sockets, round by round. */
    double[] ratios(Use use, Receiver receiver) {
        List<Figure> upper = figures(use, receiver);
        List<Figure> lower = figures(use, Receiver.KERNEL);
        double[] ratios = new double[upper.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = upper.get(i).cpuMs / lower.get(i).cpuMs;
        }
        return ratios;
    }
}
