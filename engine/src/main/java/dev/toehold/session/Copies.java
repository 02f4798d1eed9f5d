package dev.toehold.session;

import dev.toehold.placement.Copier;

/**
 * Connections of one lcore whose payload a copy engine still moves. What was received up to some moment may be told to the client and
 * acknowledged to the peer once the last copy before that moment is made; meanwhile more may come. So each connection waits for one
 * such moment at a time, and takes the next when that is over: however fast segments come, it gets on.
 */
final class Copies {
    private final TcpCommands tcp;
    private final ConnectionTable table;
    private final Copier copier;
    private Connection first;
    private Connection last;

    Copies(TcpCommands tcp, ConnectionTable table, Copier copier) {
        this.tcp = tcp;
        this.table = table;
        this.copier = copier;
    }

    /**
     * Brings {@link Connection#copiedEnd} up to date: all that came if it lies in client memory, else what does, and the connection waits. Not
     * inside a callback of TCP's.
     */
    void advance(Connection connection) {
        if (connection.is(Connection.COPY_WAITING)) {
            return;
        }
        if (connection.owner.regions.hasFaulted()) {
            tcp.holdCommit(tcp.tcb(connection.index)); // bytes are lost: its session ends
            return;
        }
        if (connection.copyTicket <= copier.completed()) {
            connection.copiedEnd = connection.rcvNxt;
            if (connection.is(Connection.COPYING)) {
                connection.clear(Connection.COPYING);
                if (!connection.is(Connection.SLOTLESS)) {
                    tcp.releaseCommit(tcp.tcb(connection.index));
                }
            }
            return;
        }
        connection.waitTicket = connection.copyTicket;
        connection.waitEnd = connection.rcvNxt;
        connection.nextCopying = null;
        if (last == null) {
            first = connection;
        } else {
            last.nextCopying = connection;
        }
        last = connection;
        if (connection.is(Connection.COPYING)) {
            tcp.commitPart(tcp.tcb(connection.index));
        } else {
            tcp.holdCommit(tcp.tcb(connection.index));
        }
        connection.set(Connection.COPYING | Connection.COPY_WAITING);
    }

    /** Puts those whose copies are made on their sessions' lists of work. */
    void poll() {
        while (first != null && first.waitTicket <= copier.completed()) {
            Connection connection = first;
            first = connection.nextCopying;
            if (first == null) {
                last = null;
            }
            connection.nextCopying = null;
            connection.clear(Connection.COPY_WAITING);
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (!connection.is(Connection.CLOSED | Connection.TERMINATED | Connection.FREED)) {
                connection.copiedEnd = Math.max(connection.copiedEnd, connection.waitEnd);
                connection.set(Connection.DELIVERY_DUE);
                connection.owner.queue(connection);
            }
        }
    }

    /** Waits until all that came lies in client memory: somebody is about to take that memory away. */
    void finish(Connection connection) {
        copier.finish(connection.copyTicket);
        connection.copiedEnd = connection.rcvNxt;
    }
}
