package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A refused start, an orderly end, and a death that the next engine makes up for: none of them leaves anything anywhere. */
final class LeftoversIT {
    private static final long SECONDS = 120;

    @TempDir
    private Path directory;

    @Test
    void shouldLeaveNothing() throws Exception {
        try (TestNetwork network = TestNetwork.create()) {
            String settings = EngineRig.configuration(
                    "leftovers", directory.resolve("engine"), TestNetwork.ENGINE_DEVICE, "lcores = []");
            Path config = Files.writeString(directory.resolve("engine.toml"), settings);
            Path wrong = Files.writeString(
                    directory.resolve("wrong.toml"), settings.replace(TestNetwork.ENGINE_DEVICE, "nosuch0"));
            List<String> before = inventory(network);

            try (ChildProcess refused = start("refused", network, wrong)) {
                assertEquals(1, refused.awaitExit(SECONDS), refused.err());
            }
            assertEquals(List.of(), added(before, network), "after a refused start");

            try (ChildProcess engine = start("orderly", network, config).awaitReady(SECONDS)) {
                assertNotEquals(List.of(), added(before, network), "an engine that runs shows");
                engine.terminate();
                assertEquals(0, engine.awaitExit(SECONDS), engine.err());
            }
            assertEquals(List.of(), added(before, network), "after SIGTERM");

            try (ChildProcess engine = start("killed", network, config).awaitReady(SECONDS)) {
                engine.kill();
            }
            try (ChildProcess engine = start("next", network, config).awaitReady(SECONDS)) {
                engine.terminate();
                assertEquals(0, engine.awaitExit(SECONDS), engine.err());
            }
            // The directory that the second engine found may be its administrator's: it stays, empty.
            Files.delete(directory.resolve("engine"));
            assertEquals(List.of(), added(before, network), "after SIGKILL, the next engine and SIGTERM");
        }
    }

    private ChildProcess start(String name, TestNetwork network, Path config) throws IOException {
        List<String> run = EngineRig.run(config);
        return ChildProcess.start(name, network.onEngineSide(run), directory);
    }

    /** What was not there before; what others on this machine have removed meanwhile is no matter. */
    private List<String> added(List<String> before, TestNetwork network) throws Exception {
        List<String> added = inventory(network);
        added.removeAll(before);
        return added;
    }

    /** Files where DPDK, the JVM and engines leave some, sockets of the namespace, its links and addresses, processes of this test. */
    private List<String> inventory(TestNetwork network) throws Exception {
        List<String> found = new ArrayList<>();
        found.addAll(list(Path.of("/dev/hugepages"), 3, ""));
        list(Path.of("/dev/shm"), 3, "").stream()
                .filter(path -> !path.contains("toehold-simulation"))
                .forEach(found::add);
        found.addAll(list(Path.of("/run/toehold"), 3, ""));
        found.addAll(list(Path.of("/run/dpdk"), 3, ""));
        found.addAll(list(Path.of("/var/run/netns"), 1, network.engineSide().toString()));
        // What the processes printed is the test's own.
        list(directory, 3, "").stream()
                .filter(path -> !path.matches(".*\\.(out|err|toml)"))
                .forEach(found::add);
        found.addAll(network.engineSide().run(() -> {
            List<String> sockets = new ArrayList<>();
            for (String table : List.of("unix", "packet", "tcp", "tcp6", "udp", "raw", "dev_mcast", "if_inet6")) {
                try (Stream<String> lines = Files.lines(Path.of("/proc/thread-self/net/" + table))) {
                    lines.skip(table.equals("dev_mcast") || table.equals("if_inet6") ? 0 : 1)
                            .map(line -> table + " " + line)
                            .forEach(sockets::add);
                }
            }
            return sockets;
        }));
        ProcessHandle.allProcesses()
                .map(process ->
                        process.pid() + " " + process.info().commandLine().orElse(""))
                .filter(line -> line.contains(directory.toString()))
                .forEach(found::add);
        return found;
    }

    private static List<String> list(Path directory, int depth, String part) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.walk(directory, depth)) {
            return paths.map(Path::toString)
                    .filter(path -> path.contains(part))
                    .sorted()
                    .toList();
        }
    }
}
