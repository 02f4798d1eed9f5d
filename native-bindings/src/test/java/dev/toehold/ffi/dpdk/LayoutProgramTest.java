package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compiler's own offsets, where there are a compiler and DPDK's headers, against the resource in the tree. */
class LayoutProgramTest {
    private record Output(int exitCode, String text) {}

    private static Output run(final List<String> command) throws InterruptedException {
        try {
            final Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            final String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(process.waitFor(), text);
        } catch (final IOException e) {
            return new Output(-1, e.getMessage());
        }
    }

    @Test
    void shouldMatchWhatTheCompilerSays(@TempDir final Path directory) throws Exception {
        final Output flags = run(List.of("pkg-config", "--cflags", "libdpdk"));
        assumeTrue(flags.exitCode() == 0, "no DPDK headers here (package libdpdk-dev): " + flags.text());
        assumeTrue(run(List.of("cc", "--version")).exitCode() == 0, "no C compiler here (package gcc)");
        final String version =
                run(List.of("pkg-config", "--modversion", "libdpdk")).text().strip();
        assumeTrue(version.startsWith("22.11."), "headers are of another release: " + version);

        final Path program = directory.resolve("layouts");
        final List<String> compile = new ArrayList<>(List.of("cc", "-DSONAME=23"));
        compile.addAll(List.of(flags.text().strip().split("\\s+")));
        compile.addAll(List.of("src/main/c/layouts.c", "-o", program.toString()));
        final Output compiled = run(compile);
        assertEquals(0, compiled.exitCode(), compiled.text());
        final Output printed = run(List.of(program.toString()));
        assertEquals(0, printed.exitCode(), printed.text());

        final String resource = "23-" + System.getProperty("os.arch") + ".layout";
        try (InputStream stream = DpdkLayout.class.getResourceAsStream(resource)) {
            assertNotNull(stream, resource);
            final String kept = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(printed.text().lines().toList(), kept.lines().toList());
        }
        Files.delete(program);
    }
}
