package dev.toehold.session;

/** The connections of one lcore by TCB index, and the spare objects for those to come: as many as TCBs, made at start. */
final class ConnectionTable {
    private static final int BUSY_ELSEWHERE = Connection.QUEUED
            | Connection.SLOTLESS
            | Connection.WAITING
            | Connection.QUIETING
            | Connection.COPY_WAITING;

    private final int firstIndex;
    private final Connection[] byIndex;
    private final Connection[] spare;
    private int spareCount;

    ConnectionTable(int firstIndex, int capacity) {
        this.firstIndex = firstIndex;
        byIndex = new Connection[capacity];
        spare = new Connection[capacity];
        while (spareCount < capacity) {
            spare[spareCount++] = new Connection();
        }
    }

    /** Null if no client's connection has this TCB index. */
    Connection find(int index) {
        int slot = index - firstIndex;
        return slot >= 0 && slot < byIndex.length ? byIndex[slot] : null;
    }

    boolean hasSpare() {
        return spareCount > 0;
    }

    /** A connection for a TCB index of this lcore; not opened yet. The caller has seen {@link #hasSpare}. */
    Connection take(int index) {
        Connection connection = spare[--spareCount];
        byIndex[index - firstIndex] = connection;
        return connection;
    }

    /** The index no longer names this connection. */
    void forget(Connection connection) {
        int slot = connection.index - firstIndex;
        if (byIndex[slot] == connection) {
            byIndex[slot] = null;
        }
    }

    /** A connection that was released is spare again as soon as no list has it. */
    void recycle(Connection connection) {
        if (connection.owner == null && !connection.is(BUSY_ELSEWHERE)) {
            spare[spareCount++] = connection;
        }
    }
}
