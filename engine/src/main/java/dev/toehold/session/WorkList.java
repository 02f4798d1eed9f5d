package dev.toehold.session;

/** Connections of one session in the order in which something became due for them. A connection is on one such list at most. */
final class WorkList {
    private Connection first;
    private Connection last;

    Connection first() {
        return first;
    }

    void add(Connection connection) {
        connection.nextWork = null;
        if (last == null) {
            first = connection;
        } else {
            last.nextWork = connection;
        }
        last = connection;
    }

    /** Takes the first off; null = none. */
    Connection poll() {
        Connection taken = first;
        if (taken != null) {
            first = taken.nextWork;
            if (first == null) {
                last = null;
            }
            taken.nextWork = null;
        }
        return taken;
    }
}
