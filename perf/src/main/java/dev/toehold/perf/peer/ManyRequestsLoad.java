package dev.toehold.perf.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Many connections with one request each under way, on one thread that waits for all of them. */
final class ManyRequestsLoad {
    private static final long SELECT_MS = 1000;

    private final LoadGenerator.Order order;
    private final Histogram histogram = Requests.newHistogram();

    ManyRequestsLoad(LoadGenerator.Order order) {
        this.order = order;
    }

    private final class Exchange {
        private final SocketChannel channel;
        private final Requests requests;
        private long sentNs;

        private Exchange(SocketChannel channel, int number) {
            this.channel = channel;
            this.requests = new Requests(number);
        }

        private void send(long nowNs) throws IOException {
            sentNs = nowNs;
            ByteBuffer request = requests.next();
            channel.write(request);
            if (request.hasRemaining()) {
                throw new PeerFailure("the send buffer of a connection without anything outstanding is full");
            }
        }

        private void onReadable() throws IOException {
            ByteBuffer response = requests.response();
            if (channel.read(response) < 0) {
                throw new PeerFailure("the server closed the connection before its response");
            }
            if (!response.hasRemaining()) {
                requests.checkResponse();
                long nowNs = System.nanoTime();
                Requests.record(histogram, nowNs - sentNs);
                send(nowNs);
            }
        }
    }

    LoadResult run() throws IOException {
        List<SocketChannel> channels = new ArrayList<>();
        try (Selector selector = Selector.open()) {
            for (int i = 0; i < order.connections(); i++) {
                SocketChannel channel = SocketChannel.open();
                channels.add(channel);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.connect(order.remote(Services.ECHO_PORT));
                channel.configureBlocking(false);
                channel.register(selector, SelectionKey.OP_READ, new Exchange(channel, i));
            }
            long startNs = System.nanoTime();
            for (SelectionKey key : selector.keys()) {
                ((Exchange) key.attachment()).send(startNs);
            }
            exchange(selector, startNs + order.warmUpNs());
            histogram.reset();
            long measuredFromNs = System.nanoTime();
            long endNs = exchange(selector, measuredFromNs + order.measureNs());
            return LoadResult.ofRequests(histogram, endNs - measuredFromNs);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            for (SocketChannel channel : channels) {
                channel.close();
            }
        }
    }

    private static long exchange(Selector selector, long untilNs) throws IOException {
        long nowNs = System.nanoTime();
        while (nowNs - untilNs < 0) {
            selector.select(ManyRequestsLoad::onReady, SELECT_MS);
            nowNs = System.nanoTime();
        }
        return nowNs;
    }

    private static void onReady(SelectionKey key) {
        try {
            ((Exchange) key.attachment()).onReadable();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
