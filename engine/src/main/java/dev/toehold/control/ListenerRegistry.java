package dev.toehold.control;

import java.util.Map;
import java.util.TreeMap;

/** The listeners that stand, as the lcores told the control thread. */
final class ListenerRegistry {
    /** A listener of a session. */
    record Entry(int sessionId, long handle, long localHigh, long localLow, int localPort, int backlog) {}

    private final Map<Long, Entry> byHandle = new TreeMap<>();

    void add(int sessionId, long handle, long localHigh, long localLow, int localPort, int backlog) {
        byHandle.put(handle, new Entry(sessionId, handle, localHigh, localLow, localPort, backlog));
    }

    void remove(long handle) {
        byHandle.remove(handle);
    }

    void removeSession(ClientSession client) {
        if (client.session != null) {
            byHandle.values().removeIf(entry -> entry.sessionId() == client.session.id());
        }
    }

    Iterable<Entry> all() {
        return byHandle.values();
    }

    int count() {
        return byHandle.size();
    }
}
