package dev.toehold.session;

/**
 * Closed connections that still owe bytes to their peer, by the second in which their linger time ends. Deadlines beyond the
 * wheel's turn stay in their bucket for another turn.
 */
final class LingerWheel {
    static final long TICK_NS = 1_000_000_000L;
    private static final int BUCKETS = 64;

    private final Connection[] buckets = new Connection[BUCKETS];
    private long tick = Long.MIN_VALUE;
    private int size;

    void add(Connection connection) {
        int bucket = bucket(connection.deadlineNs);
        connection.set(Connection.LINGERING);
        connection.previousLingering = null;
        connection.nextLingering = buckets[bucket];
        if (buckets[bucket] != null) {
            buckets[bucket].previousLingering = connection;
        }
        buckets[bucket] = connection;
        size++;
    }

    void remove(Connection connection) {
        if (!connection.is(Connection.LINGERING)) {
            return;
        }
        Connection next = connection.nextLingering;
        Connection previous = connection.previousLingering;
        if (previous == null) {
            buckets[bucket(connection.deadlineNs)] = next;
        } else {
            previous.nextLingering = next;
        }
        if (next != null) {
            next.previousLingering = previous;
        }
        connection.nextLingering = null;
        connection.previousLingering = null;
        connection.clear(Connection.LINGERING);
        size--;
    }

    /** A connection whose time is over, taken off the wheel; null if there is none (more) now. */
    Connection pollExpired(long nowNs) {
        long now = Math.floorDiv(nowNs, TICK_NS);
        if (size == 0 || tick == Long.MIN_VALUE) {
            tick = now;
        }
        tick = Math.max(tick, now - BUCKETS);
        while (tick < now) {
            for (Connection c = buckets[(int) Math.floorMod(tick, (long) BUCKETS)]; c != null; c = c.nextLingering) {
                if (c.deadlineNs <= nowNs) {
                    remove(c);
                    return c;
                }
            }
            tick++;
        }
        return null;
    }

    /** When {@link #pollExpired} has to be called next; Long.MAX_VALUE = never. */
    long nextDeadlineNs() {
        return size == 0 ? Long.MAX_VALUE : (tick + 1) * TICK_NS;
    }

    private static int bucket(long deadlineNs) {
        return (int) Math.floorMod(Math.floorDiv(deadlineNs, TICK_NS), (long) BUCKETS);
    }
}
