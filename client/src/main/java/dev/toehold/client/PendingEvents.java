package dev.toehold.client;

/** What the user of one connection has not been told yet: noted while state changes, told at the owner's next drain. */
final class PendingEvents {
    static final int READABLE = 1;
    static final int TERMINATED = 2;
    static final int CLOSED = 4;

    private final ConnectionCore connection;
    private final QueuePairCore owner;
    private ConnectionEvents user;
    private int pending;

    PendingEvents(ConnectionCore connection, QueuePairCore owner) {
        this.connection = connection;
        this.owner = owner;
    }

    void user(ConnectionEvents events) {
        user = events;
    }

    void raise(int events) {
        if (pending == 0) {
            owner.addEvent(connection);
        }
        pending |= events;
    }

    void drain() {
        int due = pending;
        pending = 0;
        if (user == null) {
            return;
        }
        if ((due & READABLE) != 0) {
            user.onReadable();
        }
        if ((due & TERMINATED) != 0) {
            user.onTerminated(connection.terminatedCode());
        }
        if ((due & CLOSED) != 0) {
            user.onClosed();
        }
    }

    void drainCompletion(int op, Object attachment, long token, int result, int filled) {
        if (user != null) {
            user.onCompleted(op, attachment, token, result, filled);
        }
    }
}
