package dev.toehold.perf.peer;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.HdrHistogram.Histogram;

/** One connection, one request at a time, with blocking calls: nothing but a write and a read between two clock readings. */
final class SingleRequestLoad {
    private final LoadGenerator.Order order;
    private final Requests requests = new Requests(0);
    private final Histogram histogram = Requests.newHistogram();

    SingleRequestLoad(LoadGenerator.Order order) {
        this.order = order;
    }

    LoadResult run() throws IOException {
        try (SocketChannel channel = SocketChannel.open()) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.connect(order.remote(Services.ECHO_PORT));
            long startNs = System.nanoTime();
            exchange(channel, startNs + order.warmUpNs());
            histogram.reset();
            long measuredFromNs = System.nanoTime();
            long endNs = exchange(channel, measuredFromNs + order.measureNs());
            return LoadResult.ofRequests(histogram, endNs - measuredFromNs);
        }
    }

    private long exchange(SocketChannel channel, long untilNs) throws IOException {
        long nowNs = System.nanoTime();
        while (nowNs - untilNs < 0) {
            ByteBuffer request = requests.next();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            ByteBuffer response = requests.response();
            while (response.hasRemaining()) {
                if (channel.read(response) < 0) {
                    throw new PeerFailure("the server closed the connection before its response");
                }
            }
            requests.checkResponse();
            long doneNs = System.nanoTime();
            Requests.record(histogram, doneNs - nowNs);
            nowNs = doneNs;
        }
        return nowNs;
    }
}
