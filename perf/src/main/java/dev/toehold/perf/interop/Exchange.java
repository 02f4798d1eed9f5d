package dev.toehold.perf.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One connection, both directions at the same time: each end writes a stream in pieces of random length, ends it, and reads the other's to
 * its end, comparing every byte; readers pause now and then, so windows close.
 */
final class Exchange {
    /** Of a stream, in frames of the MTU: so that the link has as much to do to large ones. */
    private static final int MIN_FRAMES = 30;

    private static final int MAX_FRAMES = 300;
    private static final int MAX_PIECE = 40_000;
    private static final int PAUSE_ONE_IN = 16;
    private static final long MAX_PAUSE_MS = 20;

    /** One end of the connection, kernel or engine. */
    interface End {
        InputStream input() throws IOException;

        OutputStream output() throws IOException;

        void endOutput() throws IOException;

        void close() throws IOException;
    }

    private final String name;
    private final End left;
    private final End right;
    private final long seed;
    private final long leftLength;
    private final long rightLength;

    Exchange(String name, End left, End right, int mtu, long seed) {
        this.name = name;
        this.left = left;
        this.right = right;
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        leftLength = random.nextLong((long) MIN_FRAMES * mtu, (long) MAX_FRAMES * mtu);
        rightLength = random.nextLong((long) MIN_FRAMES * mtu, (long) MAX_FRAMES * mtu);
    }

    /** Bytes of both directions. */
    long length() {
        return leftLength + rightLength;
    }

    /** Begins; the future ends with the exchange, when both ends are closed. */
    CompletableFuture<Void> start() {
        StreamContent toRight = new StreamContent(seed);
        StreamContent toLeft = new StreamContent(~seed);
        return CompletableFuture.allOf(
                        async(() -> write(left, toRight, leftLength, 1)),
                        async(() -> write(right, toLeft, rightLength, 2)),
                        async(() -> read(left, "left", toLeft, rightLength, 3)),
                        async(() -> read(right, "right", toRight, leftLength, 4)))
                .thenCompose(ended -> async(() -> {
                    left.close();
                    right.close();
                    return null;
                }));
    }

    static CompletableFuture<Void> async(Callable<Void> task) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                future.complete(task.call());
            } catch (Exception | AssertionError e) {
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    /** Waits; what went wrong is thrown with the connection's name. */
    void await(CompletableFuture<Void> future, long deadlineNs) throws InterruptedException {
        try {
            future.get(Math.max(0, deadlineNs - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(name + ": hangs", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException c ? c.getCause() : e.getCause();
            throw new AssertionError(name + ": " + cause, cause);
        }
    }

    private Void write(End end, StreamContent content, long length, int role) throws Exception {
        SplittableRandom random = new SplittableRandom(seed + role);
        byte[] piece = new byte[MAX_PIECE];
        OutputStream output = end.output();
        for (long position = 0; position < length; ) {
            int count = (int) Math.min(length - position, random.nextInt(1, MAX_PIECE + 1));
            content.fill(position, piece, count);
            output.write(piece, 0, count);
            position += count;
        }
        output.flush();
        end.endOutput();
        return null;
    }

    private Void read(End end, String side, StreamContent content, long length, int role) throws Exception {
        SplittableRandom random = new SplittableRandom(seed + role);
        byte[] piece = new byte[MAX_PIECE];
        InputStream input = end.input();
        long position = 0;
        while (true) {
            if (random.nextInt(PAUSE_ONE_IN) == 0) {
                Thread.sleep(random.nextLong(MAX_PAUSE_MS));
            }
            int count = input.read(piece, 0, random.nextInt(1, MAX_PIECE + 1));
            if (count < 0) {
                break;
            }
            long wrong = content.mismatch(position, piece, count);
            if (wrong >= 0) {
                throw new AssertionError(side + " end: byte " + wrong + " of " + length + " is wrong");
            }
            position += count;
        }
        if (position != length) {
            throw new AssertionError(side + " end: ended after " + position + " of " + length + " bytes");
        }
        return null;
    }

    /** Lets both ends' threads fail instead of waiting for ever. */
    void abandon() {
        for (End end : new End[] {left, right}) {
            try {
                end.close();
            } catch (IOException | RuntimeException e) {
                // The failure that led here is the one to tell.
            }
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
