package dev.toehold.session;

import dev.toehold.placement.PlacementCounters;
import dev.toehold.stack.ConnectionHandler;
import dev.toehold.tcp.Tcb;
import java.lang.foreign.MemorySegment;

/** What TCP tells the sessions of one lcore. Only notes what is to be done for a connection: TCP is at work on it. */
final class TcpCallbacks implements ConnectionHandler {
    private final SessionSet sessions;
    private final ConnectionTable table;
    private final Listeners listeners;
    private final Lifecycle lifecycle;
    private final SessionEnds ends;
    private final SessionCounters counters;
    private final PlacementCounters placementCounters;

    TcpCallbacks(
            SessionSet sessions,
            ConnectionTable table,
            Listeners listeners,
            Lifecycle lifecycle,
            SessionEnds ends,
            SessionCounters counters,
            PlacementCounters placementCounters) {
        this.sessions = sessions;
        this.table = table;
        this.listeners = listeners;
        this.lifecycle = lifecycle;
        this.ends = ends;
        this.counters = counters;
        this.placementCounters = placementCounters;
    }

    @Override
    public int place(Tcb tcb, long position, MemorySegment source, long sourceOffset, int length) {
        Connection connection = table.find(tcb.index());
        if (connection == null
                || connection.is(Connection.CONNECTING | Connection.CLOSED | Connection.TERMINATED)
                || connection.owner.isEnding) {
            return 0;
        }
        LcoreSession owner = connection.owner;
        if (connection.is(Connection.ACCEPT_DUE | Connection.SLOTLESS)) {
            placementCounters.noSlot++;
            return 0;
        }
        ends.workFor(owner);
        int placed;
        try {
            placed = owner.receive.place(connection, position, source, sourceOffset, length);
        } catch (InternalError e) {
            ends.fault(owner);
            return 0;
        }
        if (placed < length && !owner.groups.hasFree(connection.onlyGroup)) {
            connection.set(Connection.STARVED);
            owner.credit.await(connection);
        }
        if (placed > 0) {
            counters.placementSizes().record(placed);
        }
        connection.set(Connection.DELIVERY_DUE);
        owner.queue(connection);
        return placed;
    }

    @Override
    public void onDelivered(Tcb tcb, boolean push) {
        Connection connection = table.find(tcb.index());
        if (connection == null || connection.is(Connection.CLOSED | Connection.TERMINATED)) {
            return;
        }
        Classifier.onReceived(connection, tcb.rcvNxt() - connection.rcvNxt);
        connection.rcvNxt = tcb.rcvNxt();
        connection.set(push ? Connection.DELIVERY_DUE | Connection.PUSHED : Connection.DELIVERY_DUE);
        connection.owner.queue(connection);
    }

    /** Told with the next bytes. */
    @Override
    public void onUrgent(Tcb tcb, long endPosition) {
        Connection connection = table.find(tcb.index());
        if (connection != null) {
            connection.urgentEnd = Math.max(connection.urgentEnd, endPosition);
        }
    }

    @Override
    public long publishedEnd(Tcb tcb) {
        Connection connection = table.find(tcb.index());
        return connection == null || connection.is(Connection.SLOTLESS) || connection.owner.isFaulted
                ? NOTHING
                : connection.copiedEnd;
    }

    @Override
    public void onEndOfStream(Tcb tcb) {
        Connection connection = table.find(tcb.index());
        if (connection == null || connection.is(Connection.CLOSED | Connection.TERMINATED)) {
            return;
        }
        connection.rcvNxt = tcb.rcvNxt();
        connection.set(Connection.ENDED | Connection.DELIVERY_DUE);
        connection.owner.queue(connection);
    }

    @Override
    public void onAcknowledged(Tcb tcb) {
        Connection connection = table.find(tcb.index());
        if (connection != null) {
            lifecycle.acknowledge(connection, tcb);
        }
    }

    @Override
    public boolean readPayload(Tcb tcb, long position, MemorySegment destination, long destinationOffset, int length) {
        Connection connection = table.find(tcb.index());
        if (connection == null || connection.owner.isFaulted) {
            return false;
        }
        ends.workFor(connection.owner);
        try {
            return connection.owner.send.read(connection, position, destination, destinationOffset, length);
        } catch (InternalError e) {
            ends.fault(connection.owner);
            return false;
        }
    }

    @Override
    public boolean admits(int listenerIndex) {
        LcoreSession.Listener listener = listeners.byIndex(listenerIndex);
        LcoreSession owner = listener == null ? null : listener.owner;
        boolean isAdmitted = owner != null
                && !owner.isEnding
                && listener.credit > 0
                && owner.queuePair.unpromised() > 0
                && owner.connectionCount < owner.session.limits().maxConnections()
                && table.hasSpare();
        if (!isAdmitted) {
            counters.notAdmitted++;
        }
        return isAdmitted;
    }

    @Override
    public void onAccepted(Tcb tcb) {
        LcoreSession owner = sessions.byId(tcb.sessionId());
        // Several SYNs may have been admitted to the last place.
        if (owner == null
                || owner.isEnding
                || owner.connectionCount >= owner.session.limits().maxConnections()
                || !table.hasSpare()) {
            ends.orphan(tcb.index());
            return;
        }
        LcoreSession.Listener listener = listeners.byIndex(tcb.listenerIndex());
        if (listener != null && listener.credit > 0) {
            listener.credit--; // several SYNs may have been admitted on one credit: it stops at 0
        }
        lifecycle.accept(lifecycle.open(owner, tcb, tcb.userData()), tcb);
    }

    @Override
    public void onConnected(Tcb tcb) {
        Connection connection = table.find(tcb.index());
        if (connection != null) {
            lifecycle.connected(connection, tcb);
        }
    }

    @Override
    public void onTerminated(Tcb tcb, int resultCode) {
        Connection connection = table.find(tcb.index());
        if (connection != null && !connection.is(Connection.TERMINATED)) {
            lifecycle.terminate(connection, tcb, resultCode);
        }
    }

    @Override
    public void onFreed(Tcb tcb) {
        Connection connection = table.find(tcb.index());
        if (connection != null) {
            lifecycle.freed(connection, tcb);
        }
    }

    @Override
    public int initialCredit(int sessionId) {
        LcoreSession owner = sessions.byId(sessionId);
        return owner == null ? 0 : owner.credit.initialWindow(owner.session.receiveCreditBytes());
    }

    @Override
    public int mostInitialCredit(int sessionId) {
        LcoreSession owner = sessions.byId(sessionId);
        return owner == null || owner.groups.isEmpty()
                ? 0
                : (int) Math.min(owner.session.receiveCreditBytes(), ReceiveCredit.INITIAL_BYTES);
    }
}
