package dev.toehold.perf.simulation;

import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.stack.Doorbell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a thread needs for one seed after the other: mbufs, doorbells, a directory for state files. None of it carries over anything. */
final class Workbench implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final PlainBuffers[] buffers = {new PlainBuffers(), new PlainBuffers()};
    private final WakeSocket[][] wake = {WakeSocket.pair(), WakeSocket.pair()};
    private final Doorbell doorbell = new Doorbell();
    private final Path[] directories = new Path[2];

    Workbench() {
        try {
            for (int side = 0; side < 2; side++) {
                directories[side] = Files.isWritable(SHARED_MEMORY)
                        ? Files.createTempDirectory(SHARED_MEMORY, "toehold-simulation-")
                        : Files.createTempDirectory("toehold-simulation-");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no directory for state files: " + e.getMessage(), e);
        }
    }

    PlainBuffers buffers(int side) {
        return buffers[side];
    }

    /** The engine's end and the client's; nothing is in between. */
    WakeSocket[] wake(int side) {
        wake[side][1].drain();
        return wake[side];
    }

    Doorbell doorbell() {
        return doorbell;
    }

    Path directory(int side) {
        return directories[side];
    }

    @Override
    public void close() {
        doorbell.close();
        for (WakeSocket[] pair : wake) {
            pair[0].close();
            pair[1].close();
        }
        try {
            for (Path directory : directories) {
                Files.delete(directory);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the directory of state files cannot be removed: " + e.getMessage(), e);
        }
    }
}
