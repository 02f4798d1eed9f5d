package dev.toehold.perf.hostile;

import dev.toehold.perf.rig.ChildProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A hostile process, from outside. A thread reads what it says; what a killed one had not said is not counted. */
final class HostileProcess {
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final ChildProcess process;
    private volatile AttackCounts counts = new AttackCounts();
    private volatile boolean isDone;
    private volatile String failure = "";
    private volatile boolean isKilled;

    HostileProcess(ChildProcess process) {
        this.process = process;
        Thread.ofPlatform().daemon().name("hostile-lines").start(this::read);
    }

    private void read() {
        try {
            while (!isDone) {
                String line = process.awaitLine(SILENCE, List.of(AttackCounts.WORD, "done"));
                if (line.equals("done")) {
                    isDone = true;
                } else {
                    counts = AttackCounts.parse(line);
                }
            }
        } catch (IOException e) {
            if (!isKilled) {
                failure = e.getMessage();
            }
            isDone = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    AttackCounts counts() {
        return counts;
    }

    boolean isDone() {
        return isDone;
    }

    /** Why it ended by itself; empty if it did not. */
    String failure() {
        return failure;
    }

    /** SIGKILL. */
    void kill() {
        isKilled = true;
        process.kill();
    }

    /** SIGSTOP, and SIGCONT after a while. */
    void stopFor(Duration time) throws IOException, InterruptedException {
        signal("STOP");
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }
}
