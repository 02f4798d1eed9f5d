package dev.toehold.perf.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** One thread that keeps several bulk connections busy. */
abstract class BulkLoad {
    private static final long SELECT_MS = 1000;

    final LoadGenerator.Order order;
    final BytePattern pattern;

    BulkLoad(LoadGenerator.Order order, BytePattern pattern) {
        this.order = order;
        this.pattern = pattern;
    }

    /** One connection. */
    abstract static class Transfer {
        final SocketChannel channel;
        final int stream;

        Transfer(SocketChannel channel, int stream) {
            this.channel = channel;
            this.stream = stream;
        }

        /** Reads or writes what goes without waiting. */
        abstract void onReady(SelectionKey key) throws IOException;

        /** Bytes of the pattern so far. */
        abstract long bytes();
    }

    abstract Transfer newTransfer(SocketChannel channel, int stream);

    /** Measures; all transfers are connected, introduced and registered. */
    abstract LoadResult measure(Selector selector, List<Transfer> transfers) throws IOException;

    final LoadResult run(int port, int operation) throws IOException {
        List<Transfer> transfers = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < order.connections(); i++) {
                SocketChannel channel = SocketChannel.open();
                Transfer transfer = newTransfer(channel, i + 1);
                transfers.add(transfer);
                channel.connect(order.remote(port));
                writeHello(channel, i + 1);
                channel.configureBlocking(false);
                channel.register(selector, operation, transfer);
            }
            return measure(selector, transfers);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            for (Transfer transfer : transfers) {
                transfer.channel.close();
            }
        }
    }

    private static void writeHello(SocketChannel channel, long stream) throws IOException {
        ByteBuffer hello = ByteBuffer.allocate(Services.HELLO_LENGTH)
                .order(Services.ORDER)
                .putLong(stream)
                .flip();
        while (hello.hasRemaining()) {
            channel.write(hello);
        }
    }

    /** Returns the time at which it stopped. */
    static long transferUntil(Selector selector, long untilNs) throws IOException {
        long nowNs = System.nanoTime();
        while (nowNs - untilNs < 0) {
            selectOnce(selector);
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    static void selectOnce(Selector selector) throws IOException {
        selector.select(BulkLoad::onReady, SELECT_MS);
    }

    static long bytes(List<Transfer> transfers) {
        return transfers.stream().mapToLong(Transfer::bytes).sum();
    }

    private static void onReady(SelectionKey key) {
        try {
            ((Transfer) key.attachment()).onReady(key);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
