package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine that gets SIGTERM under load ends in good order and leaves nothing. {@code idle = "spin"} on the way. */
final class SignalIT {
    private static final int PORT = 7;
    private static final int CONNECTIONS = 20;
    private static final double SPINNING_SHARE = 0.2;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @Test
    void shouldEndInGoodOrderUnderLoad() throws Exception {
        // A second engine beside the rig's, on a veth of its own: its end is what is tested.
        try (TestNetwork network = TestNetwork.create()) {
            Path state = RIG.directory().resolve("ending");
            Path config = Files.writeString(
                    RIG.directory().resolve("ending.toml"),
                    EngineRig.configuration(
                            "ending", state, TestNetwork.ENGINE_DEVICE, "lcores = []\nidle = \"spin\""));
            List<String> run = EngineRig.run(config);
            try (ChildProcess engine = ChildProcess.start("ending", network.onEngineSide(run), RIG.directory())) {
                engine.awaitReady(120);
                spins(engine);
                List<String> serve = EngineRig.toehold(
                        "serve",
                        List.of(
                                "serve",
                                "echo",
                                "--listen",
                                ":" + PORT,
                                "--socket",
                                state.resolve("control.sock").toString()));
                try (ChildProcess server = ChildProcess.start("ending-serve", serve, RIG.directory())) {
                    server.awaitReady(120);
                    end(network, engine, server);
                }
                assertFalse(Files.exists(state), "left: " + list(state));
            }
            assertEquals(List.of(), kernelSockets(network));
        }
    }

    private static void spins(ChildProcess engine) throws Exception {
        long startedNs = System.nanoTime();
        long cpuNs = engine.cpuNs();
        TimeUnit.SECONDS.sleep(3);
        double share = (double) (engine.cpuNs() - cpuNs) / (System.nanoTime() - startedNs);
        System.out.printf("idle = \"spin\": %.0f %% of a core%n", 100 * share);
        // Others want the core too; a sleeping engine uses a tenth of this.
        assertTrue(share > SPINNING_SHARE, "share=" + share);
    }

    private static void end(TestNetwork network, ChildProcess engine, ChildProcess server) throws Exception {
        long seed = Seeds.next("signal");
        List<SocketChannel> sockets = network.peerSockets(CONNECTIONS, false);
        CountDownLatch underWay = new CountDownLatch(CONNECTIONS);
        Parallel.Running load = Parallel.start(CONNECTIONS, i -> {
            try (SocketChannel socket = sockets.get(i)) {
                socket.connect(TestNetwork.engineAddress(PORT, false));
                Content content = new Content(seed + i);
                long position = 0;
                while (true) {
                    content.send(socket, position, position + 5_000, 5_000);
                    content.receive(socket, position, position + 5_000);
                    position += 5_000;
                    underWay.countDown();
                }
            } catch (IOException | AssertionError e) {
                // The engine's end; bytes that differ would say so.
                assertFalse(String.valueOf(e.getMessage()).contains("differs"), e.getMessage());
            }
        });
        assertTrue(underWay.await(60, TimeUnit.SECONDS), "no load");
        engine.terminate();
        assertEquals(0, engine.awaitExit(60), engine.err());
        assertEquals(
                1,
                engine.out().lines().filter(line -> line.startsWith("ready ")).count(),
                engine.out());
        assertEquals(1, engine.out().lines().count(), engine.out());
        assertEquals(1, server.awaitExit(60));
        assertEquals(1, server.err().lines().count(), server.err());
        for (SocketChannel socket : sockets) {
            // Nobody answers any more, should a reset have been lost.
            socket.close();
        }
        load.await(60);
    }

    private static List<String> list(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            return paths.map(Path::toString).toList();
        }
    }

    private static List<String> kernelSockets(TestNetwork network) throws Exception {
        return network.engineSide().run(() -> {
            try (Stream<String> tcp = Files.lines(Path.of("/proc/thread-self/net/tcp"));
                    Stream<String> packet = Files.lines(Path.of("/proc/thread-self/net/packet"))) {
                return Stream.concat(tcp.skip(1), packet.skip(1)).toList();
            }
        });
    }
}
