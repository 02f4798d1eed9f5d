package dev.toehold.client;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the engine's control socket is if nobody says. */
final class SocketPaths {
    static final String VARIABLE = "TOEHOLD_SOCKET";
    private static final Path RUN = Path.of("/run/toehold");

    private SocketPaths() {}

    static Path find() throws IOException {
        return find(System.getenv(VARIABLE), RUN);
    }

    /**
     * The variable's value, else the only engine below run.
     *
     * @throws IOException if there is none or several
     */
    static Path find(String variable, Path run) throws IOException {
        if (variable != null && !variable.isBlank()) {
            return Path.of(variable);
        }
        List<Path> sockets = new ArrayList<>();
        try (DirectoryStream<Path> engines = Files.newDirectoryStream(run)) {
            for (Path engine : engines) {
                Path socket = engine.resolve("control.sock");
                if (Files.exists(socket)) {
                    sockets.add(socket);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new IOException(
                    "no engine: " + run + " does not exist; start one (toehold run) or name its socket in " + VARIABLE,
                    e);
        }
        if (sockets.isEmpty()) {
            throw new IOException("no engine: there is no " + run
                    + "/*/control.sock; start one (toehold run) or name its socket in " + VARIABLE);
        }
        if (sockets.size() > 1) {
            sockets.sort(null);
            throw new IOException(
                    "several engines run: " + sockets + "; name one in " + VARIABLE + " or in the builder");
        }
        return sockets.getFirst();
    }
}
