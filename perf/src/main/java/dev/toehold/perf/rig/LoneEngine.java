package dev.toehold.perf.rig;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * An engine by itself, on any CPU: for checks that compare it with nobody.
 *
 * @param process what to look at and what may die
 * @param socket its control socket
 * @param directory of its configuration, state and errors; everybody may pass through
 */
public record LoneEngine(ChildProcess process, Path socket, Path directory) {
    /**
     * What a check wants otherwise than the defaults.
     *
     * @param maxConnections of the configuration
     * @param control lines of the table [control]
     * @param tables lines behind the configuration, which ends with the table [tcp]
     * @param prefix what the command line begins with, {@code setpriv} for instance
     */
    public record Setup(int maxConnections, String control, String tables, List<String> prefix) {
        public Setup {
            prefix = List.copyOf(prefix);
        }
    }

    /** Starts it in a testbed and waits until it is ready; undo ends it. */
    public static LoneEngine start(Testbed testbed, UndoStack undo, Setup setup) throws Exception {
        Path directory = Files.createTempDirectory("toehold-bench-");
        undo.push(() -> ServerUnderTest.deleteRecursively(directory));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        Path state = directory.resolve("state");
        Path socket = state.resolve("control.sock");
        Path configuration = directory.resolve("bench.toml");
        Files.writeString(
                configuration,
                ServerUnderTest.configuration(
                                testbed.serverInterface(),
                                "",
                                setup.maxConnections(),
                                testbed.mtu(),
                                state,
                                socket,
                                setup.control())
                        + "\n" + setup.tables());
        List<String> command = new ArrayList<>(setup.prefix());
        command.addAll(JavaCommand.engine(configuration));
        ChildProcess process = testbed.startServerAnywhere("engine", command);
        undo.push(() -> {
            try {
                process.stop(true);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        process.awaitLine("ready", ServerUnderTest.START_PATIENCE);
        return new LoneEngine(process, socket, directory);
    }
}
