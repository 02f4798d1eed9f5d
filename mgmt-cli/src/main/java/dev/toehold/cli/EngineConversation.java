package dev.toehold.cli;

import dev.toehold.cli.serve.Conversation;
import dev.toehold.client.Connection;
import dev.toehold.client.Location;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A connection of the engine whose long bodies pass without a copy by this process: files are written from the buffers in
 * which the engine placed the bytes, and are read into the memory from which it sends.
 */
final class EngineConversation extends Conversation {
    private final Connection connection;
    private final SendSlices slices;

    EngineConversation(Connection connection, SendSlices slices) {
        super(connection.inputStream(), connection.outputStream());
        this.connection = connection;
        this.slices = slices;
    }

    @Override
    public long receiveInto(FileChannel file, long most, byte[] buffer) throws IOException {
        int length = connection.awaitReceived();
        if (length < 0) {
            return -1;
        }
        int count = (int) Math.min(length, most);
        writeFully(
                file,
                connection
                        .receivedMemory()
                        .asSlice(connection.receivedOffset(), count)
                        .asByteBuffer());
        connection.consumed(count);
        return count;
    }

    @Override
    public void sendFrom(FileChannel file, long position, long length, byte[] buffer) throws IOException {
        Location first = slices.tryTake();
        Location second = first == null ? null : slices.tryTake();
        if (second == null) {
            if (first != null) {
                slices.giveBack(first);
            }
            super.sendFrom(file, position, length, buffer);
            return;
        }
        ArrayDeque<Sending> sendings = new ArrayDeque<>(2);
        sendings.add(new Sending(first, CompletableFuture.completedFuture(null)));
        sendings.add(new Sending(second, CompletableFuture.completedFuture(null)));
        try {
            sendAlternating(file, position, length, sendings);
        } finally {
            for (Sending sending : sendings) {
                // Until its SEND has completed, one way or the other, the memory is the engine's.
                var _ = sending.done().whenComplete((ok, failure) -> slices.giveBack(sending.slice()));
            }
        }
    }

    /** A slice and its SEND: memory and what tells when it is free again. */
    private record Sending(Location slice, CompletableFuture<Void> done) {}

    /** While the engine sends one slice, the other is filled. */
    private void sendAlternating(FileChannel file, long position, long length, ArrayDeque<Sending> sendings)
            throws IOException {
        long at = position;
        long end = position + length;
        while (at < end) {
            Sending free = sendings.element();
            await(free.done());
            Location part = free.slice().first((int) Math.min(free.slice().length(), end - at));
            fill(file, at, part.memory());
            sendings.remove();
            sendings.add(new Sending(free.slice(), connection.sendAsync(part)));
            at += part.length();
        }
        for (Sending sending : sendings) {
            await(sending.done());
        }
    }

    private static void fill(FileChannel file, long position, MemorySegment memory) throws IOException {
        ByteBuffer target = memory.asByteBuffer();
        while (target.hasRemaining()) {
            if (file.read(target, position + target.position()) < 0) {
                throw shortened();
            }
        }
    }

    private static void await(CompletableFuture<Void> done) throws IOException {
        try {
            done.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while sending", e);
        }
    }
}
