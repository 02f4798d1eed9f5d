package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every program of docs/client-guide.md compiles as it stands there and does what the guide says. */
@Timeout(180)
class ClientGuideTest {
    private static final int PORT = 7007;
    private static final Map<String, String> PROGRAMS = new TreeMap<>();

    @TempDir
    private static Path classes;

    @TempDir
    private Path directory;

    private FakeEngine engine;
    private Path output;
    private Process process;

    @BeforeAll
    static void compile() throws IOException {
        String guide = Files.readString(Path.of("../docs/client-guide.md"), StandardCharsets.UTF_8);
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
        List<String> arguments = new ArrayList<>(List.of(
                "-cp", System.getProperty("java.class.path"), "-d", classes.toString(), "-Xlint:all", "-Werror"));
        while (block.find()) {
            String program = block.group(1);
            String name = program.substring("// ".length(), program.indexOf(".java\n"));
            PROGRAMS.put(name, program);
            arguments.add(
                    Files.writeString(classes.resolve(name + ".java"), program).toString());
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertEquals(0, status);
    }

    @BeforeEach
    void startEngine() {
        engine = new FakeEngine(directory.resolve("control.sock"));
        output = directory.resolve("output");
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (process != null) {
            process.destroyForcibly();
            assertTrue(process.waitFor(30, TimeUnit.SECONDS));
        }
        engine.close();
    }

    private void start(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classes + ":" + System.getProperty("java.class.path"),
                program));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put(EngineSockets.VARIABLE, engine.path.toString());
        process = builder.start();
    }

    private FakePeer dial() throws InterruptedException {
        while (!engine.isListening(PORT)) {
            assertTrue(process.isAlive(), this::output);
            Thread.sleep(1);
        }
        return engine.dial(PORT, 0);
    }

    private void awaitEnd(FakePeer peer) throws InterruptedException {
        while (!peer.sawEnd()) {
            Thread.sleep(1);
        }
    }

    private String outputAtExit() throws InterruptedException {
        assertTrue(process.waitFor(120, TimeUnit.SECONDS), this::output);
        assertEquals(0, process.exitValue(), this::output);
        return output();
    }

    private String output() {
        try {
            return Files.readString(output, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void shouldBeRunCompletely() {
        assertEquals(
                Set.of("EchoServer", "Fetch", "Sum", "CountLines", "PollingEcho", "Abilities"),
                PROGRAMS.keySet(),
                "a test for each");
    }

    @Test
    void shouldEchoInTenLines() throws Exception {
        String program = PROGRAMS.get("EchoServer");
        String body = program.substring(program.indexOf("try ("), program.lastIndexOf('}'));
        assertTrue(body.strip().lines().count() <= 10, "ten lines: " + body);
        start("EchoServer", Integer.toString(PORT));
        FakePeer peer = dial();
        byte[] bytes = dev.toehold.client.Pattern.bytes(0, 300_000);
        peer.send(bytes);
        peer.end();
        awaitEnd(peer);
        assertArrayEquals(bytes, peer.received());
        assertEquals("", output(), "no warning either");
    }

    @Test
    void shouldFetch() throws Exception {
        start("Fetch", "10.0.0.1", Integer.toString(FakeEngine.ECHO));
        assertEquals("hello\n", outputAtExit());
    }

    @Test
    void shouldAddUpWithoutCopying() throws Exception {
        start("Sum", Integer.toString(PORT));
        FakePeer peer = dial();
        byte[] bytes = dev.toehold.client.Pattern.bytes(0, 300_000);
        peer.send(bytes);
        peer.end();
        awaitEnd(peer);
        long sum = 0;
        for (byte each : bytes) {
            sum += each;
        }
        byte[] answer = peer.received();
        assertEquals(Long.BYTES, answer.length);
        assertEquals(sum, MemorySegment.ofArray(answer).get(ValueLayout.JAVA_LONG_UNALIGNED, 0));
        assertEquals("", outputAtExit());
    }

    @Test
    void shouldCountLinesInPlace() throws Exception {
        start("CountLines", Integer.toString(PORT));
        FakePeer peer = dial();
        peer.send("a line\n".repeat(20_000).getBytes(StandardCharsets.UTF_8));
        peer.end();
        assertEquals("20000 lines\n", outputAtExit());
    }

    @Test
    void shouldEchoByPolling() throws Exception {
        start("PollingEcho", Integer.toString(PORT));
        FakePeer peer = dial();
        byte[] bytes = dev.toehold.client.Pattern.bytes(0, 64 * 5000);
        peer.send(bytes);
        peer.end();
        awaitEnd(peer);
        assertArrayEquals(bytes, peer.received());
        assertEquals("", outputAtExit());
    }

    @Test
    void shouldTellAbilities() throws Exception {
        start("Abilities");
        assertEquals("""
                fake: [provided-buffers, ipv4]
                congestion control: [cubic, reno]
                eth7 (net_fake, mtu=1500, queues=4/2, [checksum-offload])
                """, outputAtExit());
    }
}
