package dev.toehold.cli.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * One engine for the tests of a class: namespaces, the process {@code toehold run}, client processes. All of it is removed at the
 * end, also when the JVM is asked to end; what the processes printed is kept if a test failed.
 */
public final class EngineRig implements BeforeAllCallback, AfterAllCallback, TestWatcher {
    private static final long READY_SECONDS = 120;
    private static final long COMMAND_SECONDS = 120;
    private static final int SHOWN_CHARS = 4_000;

    private final List<String> engineSettings;
    private final AtomicInteger names = new AtomicInteger();
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final Thread hook = new Thread(this::close, "e2e-cleanup");

    private TestNetwork network;
    private Path directory;
    private ChildProcess engine;
    private boolean hasFailed;

    /** @param engineSettings lines of the table [engine] beside name and state */
    public EngineRig(String... engineSettings) {
        this.engineSettings = List.of(engineSettings);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Runtime.getRuntime().addShutdownHook(hook);
        directory = Files.createTempDirectory("toehold-e2e-");
        network = keep(TestNetwork.create());
        Path config = Files.writeString(directory.resolve("engine.toml"), configuration(TestNetwork.ENGINE_DEVICE));
        try {
            engine = startEngine("engine", config).awaitReady(READY_SECONDS);
        } catch (AssertionError e) {
            hasFailed = true;
            close();
            throw e;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        boolean isEngineAlive = engine != null && engine.isAlive();
        close();
        Runtime.getRuntime().removeShutdownHook(hook);
        if (engine != null && !isEngineAlive) {
            throw new AssertionError("the engine ended by itself");
        }
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable cause) {
        hasFailed = true;
        System.out.println(context.getDisplayName() + " failed; logs are in " + directory);
        System.out.println(tail("engine.out", engine.out()) + tail("engine.err", engine.err()));
    }

    private static String tail(String name, String text) {
        return text.isEmpty()
                ? ""
                : "--- " + name + "\n" + text.substring(Math.max(0, text.length() - SHOWN_CHARS)) + "\n";
    }

    /** The configuration of the engine of this rig on the given device. */
    String configuration(String device) {
        return configuration("e2e", state(), device, String.join("\n", engineSettings));
    }

    static String configuration(String name, Path state, String device, String engineSettings) {
        return """
                [engine]
                name = "%s"
                state = "%s"
                %s
                [[port]]
                device = "%s"
                addresses = ["%s/24", "%s/64"]
                """.formatted(name, state, engineSettings, device, TestNetwork.ENGINE_IPV4, TestNetwork.ENGINE_IPV6);
    }

    /** SIGKILL, and the next engine on the same configuration once the kernel has closed the first one's sockets. */
    void restartEngine() throws Exception {
        engine.kill();
        Path config = directory.resolve("engine.toml");
        engine = startEngine("engine-" + names.incrementAndGet(), config).awaitReady(READY_SECONDS);
    }

    Path directory() {
        return directory;
    }

    Path state() {
        return directory.resolve("engine");
    }

    public Path socket() {
        return state().resolve("control.sock");
    }

    public TestNetwork network() {
        return network;
    }

    ChildProcess engine() {
        return engine;
    }

    public synchronized <T extends AutoCloseable> T keep(T resource) {
        resources.push(resource);
        return resource;
    }

    /** {@code toehold run}, on the engine's side, with the launcher's flags; not awaited. */
    ChildProcess startEngine(String name, Path config) throws IOException {
        return startEngine(name, config, List.of());
    }

    ChildProcess startEngine(String name, Path config, List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(run(config));
        return keep(ChildProcess.start(name, network.onEngineSide(command), directory));
    }

    /** {@code toehold serve SERVICE}, a client process, ready. */
    public ChildProcess serve(String service, int port, String... options) throws Exception {
        List<String> arguments =
                new ArrayList<>(List.of("serve", service, "--listen", "[::]:" + port, "--socket", socket().toString()));
        arguments.addAll(List.of(options));
        ChildProcess child = keep(ChildProcess.start(
                "serve-" + service + "-" + port, network.onEngineSide(toehold("serve", arguments)), directory));
        return child.awaitReady(READY_SECONDS);
    }

    /** A listing command's JSON. */
    JsonNode listing(String command) throws Exception {
        try (ChildProcess child = ChildProcess.start(
                command + "-" + names.incrementAndGet(),
                toehold("tool", List.of(command, "--format", "json", "--socket", socket().toString())),
                directory)) {
            int exitCode = child.awaitExit(COMMAND_SECONDS);
            if (exitCode != 0) {
                throw new AssertionError(command + " exitCode=" + exitCode + ": " + child.err());
            }
            JsonNode root = new ObjectMapper().readTree(child.out());
            if (!root.get("schema").stringValue().equals("toehold/" + command + "/1")) {
                throw new AssertionError(command + ": " + root);
            }
            return root.get("items");
        }
    }

    /** All counters of one name, summed. */
    static long counter(JsonNode counters, String name) {
        long sum = 0;
        boolean isThere = false;
        for (JsonNode item : counters) {
            if (item.get("name").stringValue().equals(name)) {
                sum += item.get("value").longValue();
                isThere = true;
            }
        }
        if (!isThere) {
            throw new AssertionError("no counter " + name + " in " + counters);
        }
        return sum;
    }

    /** Runs a command on the peer's side to its end; it must succeed. */
    ChildProcess peer(String... command) throws Exception {
        ChildProcess child = startPeer(command);
        int exitCode = child.awaitExit(COMMAND_SECONDS);
        if (exitCode != 0) {
            throw new AssertionError(String.join(" ", command) + ": exitCode=" + exitCode + ": " + child.err());
        }
        return child;
    }

    /** Starts a command on the peer's side. */
    ChildProcess startPeer(String... command) throws IOException {
        return keep(ChildProcess.start(
                command[0] + "-" + names.incrementAndGet(), network.onPeerSide(List.of(command)), directory));
    }

    /** The command line of an engine. */
    static List<String> run(Path config) {
        return toehold("run", List.of("run", "--config", config.toString()));
    }

    /**
     * The command line of the program that is being tested, with the launcher's flags.
     *
     * @param options which of the files in config/jvm
     */
    static List<String> toehold(String options, List<String> arguments) {
        return java(List.of(options(options)), "dev.toehold.cli.Main", arguments);
    }

    private static String options(String name) {
        Path file = Path.of("..", "config", "jvm", name + ".options");
        return "@" + file.toAbsolutePath().normalize();
    }

    /** The command line of a program on the class path of the test. */
    static List<String> java(List<String> flags, String mainClass, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.add(options("common"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), mainClass));
        command.addAll(arguments);
        return command;
    }

    private synchronized void close() {
        while (!resources.isEmpty()) {
            try {
                resources.pop().close();
            } catch (Exception e) {
                System.err.println("e2e: could not remove everything: " + e);
            }
        }
        if (!hasFailed && directory != null) {
            delete(directory);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            System.err.println("e2e: could not remove " + directory + ": " + e);
        }
    }
}
