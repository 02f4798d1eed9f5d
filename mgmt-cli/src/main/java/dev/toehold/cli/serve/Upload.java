package dev.toehold.cli.serve;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;

/** A body on its way to a file: what others see under the file's name is the old content or all of the new. */
final class Upload {
    private static final SecureRandom RANDOM = new SecureRandom();

    private Upload() {}

    /**
     * Writes a body to a new file beside {@code target}, then renames it. Nothing is left behind if the body does not come
     * whole.
     */
    static void receive(HttpBody body, Path target, byte[] buffer) throws IOException {
        Path part = target.resolveSibling(".part-" + Long.toHexString(RANDOM.nextLong()));
        try {
            try (FileChannel file = FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                body.receiveInto(file, buffer);
            }
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileSystemException e) {
            throw new HttpException(500, "cannot be stored: " + e.getClass().getSimpleName());
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
