package dev.toehold.session;

/**
 * Connections whose last provided buffer is partly filled, oldest first. One that stays quiet for {@link #QUIET_NS} gives the
 * buffer back, so that an idle connection has none bound.
 */
final class QuietBuffers {
    static final long QUIET_NS = 2_000_000L;

    private Connection first;
    private Connection last;

    /** Notes that the connection delivered something now. */
    void note(Connection connection, long nowNs) {
        connection.quietSinceNs = nowNs;
        if (!connection.is(Connection.QUIETING)) {
            connection.set(Connection.QUIETING);
            append(connection, nowNs);
        }
    }

    /** A connection that has been quiet, taken off the queue; it may have been released meanwhile. Null if none is due. */
    Connection poll(long nowNs) {
        while (first != null && first.quietQueuedNs + QUIET_NS <= nowNs) {
            Connection connection = first;
            first = connection.nextQuiet;
            if (first == null) {
                last = null;
            }
            connection.nextQuiet = null;
            if (connection.owner == null || connection.quietSinceNs + QUIET_NS <= nowNs) {
                connection.clear(Connection.QUIETING);
                return connection;
            }
            append(connection, nowNs);
        }
        return null;
    }

    long nextDeadlineNs() {
        return first == null ? Long.MAX_VALUE : first.quietQueuedNs + QUIET_NS;
    }

    private void append(Connection connection, long nowNs) {
        connection.quietQueuedNs = nowNs;
        if (first == null) {
            first = connection;
        } else {
            last.nextQuiet = connection;
        }
        last = connection;
    }
}
