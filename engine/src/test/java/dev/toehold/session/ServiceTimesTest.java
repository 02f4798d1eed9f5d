package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.tcp.LogLinearHistogram;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ServiceTimesTest {
    private static final long MS = 1_000_000;

    private final LogLinearHistogram histogram = new LogLinearHistogram(1L << 36);
    private final ServiceTimes times = new ServiceTimes(histogram);
    private final Connection connection = new Connection();

    private void receive(long nowNs) {
        Classifier.onReceived(connection, 100);
        ServiceTimes.onDelivered(connection, nowNs);
    }

    private void send(long nowNs) {
        times.onSubmitted(connection, nowNs);
        Classifier.onSubmitted(connection, 100);
    }

    @Test
    void shouldMeasureFromTheLastBytesOfARequestToTheFirstOfItsAnswer() {
        receive(10 * MS);
        receive(20 * MS);
        send(23 * MS);
        send(90 * MS);
        assertEquals(1, histogram.total());
        assertEquals(3 * MS, histogram.sum());
        receive(100 * MS);
        send(101 * MS);
        assertEquals(4 * MS, histogram.sum());
    }

    @Test
    void shouldNotTakeWhatAClientSaysFirstForAnAnswer() {
        send(5 * MS);
        assertEquals(0, histogram.total());
    }

    @Test
    void shouldMeasureAcrossTheEndOfItsShortClockAndNothingBeyondHalfOfIt() {
        long wrap = (1L << 32) * 1_000;
        receive(wrap - MS);
        send(wrap + MS);
        assertEquals(2 * MS, histogram.sum());
        receive(wrap + 2 * MS);
        send(wrap + 2 * MS + TimeUnit.MINUTES.toNanos(40));
        assertEquals(1, histogram.total());
    }
}
