package dev.toehold.session;

import java.util.ArrayList;
import org.agrona.collections.Int2ObjectHashMap;

/** The sessions attached to one lcore. */
final class SessionSet {
    private final Int2ObjectHashMap<LcoreSession> byId = new Int2ObjectHashMap<>();
    private final ArrayList<LcoreSession> sessions = new ArrayList<>();
    private long endedCopiedBytes;

    void add(LcoreSession session) {
        byId.put(session.session.id(), session);
        sessions.add(session);
    }

    void remove(LcoreSession session) {
        endedCopiedBytes += session.queuePair.copiedBytes();
        byId.remove(session.session.id());
        sessions.remove(session);
    }

    /** Null if no session has this id. */
    LcoreSession byId(int id) {
        return byId.get(id);
    }

    int size() {
        return sessions.size();
    }

    LcoreSession get(int index) {
        return sessions.get(index);
    }

    /** Bytes that the clients' libraries say they copied, ended sessions included. */
    long copiedBytes() {
        long sum = endedCopiedBytes;
        for (int i = 0; i < sessions.size(); i++) {
            sum += sessions.get(i).queuePair.copiedBytes();
        }
        return sum;
    }
}
