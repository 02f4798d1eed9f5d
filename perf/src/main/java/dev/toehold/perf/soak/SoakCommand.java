package dev.toehold.perf.soak;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.Root;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code toehold bench soak}. */
@Command(
        name = "soak",
        description = {
            "Client processes of one engine, each a JVM with many connections to one process of kernel sockets: questions and answers of"
                    + " mixed sizes, 1 byte to 128 KiB, every byte compared at both ends. Clients picked at random get SIGKILL and are"
                    + " replaced. Needs root, and 70 MB for each client. Exits with 1 if a byte is wrong, a connection breaks"
                    + " at either end whose client was not killed, the engine dies, or it does not hold afterwards what it held before.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold bench soak --clients 10 --connections 20 --seconds 20"})
public final class SoakCommand implements Callable<Integer> {
    private static final int MOST_CONNECTIONS = 15_000;

    @Option(names = "--clients", paramLabel = "N", defaultValue = "100", description = "Default: ${DEFAULT-VALUE}.")
    private int clients;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "100",
            description = "Of each client; 15000 of all at most. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(names = "--seconds", paramLabel = "N", defaultValue = "60", description = "Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--kill-every",
            paramLabel = "MS",
            defaultValue = "500",
            description = "Milliseconds between two kills at least, while few replacements are under way; 0: none."
                    + " Default: ${DEFAULT-VALUE}.")
    private int killEveryMs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of who is killed. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (clients < 2
                || connections < 1
                || (long) clients * connections > MOST_CONNECTIONS
                || seconds < 1
                || killEveryMs < 0) {
            throw new ParameterException(
                    spec.commandLine(),
                    "allowed: 2 or more clients, 1 or more connections, " + MOST_CONNECTIONS
                            + " connections of all clients together, 1 or more seconds, a kill every 0 or more milliseconds");
        }
        Root.require("bench soak");
        PrintWriter out = spec.commandLine().getOut();
        try {
            new SoakRun(clients, connections, seconds, killEveryMs, seed, out).run();
        } catch (CommandFailedException e) {
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailedException("interrupted", e);
        } catch (Exception e) {
            throw new CommandFailedException("soak: " + e.getMessage(), e);
        }
        return 0;
    }
}
