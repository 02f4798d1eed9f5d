package dev.toehold.cli;

import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Finds running engines by the control sockets in the default place. */
final class EngineSockets {
    static final String VARIABLE = "TOEHOLD_SOCKET";

    private static final Path RUN = Path.of("/run/toehold");
    private static final long CONNECT_NS = 1_000_000_000;

    private EngineSockets() {}

    /** The socket that the environment names, else that of the only engine that answers. */
    static Path find() throws IOException {
        return find(System.getenv(), RUN);
    }

    static Path find(Map<String, String> environment, Path run) throws IOException {
        String named = environment.get(VARIABLE);
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        List<Path> answering = new ArrayList<>();
        if (Files.isDirectory(run)) {
            try (DirectoryStream<Path> sockets = Files.newDirectoryStream(run)) {
                for (Path directory : sockets) {
                    Path socket = directory.resolve("control.sock");
                    if (Files.exists(socket) && answers(socket)) {
                        answering.add(socket);
                    }
                }
            }
        }
        if (answering.size() == 1) {
            return answering.getFirst();
        }
        answering.sort(null);
        throw new IOException(
                answering.isEmpty()
                        ? "no engine answers below " + run
                                + ": start one with `toehold run --config FILE`, or name its socket" + " with --socket"
                        : "several engines run: name one with --socket, of " + answering);
    }

    /** A crashed engine leaves its socket behind; nobody listens on it. */
    private static boolean answers(Path socket) {
        try (SeqPacketSocket connected = SeqPacketSocket.connect(socket.toString(), CONNECT_NS)) {
            return connected != null;
        } catch (LinuxException e) {
            return false;
        }
    }
}
