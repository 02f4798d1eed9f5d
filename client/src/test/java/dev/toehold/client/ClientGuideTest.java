package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The echo server of docs/client-guide.md compiles as it stands there, is as short as it says, and echoes. */
@Timeout(120)
class ClientGuideTest {
    private static final int PORT = 7007;

    @TempDir
    private Path directory;

    private Path compile() throws IOException {
        String guide = Files.readString(Path.of("../docs/client-guide.md"), StandardCharsets.UTF_8);
        Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(guide);
        assertTrue(block.find(), "the guide has a java block");
        String program = block.group(1);
        String body = program.substring(program.indexOf("try ("), program.lastIndexOf('}'));
        assertTrue(body.strip().lines().count() <= 10, "ten lines: " + body);
        Path source = directory.resolve("EchoServer.java");
        Files.writeString(source, program, StandardCharsets.UTF_8);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(
                null,
                null,
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                directory.toString(),
                source.toString());
        assertEquals(0, status);
        return directory;
    }

    @Test
    void shouldCompileAndEcho() throws Exception {
        Path classes = compile();
        try (URLClassLoader loader =
                new URLClassLoader(new java.net.URL[] {classes.toUri().toURL()})) {
            assertEquals("EchoServer", loader.loadClass("EchoServer").getName());
        }
        try (FakeEngine engine = new FakeEngine(directory.resolve("control.sock"))) {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String classPath = classes + ":" + System.getProperty("java.class.path");
            ProcessBuilder command = new ProcessBuilder(List.of(
                    java,
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    classPath,
                    "EchoServer",
                    Integer.toString(PORT)));
            command.environment().put(EngineSockets.VARIABLE, engine.path.toString());
            Path errors = directory.resolve("errors");
            command.redirectErrorStream(true).redirectOutput(errors.toFile());
            Process process = command.start();
            try {
                while (!engine.isListening(PORT)) {
                    assertTrue(process.isAlive(), () -> read(errors));
                    Thread.onSpinWait();
                }
                FakePeer peer = engine.dial(PORT, 0);
                byte[] bytes = dev.toehold.client.Pattern.bytes(0, 300_000);
                peer.send(bytes);
                peer.end();
                while (!peer.sawEnd()) {
                    assertTrue(process.isAlive(), () -> read(errors));
                    Thread.onSpinWait();
                }
                assertArrayEquals(bytes, peer.received());
                assertEquals("", read(errors), "no warning either");
            } finally {
                process.destroyForcibly();
                assertTrue(process.waitFor(30, TimeUnit.SECONDS));
            }
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
