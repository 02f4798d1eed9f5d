package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process of the demo that says "ready" on stdout; its stderr goes to a file that is shown if it fails. */
final class Child {
    private static final int SHOWN_LINES = 10;
    private static final long STOP_SECONDS = 10;
    private static final String END = "";

    private final String name;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> output = new ArrayBlockingQueue<>(64);

    private Child(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
        Thread.ofVirtual().name("stdout-" + name).start(this::readOutput);
    }

    static Child start(String name, List<String> command, Path directory) throws IOException {
        Path errors = directory.resolve(name + ".stderr");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(errors.toFile())
                .start();
        return new Child(name, process, errors);
    }

    private void readOutput() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            String line;
            while ((line = reader.readLine()) != null) {
                if (!line.isEmpty()) {
                    // Beyond the first lines nobody listens; the pipe is still emptied.
                    output.offer(line);
                }
            }
        } catch (IOException e) {
            // The process is gone; its end says more.
        }
        output.offer(END);
    }

    /** Waits for the line that begins with "ready". */
    void awaitReady(long seconds) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String line = output.poll(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw failed("was not ready within " + seconds + " s");
            }
            if (line.equals(END)) {
                throw failed("ended with exit code " + process.waitFor());
            }
            if (line.startsWith("ready")) {
                return;
            }
        }
    }

    void checkAlive() throws InterruptedException {
        if (!process.isAlive()) {
            throw failed("ended with exit code " + process.waitFor());
        }
    }

    private CommandFailedException failed(String what) {
        return new CommandFailedException(name + " " + what + lastErrors());
    }

    private String lastErrors() {
        try {
            List<String> lines = Files.readAllLines(errors);
            return lines.isEmpty()
                    ? ""
                    : ": " + String.join(" | ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /** Resident memory, in bytes: of it what is private, and what is shared with other processes. */
    long residentBytes(String field) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }

    /** SIGTERM, and if that does not help SIGKILL. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
