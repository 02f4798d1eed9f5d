package dev.toehold.cli.demo;

import dev.toehold.cli.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a demo keeps its files: in memory if they take at most a quarter of it, else on disk. */
final class WorkDirectory {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long SPARE_BYTES = 64L << 20;

    private WorkDirectory() {}

    static Path create(long bytes) throws IOException {
        Path disk = Path.of(System.getProperty("java.io.tmpdir"));
        Path parent = isRoomy(SHARED_MEMORY, bytes) && bytes <= availableMemory() / 4 ? SHARED_MEMORY : disk;
        if (!isRoomy(parent, bytes)) {
            throw new CommandFailedException(
                    parent + " has no room for " + Report.size(bytes) + ": free some, or choose a smaller --size");
        }
        return Files.createTempDirectory(
                parent, "toehold-demo-" + ProcessHandle.current().pid() + "-");
    }

    private static boolean isRoomy(Path directory, long bytes) throws IOException {
        return Files.isWritable(directory) && Files.getFileStore(directory).getUsableSpace() >= bytes + SPARE_BYTES;
    }

    private static long availableMemory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }

    static void delete(Path directory) throws IOException {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
