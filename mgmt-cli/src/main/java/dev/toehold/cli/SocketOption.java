package dev.toehold.cli;

import dev.toehold.client.EngineSockets;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which engine a command talks to. */
final class SocketOption {
    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "Control socket of the engine. Default: TOEHOLD_SOCKET, else the only engine running.")
    private Path socket;

    /** The path given, else the one that an engine answers on. */
    Path path() {
        if (socket != null) {
            return socket;
        }
        try {
            return EngineSockets.find();
        } catch (IOException e) {
            throw new CommandFailedException(e.getMessage(), e);
        }
    }
}
