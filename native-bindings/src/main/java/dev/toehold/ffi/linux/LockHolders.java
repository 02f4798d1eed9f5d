package dev.toehold.ffi.linux;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Finds the process behind an open-file-description lock: the {@code lock:} line of {@code /proc/PID/fdinfo/N}. */
final class LockHolders {
    private LockHolders() {}

    /** The first process that holds such a lock on the file, of those that this process may look into. */
    static Optional<Integer> find(FileStatus file) {
        String field = String.format(" %02x:%02x:%d ", file.deviceMajor(), file.deviceMinor(), file.inode());
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process.resolve("fdinfo"), field)) {
                    return Optional.of(Integer.valueOf(process.getFileName().toString()));
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return Optional.empty(); // only a hint: a /proc that cannot be read gives none
        }
        return Optional.empty();
    }

    private static boolean holds(Path fdinfo, String fileField) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(fdinfo)) {
            for (Path descriptor : descriptors) {
                for (String line : Files.readAllLines(descriptor)) {
                    if (line.startsWith("lock:") && line.contains("OFDLCK") && line.contains(fileField)) {
                        return true;
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return false; // another user's process, or one that has just ended
        }
        return false;
    }
}
