package dev.toehold.perf.peer;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** The requests of one connection: each differs from every other one, and its response must be the same bytes. */
final class Requests {
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(1);

    private final ByteBuffer request = ByteBuffer.allocateDirect(Services.MESSAGE_LENGTH);
    private final ByteBuffer response = ByteBuffer.allocateDirect(Services.MESSAGE_LENGTH);
    private final int connection;
    private long number;

    Requests(int connection) {
        this.connection = connection;
        for (int i = 0; i < Services.MESSAGE_LENGTH; i++) {
            request.put(i, (byte) (connection * 31 + i));
        }
    }

    /** Of response times, three digits exact, longer ones counted as a minute. */
    static Histogram newHistogram() {
        return new Histogram(LONGEST_NS, 3);
    }

    static void record(Histogram histogram, long ns) {
        histogram.recordValue(Math.min(Math.max(ns, 0), LONGEST_NS));
    }

    /** The next request, ready to be written. */
    ByteBuffer next() {
        request.putLong(0, ++number)
                .putInt(Services.MESSAGE_LENGTH - Integer.BYTES, connection)
                .clear();
        response.clear();
        return request;
    }

    /** Where its response is read to. */
    ByteBuffer response() {
        return response;
    }

    void checkResponse() throws PeerFailure {
        response.flip();
        request.clear();
        if (!response.equals(request)) {
            throw new PeerFailure("connection " + connection + ": response " + number + " is not its request, first"
                    + " different byte " + response.mismatch(request));
        }
    }
}
