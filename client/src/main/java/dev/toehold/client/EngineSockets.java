package dev.toehold.client;

import dev.toehold.ffi.linux.Errno;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.SeqPacketSocket;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the control socket of a running engine if nobody says where it is: for the library and for {@code toehold}'s commands. */
public final class EngineSockets {
    /** Environment variable that names the control socket. */
    public static final String VARIABLE = "TOEHOLD_SOCKET";

    private static final Path RUN = Path.of("/run/toehold");
    private static final String FILE_NAME = "control.sock";
    private static final long CONNECT_NS = 1_000_000_000;
    private static final String START = "start one with `toehold run --config FILE`, or ";
    private static final String NAME_IT =
            "name its control socket in " + VARIABLE + ", with --socket, or with socket(Path)" + " of the builder";

    private EngineSockets() {}

    /**
     * The path in {@link #VARIABLE}, else the socket of the only engine that answers below /run/toehold.
     *
     * @throws IOException if none answers, or several do: the message says what to do
     */
    public static Path find() throws IOException {
        return find(System.getenv(VARIABLE), RUN);
    }

    static Path find(String named, Path run) throws IOException {
        if (named != null && !named.isBlank()) {
            return Path.of(named);
        }
        List<Path> answering = new ArrayList<>();
        List<Path> denied = new ArrayList<>();
        for (Path socket : candidates(run)) {
            int errno = connectErrno(socket);
            if (errno == 0) {
                answering.add(socket);
            } else if (errno == Errno.EACCES.number()) {
                denied.add(socket);
            }
        }
        if (answering.size() == 1) {
            return answering.getFirst();
        }
        if (!answering.isEmpty()) {
            throw new IOException("several engines run: " + answering + "; " + NAME_IT);
        }
        if (!denied.isEmpty()) {
            throw new IOException("this user may not open " + denied + ": " + remedy(Errno.EACCES.number()));
        }
        throw new IOException("no engine answers below " + run + ": " + START + NAME_IT);
    }

    private static List<Path> candidates(Path run) throws IOException {
        List<Path> sockets = new ArrayList<>();
        try (DirectoryStream<Path> engines = Files.newDirectoryStream(run)) {
            engines.forEach(engine -> sockets.add(engine.resolve(FILE_NAME)));
        } catch (NoSuchFileException | NotDirectoryException e) {
            throw new IOException("no engine: there is no directory " + run + "; " + START + NAME_IT, e);
        } catch (AccessDeniedException e) {
            throw new IOException("this user may not read " + run + ": " + remedy(Errno.EACCES.number()), e);
        }
        sockets.sort(null);
        return sockets;
    }

    /** 0 if somebody listens there. A crashed engine leaves its socket behind; nobody listens on it. */
    private static int connectErrno(Path socket) {
        try (SeqPacketSocket connected = SeqPacketSocket.connect(socket.toString(), CONNECT_NS)) {
            return connected == null ? -1 : 0;
        } catch (LinuxException e) {
            return e.errno();
        }
    }

    /** Why a control socket cannot be connected to, and what to do. */
    public static String whyUnreachable(Path socket, LinuxException e) {
        return "no engine answers on " + socket + " (" + e.getMessage() + "): " + remedy(e.errno());
    }

    private static String remedy(int errno) {
        return errno == Errno.EACCES.number()
                ? "run this as the engine's user or as root"
                : "is it running? `toehold run --config FILE` starts one";
    }
}
