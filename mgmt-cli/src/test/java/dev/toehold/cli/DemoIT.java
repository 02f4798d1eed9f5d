package dev.toehold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a stranger runs it, in a process of its own with the class path of this build. */
class DemoIT {
    @TempDir
    private Path directory;

    private Path launcher;
    private Path errors;

    @BeforeEach
    void writeLauncher() throws IOException {
        launcher = directory.resolve("toehold");
        errors = directory.resolve("stderr");
        Files.writeString(launcher, """
                #!/bin/sh
                exec '%s/bin/java' --enable-native-access=ALL-UNNAMED \\
                    --add-exports=java.base/jdk.internal.misc=ALL-UNNAMED -XX:+UseSerialGC \\
                    -Dtoehold.launcher='%s' -Djava.io.tmpdir='%s' -cp '%s' dev.toehold.cli.Main "$@"
                """.formatted(
                        System.getProperty("java.home"), launcher, directory, System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "demo"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectError(errors.toFile()).start();
    }

    private static void assertNothingIsLeft(long pid, List<ProcessHandle> children) throws IOException {
        for (String end : List.of("engine-", "peer-")) {
            assertFalse(Files.exists(Path.of("/run/netns/toehold-demo-" + end + pid)));
        }
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            assertTrue(files.noneMatch(f -> f.getFileName().toString().startsWith("toehold-demo-" + pid)));
        }
        for (ProcessHandle child : children) {
            assertFalse(child.isAlive(), child::toString);
        }
    }

    @Test
    void shouldMoveEveryByteBothWaysAndLeaveNothing() throws IOException, InterruptedException {
        Process demo = start("--size", "5000001");
        String output = new String(demo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, demo.waitFor(), () -> output + errorText());
        assertEquals(2, output.split("SHA-256 equal at both ends", -1).length - 1, output);
        assertTrue(output.contains(" 0 moved by the engine"), output);
        assertNothingIsLeft(demo.pid(), List.of());
    }

    @Test
    void shouldLeaveNothingWhenItIsTerminated() throws IOException, InterruptedException {
        Process demo = start("--size", "1G", "--seconds", "600");
        List<ProcessHandle> children;
        try (BufferedReader output = demo.inputReader(StandardCharsets.UTF_8)) {
            String line;
            do {
                line = output.readLine();
            } while (line != null && !line.contains("SHA-256"));
            assertTrue(line != null, this::errorText);
            children = demo.descendants().toList();
            assertEquals(2, children.size(), children::toString);
            // By its handle: Process.destroy would close the output that is still to be read.
            assertTrue(demo.toHandle().destroy());
            output.transferTo(java.io.Writer.nullWriter());
        }

        assertEquals(143, demo.waitFor(), this::errorText);
        assertNothingIsLeft(demo.pid(), children);
    }

    private String errorText() {
        try {
            return Files.readString(errors);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
