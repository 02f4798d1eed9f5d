package dev.toehold.engine;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.errors.DistinctErrorLog;
import org.agrona.concurrent.errors.ErrorConsumer;
import org.agrona.concurrent.errors.ErrorLogReader;

/**
 * The engine's directory (mode 0750) and in it the file {@code errors}: bugs met while running, each distinct one once with how often
 * and when (Agrona's {@link DistinctErrorLog}). Directories that were made for it go at an orderly end if nothing is in them.
 */
final class StateDirectory implements AutoCloseable, ErrorHandler {
    private static final String ERRORS = "errors";
    private static final int ERRORS_BYTES = 256 * 1024;
    private static final ErrorConsumer IGNORE = (count, first, last, text) -> {};

    private final Path path;
    private final List<Path> made;
    private MappedByteBuffer mapped;
    private volatile DistinctErrorLog errors;

    private StateDirectory(Path path, List<Path> made) {
        this.path = path;
        this.made = made;
    }

    static StateDirectory create(Path path) {
        List<Path> made = missing(path);
        try {
            Files.createDirectories(path);
            if (!made.isEmpty()) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
            }
            return new StateDirectory(path, made);
        } catch (IOException e) {
            removeAfterFailure(made, e);
            throw unusable(path, e);
        }
    }

    private static EngineException unusable(Path path, IOException e) {
        return new EngineException(
                "engine.state=" + path + " cannot be made or written: " + describe(e)
                        + "; create it with `install -d -m 0750 " + path
                        + "` or set engine.state to another directory",
                e);
    }

    /**
     * Begins the file of errors. The caller holds the state file's lock until what is returned is closed: the file of an engine
     * that runs must not be truncated under its mapping.
     */
    AutoCloseable openErrors() {
        try {
            mapped = map(path.resolve(ERRORS));
        } catch (IOException e) {
            throw unusable(path, e);
        }
        errors = new DistinctErrorLog(new UnsafeBuffer(mapped), SystemEpochClock.INSTANCE);
        return this::closeErrors;
    }

    private void closeErrors() throws IOException {
        errors = null;
        boolean isEmpty = ErrorLogReader.read(new UnsafeBuffer(mapped), IGNORE) == 0;
        IoUtil.unmap(mapped);
        if (isEmpty) {
            Files.deleteIfExists(path.resolve(ERRORS));
        }
    }

    /** Directories that are not there yet, innermost first. */
    private static List<Path> missing(Path path) {
        List<Path> missing = new ArrayList<>();
        for (Path at = path.toAbsolutePath(); at != null && !Files.exists(at); at = at.getParent()) {
            missing.add(at);
        }
        return missing;
    }

    private static void removeAfterFailure(List<Path> made, IOException failure) {
        try {
            deleteEmpty(made);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void deleteEmpty(List<Path> directories) throws IOException {
        try {
            for (Path directory : directories) {
                Files.deleteIfExists(directory);
            }
        } catch (DirectoryNotEmptyException e) {
            // A state file with connections to resume, or another engine's directory beside this one.
        }
    }

    private static MappedByteBuffer map(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                java.util.Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")))) {
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, ERRORS_BYTES);
        }
    }

    private static String describe(IOException e) {
        return e.getClass().getSimpleName() + (e.getMessage() == null ? "" : " " + e.getMessage());
    }

    Path path() {
        return path;
    }

    /** Any thread. A full log forgets what is new: it holds hundreds of distinct errors. */
    @Override
    public void onError(Throwable throwable) {
        DistinctErrorLog log = errors;
        if (log != null) {
            boolean _ = log.record(throwable);
        }
    }

    @Override
    public void close() throws IOException {
        deleteEmpty(made);
    }
}
