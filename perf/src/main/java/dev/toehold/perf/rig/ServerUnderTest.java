package dev.toehold.perf.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A contender's processes during one turn. Only one contender runs at a time: an engine that is not measured would still get
 * a copy of every frame.
 */
public final class ServerUnderTest {
    /** Also for a machine whose CPUs have other work; the engine detects duplicate addresses before it is ready. */
    static final Duration START_PATIENCE = Duration.ofSeconds(60);

    private static final int MAX_CONNECTIONS = 1024;

    private final String address;
    private final ChildProcess server;

    /** Null for contenders without one. */
    private final ChildProcess engine;

    private final Path socket;

    private ServerUnderTest(String address, ChildProcess server, ChildProcess engine, Path socket) {
        this.address = address;
        this.server = server;
        this.engine = engine;
        this.socket = socket;
    }

    /** Starts a contender with the offloads that belong to it. */
    public static ServerUnderTest start(Testbed testbed, Contender contender, UndoStack undo) throws Exception {
        testbed.setOffloads(contender.hasOffloads());
        return contender == Contender.TOEHOLD ? startToehold(testbed, "toehold-server", undo) : startKernel(testbed);
    }

    /** Starts an engine and this program of {@link dev.toehold.perf.peer.PeerMain} as its client. */
    public static ServerUnderTest startClient(Testbed testbed, String program, UndoStack undo) throws Exception {
        testbed.setOffloads(Contender.TOEHOLD.hasOffloads());
        return startToehold(testbed, program, undo);
    }

    private static ServerUnderTest startKernel(Testbed testbed) throws Exception {
        ChildProcess server =
                testbed.startServer("kernel server", JavaCommand.peer("kernel-server", Testbed.KERNEL_ADDRESS));
        server.awaitLine("ready", START_PATIENCE);
        return new ServerUnderTest(Testbed.KERNEL_ADDRESS, server, null, null);
    }

    private static ServerUnderTest startToehold(Testbed testbed, String program, UndoStack undo) throws Exception {
        StartedEngine engine = launchEngine(testbed, undo);
        ChildProcess server = testbed.startServer(
                "toehold server",
                JavaCommand.peer(
                        program, Testbed.ENGINE_ADDRESS, engine.socket().toString()));
        server.awaitLine("ready", START_PATIENCE);
        return new ServerUnderTest(Testbed.ENGINE_ADDRESS, server, engine.process(), engine.socket());
    }

    /** Starts an engine alone; undo ends it. Returns its control socket. */
    public static Path startEngine(Testbed testbed, UndoStack undo) throws Exception {
        StartedEngine engine = launchEngine(testbed, undo);
        undo.push(() -> {
            try {
                engine.process().stop(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return engine.socket();
    }

    private record StartedEngine(ChildProcess process, Path socket) {}

    private static StartedEngine launchEngine(Testbed testbed, UndoStack undo) throws Exception {
        Path directory = Files.createTempDirectory("toehold-bench-");
        undo.push(() -> deleteRecursively(directory));
        Path socket = directory.resolve("control.sock");
        Path configuration = directory.resolve("bench.toml");
        String lcores = Integer.toString(testbed.placement().serverCpu());
        String text = configuration(
                testbed.serverInterface(),
                lcores,
                MAX_CONNECTIONS,
                testbed.mtu(),
                directory.resolve("state"),
                socket,
                "");
        Files.writeString(configuration, text);
        ChildProcess engine = testbed.startServer("engine", JavaCommand.engine(configuration));
        engine.awaitLine("ready", START_PATIENCE);
        return new StartedEngine(engine, socket);
    }

    /**
     * Of the engine: defaults but for the place, the addresses and where it runs.
     *
     * @param control further lines of the table [control]
     */
    static String configuration(
            String device, String lcores, int maxConnections, int mtu, Path state, Path socket, String control) {
        return """
                [engine]
                name = "bench"
                state = "%s"
                lcores = [%s]
                idle = "adaptive"
                max-connections = %d

                [control]
                socket = "%s"
                %s

                [[port]]
                device = "%s"
                addresses = ["%s/%d", "%s/%d"]
                mtu = %d

                [tcp]
                congestion-control = "cubic"
                """.formatted(
                        state,
                        lcores,
                        maxConnections,
                        socket,
                        control,
                        device,
                        Testbed.ENGINE_ADDRESS,
                        Testbed.PREFIX_LENGTH,
                        Testbed.ENGINE_ADDRESS_6,
                        Testbed.PREFIX_LENGTH_6,
                        mtu);
    }

    static void deleteRecursively(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where it serves. */
    public String address() {
        return address;
    }

    /** CPU time so far of the process that serves: not the engine's, nor what the kernel does in interrupts. */
    public Duration serverCpu() {
        return server.cpuTime();
    }

    /** CPU time so far of the engine; zero without one. */
    public Duration engineCpu() {
        return engine == null ? Duration.ZERO : engine.cpuTime();
    }

    /** The engine's control socket; null without one. */
    public Path socket() {
        return socket;
    }

    /** Ends its processes in good order: the client before its engine. */
    public void stop() throws InterruptedException {
        server.stop(false);
        if (engine != null) {
            engine.stop(true);
        }
    }
}
