package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs the classes of {@code dev.toehold.perf.stress} with jcstress, in JVMs of their own: first the protocols as they are, which must hold,
 * then mutants of them, which must be caught.
 */
final class StressTests {
    private static final String PROTOCOLS = "\\.(Ring|EngineSleep|ClientSleep)Stress$";
    private static final String FENCE_MUTANTS = "MutantStress\\.(NoFence|OneFence)$";
    private static final String PLAIN_TAIL = "MutantStress\\.PlainTail$";
    private static final long MOST_SECONDS = 600;

    private final PrintWriter out;
    private final int iterations;
    private final int iterationMs;

    /** @param iterations of each test, each of iterationMs */
    StressTests(PrintWriter out, int iterations, int iterationMs) {
        this.out = out;
        this.iterations = iterations;
        this.iterationMs = iterationMs;
    }

    /** @throws CommandFailedException if a protocol fails, or a mutant that every machine shows is not caught */
    void run() {
        Outcome protocols = jcstress(PROTOCOLS);
        if (protocols.exitCode != 0) {
            throw new CommandFailedException(
                    "memory ordering: the queue pair failed under jcstress\n" + protocols.output);
        }
        say("queue pair: entries whole, no wake-up lost");
        Outcome mutants = jcstress(FENCE_MUTANTS);
        for (String mutant : List.of("NoFence", "OneFence")) {
            if (!mutants.output.contains("[FAILED] dev.toehold.perf.stress.MutantStress." + mutant)) {
                throw new CommandFailedException("mutant " + mutant
                        + " was not caught: the test is too weak, give it more --seconds\n" + mutants.output);
            }
            say("mutant " + mutant + ": caught, it loses wake-ups");
        }
        boolean isShown = jcstress(PLAIN_TAIL).exitCode != 0;
        say("mutant PlainTail: "
                + (isShown
                        ? "caught, it tears entries"
                        : "not shown here (x86 keeps stores in order, and loads; it takes a weaker processor)"));
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private record Outcome(int exitCode, String output) {}

    private Outcome jcstress(String tests) {
        try {
            Path directory = Files.createTempDirectory("toehold-jcstress-");
            try {
                return jcstress(tests, directory);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            throw new CommandFailedException("jcstress cannot be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        }
    }

    private Outcome jcstress(String tests, Path directory) throws IOException, InterruptedException {
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command(tests, directory))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                throw new CommandFailedException("jcstress did not end within " + MOST_SECONDS + " s");
            }
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return new Outcome(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private List<String> command(String tests, Path directory) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:-UsePerfData",
                "-XX:+UseSerialGC",
                "-cp",
                absolute(System.getProperty("java.class.path")),
                "org.openjdk.jcstress.Main"));
        command.addAll(List.of("-t", tests, "-r", directory.resolve("report").toString()));
        command.addAll(List.of("-iters", Integer.toString(iterations), "-time", Integer.toString(iterationMs)));
        // One fork per test; no pinning, which needs the machine for itself.
        command.addAll(List.of("-m", "quick", "-f", "1", "-sc", "false", "-af", "NONE", "-hs", "256"));
        command.addAll(List.of("-jvmArgs", "-XX:+UseSerialGC -XX:-UsePerfData"));
        return command;
    }

    /** The process runs in a directory of its own, where jcstress leaves its files. */
    private static String absolute(String classPath) {
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(":", -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(":", entries);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
