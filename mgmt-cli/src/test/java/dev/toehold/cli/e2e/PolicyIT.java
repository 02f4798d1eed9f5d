package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Clients of other users than the engine's: what the policy's tables give them, and what a refusal says. */
final class PolicyIT {
    private static final int ENGINE = 65_530;
    private static final int WEB = 65_531;
    private static final int SMALL = 65_532;
    private static final int STRANGER = 65_533;
    private static final int CLIENTS = 64_000;
    private static final int AUDITORS = 64_001;
    private static final int WEB_PORT = 8007;
    private static final long SECONDS = 120;

    private static final String SETTINGS = """
            lcores = []
            [control]
            group = "%d"
            [[policy]]
            users = ["%d"]
            listen = ["*:%d"]
            [[policy]]
            users = ["%d"]
            region-bytes = "64K"
            [[policy]]
            groups = ["%d"]
            attach = false
            admin = "read"
            """.formatted(CLIENTS, WEB, WEB_PORT, SMALL, AUDITORS);

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
        state = Files.createDirectory(directory.resolve("run")).resolve("engine");
        Files.setAttribute(state.getParent(), "unix:uid", ENGINE);
        config = Files.writeString(
                directory.resolve("engine.toml"),
                EngineRig.configuration("policy", state, TestNetwork.ENGINE_DEVICE, SETTINGS));
    }

    @AfterEach
    void tearDown() {
        network.close();
    }

    @Test
    void shouldGiveEachUserWhatItsTableSays() throws Exception {
        try (ChildProcess engine = start(
                "engine", as(ENGINE, "+net_raw,+net_admin,+ipc_lock", CLIENTS), "run", "--config", config.toString())) {
            engine.awaitReady(SECONDS);
            try (ChildProcess server = serve("web", as(WEB, "", CLIENTS), WEB_PORT)) {
                server.awaitReady(SECONDS);
                echoes();
                refuses(serve("port", as(WEB, "", CLIENTS), WEB_PORT + 1), "DENIED", "listen", "[[policy]]");
                refuses(serve("memory", as(SMALL, "", CLIENTS), 9000), "raise region-bytes in [[policy]]");
                refuses(
                        serve("stranger", as(STRANGER, "", CLIENTS), WEB_PORT),
                        "uid=" + STRANGER + " ",
                        "add one with users = [\"" + STRANGER + "\"]");
                refuses(ask(as(WEB, "", CLIENTS), "clients"), "admin = \"read\" in [[policy]] 1");
                // By a supplementary group, which SO_PEERCRED alone does not tell.
                List<String> auditor = as(STRANGER, "", CLIENTS, AUDITORS);
                refuses(serve("auditor", auditor, WEB_PORT), "set attach = true in [[policy]] 3");
                refuses(ask(auditor, "abort", "1"), "admin = \"all\" in [[policy]] 3");
                JsonNode client =
                        items(ask(auditor, "clients", "--format", "json")).get(0);
                assertEquals(WEB, client.get("uid").intValue());
                assertEquals("[[policy]] 1", client.get("policy").stringValue());
                JsonNode counters = items(ask(auditor, "counters", "--format", "json"));
                for (String refusal : List.of("policy.listen.denied", "policy.attach.denied", "policy.admin.denied")) {
                    assertTrue(EngineRig.counter(counters, refusal) > 0, refusal);
                }
                echoes();
            }
            engine.terminate();
            assertEquals(0, engine.awaitExit(SECONDS), engine.err());
        }
    }

    private void echoes() throws Exception {
        Content content = new Content(Seeds.next("policy"));
        try (SocketChannel socket = network.connect(WEB_PORT, false)) {
            content.send(socket, 0, 5_000, 5_000);
            content.receive(socket, 0, 5_000);
        }
    }

    private static void refuses(ChildProcess child, String... words) throws Exception {
        try (child) {
            int exitCode = child.awaitExit(SECONDS);
            System.out.print(child.err());
            assertEquals(1, exitCode, child.err());
            assertEquals(1, child.err().lines().count(), child.err());
            for (String word : words) {
                assertTrue(child.err().contains(word), child.err());
            }
        }
    }

    private static JsonNode items(ChildProcess child) throws Exception {
        try (child) {
            assertEquals(0, child.awaitExit(SECONDS), child.err());
            return new ObjectMapper().readTree(child.out()).get("items");
        }
    }

    private ChildProcess serve(String name, List<String> prefix, int port) throws IOException {
        return start(
                name,
                prefix,
                "serve",
                "echo",
                "--no-rehearsal",
                "--listen",
                "[::]:" + port,
                "--socket",
                state.resolve("control.sock").toString());
    }

    private ChildProcess ask(List<String> prefix, String... request) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(request));
        arguments.addAll(List.of("--socket", state.resolve("control.sock").toString()));
        return start("ask-" + request[0], prefix, arguments.toArray(String[]::new));
    }

    private ChildProcess start(String name, List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(installation.toehold(arguments));
        return ChildProcess.start(name, network.onEngineSide(command), directory);
    }

    /** A prefix that changes user, group and supplementary groups, with these capabilities and no others. */
    private static List<String> as(int user, String capabilities, int... groups) {
        String set = capabilities.isEmpty() ? "-all" : "-all," + capabilities;
        List<String> numbers = new ArrayList<>();
        for (int group : groups) {
            numbers.add(Integer.toString(group));
        }
        return List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--groups=" + String.join(",", numbers),
                "--inh-caps=" + set,
                "--ambient-caps=" + set);
    }
}
