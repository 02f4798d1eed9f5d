package dev.toehold.session;

import dev.toehold.tcp.LogLinearHistogram;

/**
 * How long clients take to answer: from the completion that shows the last bytes of a turn (see {@link Classifier}) to the first SEND after
 * it. Both are taken at the clock of their pass. What takes over half an hour is not measured.
 */
final class ServiceTimes {
    private static final int NS_PER_US = 1_000;

    private final LogLinearHistogram histogram;

    ServiceTimes(LogLinearHistogram histogram) {
        this.histogram = histogram;
    }

    /** Bytes were shown to the client. */
    static void onDelivered(Connection connection, long nowNs) {
        if (connection.turnOut == 0) {
            connection.deliveredUs = (int) (nowNs / NS_PER_US);
        }
    }

    /** A SEND is taken; before {@link Classifier#onSubmitted}. */
    void onSubmitted(Connection connection, long nowNs) {
        if (connection.turnOut == 0 && connection.turnIn > 0) {
            int elapsedUs = (int) (nowNs / NS_PER_US) - connection.deliveredUs;
            if (elapsedUs >= 0) {
                histogram.record((long) elapsedUs * NS_PER_US);
            }
        }
    }
}
