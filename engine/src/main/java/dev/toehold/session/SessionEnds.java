package dev.toehold.session;

import dev.toehold.abi.Abi;
import dev.toehold.abi.ResultCode;

/**
 * How sessions end on one lcore: because the control thread says so, because a client broke the contract, or because its memory faulted.
 * Open connections are reset and closed ones linger, a bounded number a pass; the session is forgotten when nothing refers to
 * its memory any more.
 */
final class SessionEnds {
    private static final int ENDINGS_PER_PASS = 64;
    private static final int LINGER_TIMEOUTS_PER_PASS = 64;

    private final TcpCommands tcp;
    private final SessionEvents events;
    private final SessionSet sessions;
    private final Listeners listeners;
    private final Lifecycle lifecycle;
    private final LingerWheel lingering;
    private final SessionCounters counters;
    private final int[] orphans;
    private int orphanCount;
    private int endingCount;
    private LcoreSession inWork;

    SessionEnds(
            TcpCommands tcp,
            SessionEvents events,
            SessionSet sessions,
            Listeners listeners,
            Lifecycle lifecycle,
            LingerWheel lingering,
            SessionCounters counters,
            int maxConnections) {
        orphans = new int[maxConnections];
        this.tcp = tcp;
        this.events = events;
        this.sessions = sessions;
        this.listeners = listeners;
        this.lifecycle = lifecycle;
        this.lingering = lingering;
        this.counters = counters;
    }

    /** Memory of this session is touched from here on: a fault is its. */
    void workFor(LcoreSession session) {
        inWork = session;
    }

    /** Whether a session ends here and needs more passes. */
    boolean isEnding() {
        for (int i = 0; endingCount > 0 && i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            if (session.isEnding && (session.endCursor != null || session.credit.hasWaiting())) {
                return true;
            }
        }
        return false;
    }

    /**
     * A fault in client memory came through as an error of the JVM. Ends the session that was worked for.
     *
     * @return false if no session was: the error is somebody else's
     */
    boolean onMemoryFault() {
        LcoreSession session = inWork;
        inWork = null;
        if (session == null) {
            return false;
        }
        fault(session);
        return true;
    }

    /** Resets the closed connections whose linger time is over. */
    int expireLingering(long nowNs) {
        int done = 0;
        while (done < LINGER_TIMEOUTS_PER_PASS) {
            Connection connection = lingering.pollExpired(nowNs);
            if (connection == null) {
                break;
            }
            done++;
            counters.lingerTimeouts++;
            tcp.abort(tcp.tcb(connection.index), nowNs);
        }
        return done;
    }

    /** The connection has no session any more: it is reset between two bursts. */
    void orphan(int index) {
        orphans[orphanCount++] = index; // each of the lcore's connections at most once in a pass
    }

    int abortOrphans(long nowNs) {
        int done = orphanCount;
        while (orphanCount > 0) {
            tcp.abort(tcp.tcb(orphans[--orphanCount]), nowNs);
            counters.orphansReset++;
        }
        return done;
    }

    /** The session's memory cannot be touched any more. */
    void fault(LcoreSession session) {
        if (!session.isFaulted) {
            session.isFaulted = true;
            counters.regionFaults++;
            if (session.isEnding) {
                session.endCursor = session.firstConnection; // what lingers cannot be sent any more either
            } else {
                fail(session, ResultCode.REGION_FAULT);
            }
        }
    }

    /** The lcore stops with this session at once; the control thread ends it everywhere. */
    void fail(LcoreSession session, int resultCode) {
        if (!session.isEnding) {
            beginEnd(session);
            events.onSessionError(session.session, resultCode);
        }
    }

    /** Takes nothing more from the session and tells it nothing more. */
    void beginEnd(LcoreSession session) {
        if (session.isEnding) {
            return;
        }
        session.isEnding = true;
        endingCount++;
        session.endCursor = session.firstConnection;
        session.queuePair.publish();
        session.queuePair.detach();
    }

    /** Resets what is open, a bounded number a pass. After a fault also what lingers: its bytes cannot be read. */
    int continueEnd(LcoreSession session, long nowNs) {
        int done = 0;
        while (session.firstListener != null && done < ENDINGS_PER_PASS) {
            listeners.close(session.firstListener, nowNs);
            done++;
        }
        while (session.endCursor != null && done < ENDINGS_PER_PASS) {
            Connection connection = session.endCursor;
            session.endCursor = connection.nextOfSession;
            if (connection.is(Connection.TERMINATED)) {
                lifecycle.abandon(connection);
            } else if (!connection.is(Connection.CLOSED) || session.isFaulted) {
                counters.orphansReset++;
                tcp.abort(tcp.tcb(connection.index), nowNs);
            }
            done++;
        }
        return done;
    }

    /** Forgets the sessions of which nothing is left here. */
    void removeEnded() {
        if (endingCount == 0) {
            return;
        }
        for (int i = sessions.size() - 1; i >= 0; i--) {
            LcoreSession session = sessions.get(i);
            if (session.isEnding
                    && session.onQuiescent != null
                    && session.firstConnection == null
                    && session.firstListener == null
                    && !session.hasWork()
                    && !session.credit.hasWaiting()) {
                endingCount--;
                sessions.remove(session);
                if (inWork == session) {
                    inWork = null;
                }
                session.onQuiescent.run();
            }
        }
    }

    /** Tells whoever removes a region when nothing refers to it. */
    void completeRegionRemovals(LcoreSession session) {
        for (int region = 0; region < Abi.MAX_REGIONS; region++) {
            Runnable onIdle = session.onRegionIdle[region];
            if (onIdle != null && session.regions.references(region) == 0) {
                session.onRegionIdle[region] = null;
                session.removingRegions--;
                session.regions.forget(region);
                onIdle.run();
            }
        }
    }
}
