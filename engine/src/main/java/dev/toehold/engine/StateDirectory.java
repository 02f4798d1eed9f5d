package dev.toehold.engine;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.agrona.ErrorHandler;
import org.agrona.IoUtil;
import org.agrona.concurrent.SystemEpochClock;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.errors.DistinctErrorLog;
import org.agrona.concurrent.errors.ErrorConsumer;
import org.agrona.concurrent.errors.ErrorLogReader;

/**
 * The engine's directory (mode 0750) and in it the file {@code errors}: bugs met while running, each distinct one once with how often
 * and when (Agrona's {@link DistinctErrorLog}). Removed at an orderly end if nothing is in it.
 */
final class StateDirectory implements AutoCloseable, ErrorHandler {
    private static final String ERRORS = "errors";
    private static final int ERRORS_BYTES = 256 * 1024;
    private static final ErrorConsumer IGNORE = (count, first, last, text) -> {};

    private final Path path;
    private final MappedByteBuffer mapped;
    private final UnsafeBuffer buffer;
    private final DistinctErrorLog errors;

    private StateDirectory(Path path, MappedByteBuffer mapped) {
        this.path = path;
        this.mapped = mapped;
        buffer = new UnsafeBuffer(mapped);
        errors = new DistinctErrorLog(buffer, SystemEpochClock.INSTANCE);
    }

    static StateDirectory create(Path path) {
        try {
            boolean isNew = !Files.isDirectory(path);
            Files.createDirectories(path);
            if (isNew) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-x---"));
            }
            return new StateDirectory(path, map(path.resolve(ERRORS)));
        } catch (IOException e) {
            throw new EngineException(
                    "engine.state=" + path + " cannot be made or written: " + describe(e)
                            + "; create it with `install -d -m 0750 " + path
                            + "` or set engine.state to another directory",
                    e);
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
        boolean _ = errors.record(throwable);
    }

    @Override
    public void close() throws IOException {
        boolean isEmpty = ErrorLogReader.read(buffer, IGNORE) == 0;
        IoUtil.unmap(mapped);
        if (isEmpty) {
            Files.deleteIfExists(path.resolve(ERRORS));
        }
    }
}
