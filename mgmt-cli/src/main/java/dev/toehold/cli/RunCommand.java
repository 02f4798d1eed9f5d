package dev.toehold.cli;

import dev.toehold.engine.ClientRooms;
import dev.toehold.engine.Engine;
import dev.toehold.engine.EngineException;
import dev.toehold.engine.config.EngineConfig;
import dev.toehold.stack.StateFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code toehold run}: the engine, in the foreground. */
@Command(
        name = "run",
        description = {
            "Runs the engine in the foreground. Prints one line \"ready ...\" on stdout once it serves; what it does without,"
                    + " and why, on stderr. SIGTERM and SIGINT end it in good order: connections are reset. After any other end"
                    + " the next engine resumes them.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold run --config /etc/toehold/toehold.toml"})
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            required = true,
            description = "The configuration; `toehold config print` prints one to start from.")
    private Path file;

    @Option(
            names = "--abandon-connections",
            description = {
                "Give up the connections that an engine which died has left in the state file, instead of resuming them: their"
                        + " peers get a reset when they send."
            })
    private boolean isAbandoning;

    /** A signal during the start waits for its end, so that everything is undone. */
    private static final class Running implements AutoCloseable {
        private Engine engine;
        private boolean isClosed;

        synchronized Engine start(EngineConfig config, StateFile.Leftovers leftovers) {
            if (!isClosed) {
                engine = Engine.start(config, new ClientRooms(Main.VERSION), leftovers);
            }
            return engine;
        }

        @Override
        public synchronized void close() {
            isClosed = true;
            if (engine != null) {
                engine.close();
            }
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        EngineConfig config = Configurations.read(file);
        Running running = new Running();
        Termination.closes(running);
        Engine engine;
        try {
            engine = running.start(config, isAbandoning ? StateFile.Leftovers.ABANDON : StateFile.Leftovers.REFUSE);
        } catch (EngineException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
        if (engine != null) {
            PrintWriter err = spec.commandLine().getErr();
            engine.warnings().forEach(warning -> err.println("toehold: " + warning));
            err.flush();
            PrintWriter out = spec.commandLine().getOut();
            out.println("ready engine=" + config.engine().name() + " pid="
                    + ProcessHandle.current().pid() + " socket="
                    + config.control().socket());
            out.flush();
        }
        // Only a signal ends it, and its hook halts the process.
        new CountDownLatch(1).await();
        return 0;
    }
}
