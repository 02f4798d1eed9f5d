package dev.toehold.session;

import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.placement.Region;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** An lcore's sessions between a {@link FakeTcp} and any number of {@link FakeClient}s. */
final class Rig implements AutoCloseable, SessionEvents {
    static final int CREDIT = 16 * 1024;

    final Arena arena = Arena.ofShared();
    final FakeTcp tcp;
    final LcoreSessions sessions;
    final List<Integer> errors = new ArrayList<>();
    final List<Long> listening = new ArrayList<>();
    private final WakeSocket[] wakeupPair = WakeSocket.pair();
    final WakeSocket wakeup = wakeupPair[1];
    long nowNs = 1_000_000_000L;
    private int nextSessionId = 1;

    Rig(int connections) {
        tcp = new FakeTcp(arena, connections);
        sessions = new LcoreSessions(tcp, this, (high, low) -> 0, 0, connections, tcp.firstListener, 8);
        tcp.handler = sessions.handler();
    }

    /** A client that is attached; region 0 is {@code region}. */
    Attached attach(int sqEntries, int cqEntries, int bufEntries, MemorySegment region, int credit) {
        return attach(sqEntries, cqEntries, bufEntries, region, credit, SessionLimits.of(tcp.capacity, 8));
    }

    Attached attach(
            int sqEntries, int cqEntries, int bufEntries, MemorySegment region, int credit, SessionLimits limits) {
        FakeClient client = new FakeClient(arena, sqEntries, cqEntries, bufEntries);
        Session session =
                new Session(nextSessionId++, "test", new PeerCredentials(1, 0, 0), wakeupPair[0], credit, limits);
        LcoreSession lcoreSession = sessions.newLcoreSession(
                session, client.engineSide(), region == null ? List.of() : List.of(new Region(0, region)));
        sessions.attach(lcoreSession);
        return new Attached(client, lcoreSession, region);
    }

    record Attached(FakeClient client, LcoreSession session, MemorySegment region) {
        void group(int id, long base, int bufferSize, int count) {
            session.addGroup(session.newGroup(id, 0, base, bufferSize, count));
        }
    }

    /** What an lcore does between the receive burst and the acknowledgments. */
    void pass() {
        nowNs += 10_000;
        sessions.pollSubmissions(nowNs);
        sessions.publish(nowNs);
        sessions.wakeClients();
    }

    @Override
    public void onSessionError(Session session, int resultCode) {
        errors.add(resultCode);
    }

    @Override
    public void onListening(Session session, long handle, long localHigh, long localLow, int localPort, int backlog) {
        listening.add(handle);
    }

    @Override
    public void onListenerClosed(Session session, long handle) {
        listening.remove(handle);
    }

    @Override
    public void close() {
        wakeup.close();
        wakeupPair[0].close();
        arena.close();
    }
}
