package dev.toehold.perf.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A child process that is talked to by lines; what it writes to stderr is kept for the message when it fails. */
public final class ChildProcess {
    private static final int MAX_LINES = 256;
    private static final int KEPT_ERROR_LINES = 12;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(10);
    private static final String END = "\0";

    private final String name;
    private final Process process;
    private final Writer input;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(MAX_LINES);
    private final ArrayDeque<String> errors = new ArrayDeque<>();

    private ChildProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread.ofPlatform().daemon().name(name + "-stdout").start(() -> read(process.getInputStream(), this::onLine));
        Thread.ofPlatform().daemon().name(name + "-stderr").start(() -> read(process.getErrorStream(), this::onError));
    }

    static ChildProcess start(String name, List<String> command) throws IOException {
        return new ChildProcess(name, new ProcessBuilder(command).start());
    }

    private interface LineHandler {
        void onLine(String line);
    }

    private static void read(InputStream stream, LineHandler handler) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                handler.onLine(line);
            }
        } catch (IOException e) {
            // The stream was closed with the process.
        }
        handler.onLine(END);
    }

    /** Lines that nobody waits for are dropped when there are too many. */
    private void onLine(String line) {
        if (!lines.offer(line) && line.equals(END)) {
            lines.clear();
            lines.add(END);
        }
    }

    private void onError(String line) {
        synchronized (errors) {
            if (!line.equals(END)) {
                errors.add(line);
            }
            if (errors.size() > KEPT_ERROR_LINES) {
                errors.remove();
            }
        }
    }

    /** CPU time of the process so far, all its threads, user and system, to about 10 ms. */
    Duration cpuTime() {
        return process.toHandle()
                .info()
                .totalCpuDuration()
                .orElseThrow(() -> new IllegalStateException(name + " has ended: no CPU time"));
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it wrote to stderr last. */
    public List<String> lastErrors() {
        synchronized (errors) {
            return List.copyOf(errors);
        }
    }

    public void send(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    /**
     * The next line that begins with a word; others are passed over.
     *
     * @throws IOException if none came in time, or the process ended
     */
    public String awaitLine(String firstWord, Duration patience) throws IOException, InterruptedException {
        return awaitLine(patience, List.of(firstWord));
    }

    /** Likewise, with one of several words. */
    public String awaitLine(Duration patience, List<String> firstWords) throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + patience.toNanos();
        while (true) {
            String line = lines.poll(Math.max(deadlineNs - System.nanoTime(), 0), TimeUnit.NANOSECONDS);
            if (line == null) {
                throw new IOException(name + " said no \"" + String.join("\" or \"", firstWords) + "\" within "
                        + patience.toSeconds() + " s" + lastWords());
            }
            if (line.equals(END)) {
                process.waitFor(STOP_PATIENCE);
                throw new IOException(name + " ended" + exitCode() + lastWords());
            }
            if (firstWords.contains(line.split(" ", 2)[0])) {
                return line;
            }
            if (line.startsWith("failed ")) {
                throw new IOException(name + ": " + line + lastWords());
            }
        }
    }

    private String exitCode() {
        return process.isAlive() ? "" : " with exit code " + process.exitValue();
    }

    private String lastWords() {
        synchronized (errors) {
            return errors.isEmpty() ? "" : "; its last words: " + String.join(" | ", errors);
        }
    }

    /** Asks it to end, by the end of its standard input and by SIGTERM if {@code signal}, and waits; kills it if it does not. */
    public void stop(boolean signal) throws InterruptedException {
        try {
            input.close();
        } catch (IOException e) {
            // It has gone already.
        }
        if (signal) {
            process.destroy();
        }
        if (!process.waitFor(STOP_PATIENCE)) {
            kill();
        }
    }

    /** Ends it now, if it still runs, and waits until it has. */
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(STOP_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
