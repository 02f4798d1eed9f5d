package dev.toehold.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A process of a test; what it prints goes to files in the test's directory. */
public final class ChildProcess implements AutoCloseable {
    private static final long STOP_SECONDS = 20;
    private static final long POLL_MS = 20;

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private ChildProcess(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static ChildProcess start(String name, List<String> command, Path directory) throws IOException {
        Path out = directory.resolve(name + ".out");
        Path err = directory.resolve(name + ".err");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new ChildProcess(name, process, out, err);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            // What tools print need not be UTF-8 to be read.
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    ChildProcess awaitReady(long seconds) throws InterruptedException {
        await("is ready", seconds, () -> !process.isAlive() || out().startsWith("ready"));
        if (!process.isAlive()) {
            throw new AssertionError(this + " ended with exit code " + process.waitFor() + ": " + err());
        }
        return this;
    }

    int awaitExit(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError(this + " did not end within " + seconds + " s: " + out() + err());
        }
        return process.exitValue();
    }

    /** Waits until the condition holds; a failure after the bound names what was waited for. */
    static void await(String what, long seconds, BooleanSupplier condition) throws InterruptedException {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within " + seconds + " s: " + what);
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** User and system time that the process has used, in ns (proc_pid_stat(5): clock ticks of 10 ms). */
    long cpuNs() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000_000;
    }

    /** Mappings of the memory that clients and the engine share, regions and queue pairs, by name. */
    List<String> sharedMappings() {
        return read(Path.of("/proc/" + pid() + "/maps"))
                .lines()
                .filter(line -> line.contains("/memfd:toehold-"))
                .map(line -> line.substring(line.indexOf("/memfd:")))
                .sorted()
                .toList();
    }

    /** SIGTERM, then SIGKILL. */
    @Override
    public void close() {
        process.destroy();
        boolean wasInterrupted = false;
        try {
            if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
            System.err.println(this + " did not end by SIGTERM");
        } catch (InterruptedException e) {
            wasInterrupted = true;
        }
        process.destroyForcibly();
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name + " (pid " + pid() + ")";
    }
}
