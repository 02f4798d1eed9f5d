package dev.toehold.session;

import dev.toehold.abi.Option;

/**
 * What kind of conversation a connection carries, as far as can be told from how many bytes come and go in turns. A turn ends where bytes come
 * in after bytes went out. Fixed cost, 20 bytes a connection, no clock on the way of a packet.
 *
 * <table>
 * <caption>What the kind steers</caption>
 * <tr><th></th><th>interactive</th><th>bulk</th></tr>
 * <tr><td>ACK of what was pushed</td><td>waits for the answer that carries it</td><td>at once: no answer is near</td></tr>
 * <tr><td>partly filled buffer</td><td>goes to the client with the PSH</td><td>is filled up first</td></tr>
 * <tr><td>wake-up of the client</td><td>at once</td><td>when a pass brings nothing more, at the latest after
 *   {@link #PATIENT_PASSES}</td></tr>
 * <tr><td>placement</td><td>CPU</td><td>copy engine, if there is one</td></tr>
 * </table>
 */
final class Classifier {
    /** So many bytes in one direction within a turn are bulk. */
    static final int BULK_BYTES = 64 << 10;

    /** An average turn below that is interactive again. */
    static final int INTERACTIVE_BYTES = 16 << 10;

    /** A connection on which nothing came for so long is idle, whatever it was. */
    static final long IDLE_NS = 1_000_000_000L;

    /** Passes that brought something, during which the wake-up for bulk alone may wait. */
    static final int PATIENT_PASSES = 8;

    private static final int MOST = 1 << 30;

    private Classifier() {}

    static void onReceived(Connection connection, long count) {
        if (connection.turnOut > 0) {
            boolean isFirst = connection.averageIn == 0 && connection.averageOut == 0;
            connection.averageIn = average(connection.averageIn, connection.turnIn, isFirst);
            connection.averageOut = average(connection.averageOut, connection.turnOut, isFirst);
            connection.turnIn = 0;
            connection.turnOut = 0;
        }
        connection.turnIn = (int) Math.min(MOST, connection.turnIn + count);
        judge(connection);
    }

    static void onSubmitted(Connection connection, long count) {
        connection.turnOut = (int) Math.min(MOST, connection.turnOut + count);
        judge(connection);
    }

    /** {@link Option#CHARACTERISTIC}. */
    static void force(Connection connection, int characteristic) {
        connection.forced = (byte) characteristic;
        if (characteristic == Option.CHARACTERISTIC_AUTO) {
            judge(connection);
        } else {
            connection.isUrgent = characteristic != Option.CHARACTERISTIC_BULK;
        }
    }

    private static int average(int average, int turn, boolean isFirst) {
        return isFirst ? turn : average + (turn - average) / 4;
    }

    private static void judge(Connection connection) {
        if (connection.forced != Option.CHARACTERISTIC_AUTO) {
            return;
        }
        int turn = Math.max(connection.turnIn, connection.turnOut);
        int average = Math.max(connection.averageIn, connection.averageOut);
        if (turn >= BULK_BYTES || average >= BULK_BYTES) {
            connection.isUrgent = false;
        } else if (average < INTERACTIVE_BYTES && turn < INTERACTIVE_BYTES) {
            connection.isUrgent = true;
        }
    }

    /** {@code interactive}, {@code bulk} or {@code idle}; any thread, good for people. */
    static String name(Connection connection, long quietNs) {
        return quietNs > IDLE_NS ? "idle" : connection.isBulk() ? "bulk" : "interactive";
    }

    /** Why; any thread. */
    static String reason(Connection connection, long quietNs) {
        if (quietNs > IDLE_NS) {
            return "nothing came for " + quietNs / 1_000_000 + " ms";
        }
        if (connection.forced != Option.CHARACTERISTIC_AUTO) {
            return "set by client or configuration";
        }
        return "turn so far " + connection.turnIn + " B in, " + connection.turnOut + " B out; average turn "
                + connection.averageIn + " B in, " + connection.averageOut + " B out; bulk from " + BULK_BYTES
                + " B on, interactive below " + INTERACTIVE_BYTES + " B";
    }
}
