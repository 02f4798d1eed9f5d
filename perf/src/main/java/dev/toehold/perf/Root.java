package dev.toehold.perf;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What makes network namespaces and opens packet sockets. */
public final class Root {
    private static final Path STATUS = Path.of("/proc/self/status");

    private Root() {}

    /**
     * Asks for root.
     *
     * @throws CommandFailedException if this process is not root's
     */
    public static void require(String command) {
        try (var lines = Files.lines(STATUS)) {
            boolean isRoot = lines.anyMatch(line -> line.startsWith("Uid:") && line.split("\\s+", -1)[2].equals("0"));
            if (!isRoot) {
                throw new CommandFailedException("`toehold " + command
                        + "` works with network namespaces, which needs root: run `sudo toehold " + command + "`");
            }
        } catch (IOException e) {
            throw new CommandFailedException("cannot read " + STATUS + ": " + e.getMessage(), e);
        }
    }
}
