package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine that the launcher started may do: as root, as another user, and without what it needs. */
final class PrivilegesIT {
    private static final int ECHO_PORT = 7;
    private static final int USER = 65_534;
    private static final int OTHER_USER = 65_533;

    /** CAP_NET_ADMIN, CAP_NET_RAW and CAP_IPC_LOCK (linux/capability.h). */
    private static final long KEPT = 1L << 12 | 1L << 13 | 1L << 14;

    private static final long READY_SECONDS = 120;

    @TempDir
    private Path directory;

    private TestNetwork network;
    private Installation installation;
    private Path state;
    private Path config;

    @BeforeEach
    void setUp() throws Exception {
        installation = Installation.create(directory);
        network = TestNetwork.create();
        // What a user of its own can write is the parent of the state directory alone.
        state = Files.createDirectory(directory.resolve("run")).resolve("engine");
        config = Files.writeString(
                directory.resolve("engine.toml"),
                EngineRig.configuration("privileges", state, TestNetwork.ENGINE_DEVICE, "lcores = []"));
    }

    @AfterEach
    void tearDown() {
        network.close();
    }

    @Test
    void shouldKeepThreeCapabilitiesInEachThreadAsRoot() throws Exception {
        try (ChildProcess engine = start("engine", List.of(), "run", "--config", config.toString())) {
            engine.awaitReady(READY_SECONDS);
            for (Map<String, String> thread : threads(engine)) {
                for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                    assertEquals(KEPT, Long.parseUnsignedLong(thread.get(set), 16), set + " of " + thread);
                }
                assertEquals("1", thread.get("NoNewPrivs"), thread.toString());
                assertEquals("0\t0\t0\t0", thread.get("Uid"), thread.toString());
            }
            try (ChildProcess server = serve("echo", List.of())) {
                server.awaitReady(READY_SECONDS);
                echoes();
            }
            endsInGoodOrder(engine);
        }
    }

    @Test
    void shouldRunAsUserWithAmbientCapabilities() throws Exception {
        Files.setAttribute(state.getParent(), "unix:uid", USER);
        Files.setAttribute(state.getParent(), "unix:gid", USER);
        // More than it needs: the launcher takes CAP_SYS_ADMIN away.
        List<String> user = as(USER, "net_raw", "net_admin", "ipc_lock", "sys_admin");
        try (ChildProcess engine = start("engine", user, "run", "--config", config.toString())) {
            engine.awaitReady(READY_SECONDS);
            for (Map<String, String> thread : threads(engine)) {
                for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapAmb")) {
                    assertEquals(KEPT, Long.parseUnsignedLong(thread.get(set), 16), set + " of " + thread);
                }
                assertEquals("1", thread.get("NoNewPrivs"), thread.toString());
                assertTrue(thread.get("Uid").startsWith(USER + "\t" + USER), thread.toString());
            }
            assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(state)));
            try (ChildProcess server = serve("echo", as(USER))) {
                server.awaitReady(READY_SECONDS);
                echoes();
                // In the group, so that the socket opens: the engine refuses it by what the kernel says of the peer.
                List<String> member = new ArrayList<>(as(USER));
                member.set(member.indexOf("--reuid=" + USER), "--reuid=" + OTHER_USER);
                refuses(serve("member", member), "uid=" + OTHER_USER, "uid=" + USER);
                refuses(serve("stranger", as(OTHER_USER)), "control.sock", "ermission");
                echoes();
            }
            endsInGoodOrder(engine);
        }
    }

    @Test
    void shouldNameCapabilityThatIsMissing() throws Exception {
        Files.setAttribute(state.getParent(), "unix:uid", USER);
        refusesToRun("CAP_NET_RAW (packet sockets)", as(USER, "net_admin", "ipc_lock"));
        refusesToRun("CAP_NET_ADMIN (flags and addresses", as(USER, "net_raw", "ipc_lock"));
        List<String> limited = new ArrayList<>(List.of("prlimit", "--memlock=65536:65536"));
        limited.addAll(as(USER, "net_raw", "net_admin"));
        refusesToRun("CAP_IPC_LOCK (rings of", limited);
        refusesToRun("CAP_NET_RAW (packet sockets) and CAP_NET_ADMIN", as(USER));
        // Root in a container that grants nothing.
        refusesToRun("CAP_NET_RAW", List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"));
    }

    private void refusesToRun(String words, List<String> prefix) throws Exception {
        ChildProcess engine = start("refused", prefix, "run", "--config", config.toString());
        refuses(engine, words, "AmbientCapabilities");
        assertFalse(Files.exists(state), "the state directory is left");
    }

    private static void refuses(ChildProcess child, String... words) throws Exception {
        try (child) {
            int exitCode = child.awaitExit(READY_SECONDS);
            System.out.print(child.err());
            assertEquals(1, exitCode, child.err());
            assertEquals(1, child.err().lines().count(), child.err());
            for (String word : words) {
                assertTrue(child.err().contains(word), child.err());
            }
        }
    }

    private static void endsInGoodOrder(ChildProcess engine) throws Exception {
        engine.terminate();
        assertEquals(0, engine.awaitExit(60), engine.err());
    }

    private void echoes() throws Exception {
        for (boolean isIpv6 : new boolean[] {false, true}) {
            Content content = new Content(Seeds.next("privileges"));
            try (SocketChannel socket = network.connect(ECHO_PORT, isIpv6)) {
                content.send(socket, 0, 5_000, 5_000);
                content.receive(socket, 0, 5_000);
            }
        }
    }

    private ChildProcess serve(String name, List<String> prefix) throws IOException {
        return start(
                name,
                prefix,
                "serve",
                "echo",
                "--no-rehearsal",
                "--listen",
                "[::]:" + ECHO_PORT,
                "--socket",
                state.resolve("control.sock").toString());
    }

    private ChildProcess start(String name, List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(installation.toehold(arguments));
        return ChildProcess.start(name, network.onEngineSide(command), directory);
    }

    /** A prefix that changes user and group, with these capabilities and no others. */
    private static List<String> as(int user, String... capabilities) {
        String set = Stream.concat(
                        Stream.of("-all"), Arrays.stream(capabilities).map(name -> "+" + name))
                .collect(Collectors.joining(","));
        return List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--clear-groups",
                "--inh-caps=" + set,
                "--ambient-caps=" + set);
    }

    /** The status of each thread (proc_pid_status(5)); a JVM has a dozen at least. */
    private static List<Map<String, String>> threads(ChildProcess process) throws IOException {
        List<Map<String, String>> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks.toList()) {
                Path status = task.resolve("status");
                try {
                    threads.add(Files.readAllLines(status).stream()
                            .map(line -> line.split(":\\s*", 2))
                            .collect(Collectors.toMap(field -> field[0], field -> field[1])));
                } catch (IOException e) {
                    assertFalse(Files.exists(status), "a thread that has ended since");
                }
            }
        }
        Function<Map<String, String>, String> name = thread -> thread.get("Name");
        List<String> names = threads.stream().map(name).sorted().toList();
        System.out.println(names.size() + " threads: " + names);
        assertTrue(names.size() > 10, names.toString());
        assertTrue(names.contains("java"), names.toString());
        return threads;
    }
}
