package dev.toehold.session;

import dev.toehold.abi.ResultCode;
import dev.toehold.placement.BufferGroup;
import dev.toehold.placement.Copier;
import dev.toehold.placement.CpuCopier;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.Region;
import dev.toehold.stack.ConnectionHandler;
import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.function.Function;

/**
 * The sessions of one lcore: the application's side of its connections, and the taking of what clients submit. In a pass of the
 * lcore come, in this order, the {@link ConnectionHandler} callbacks of the receive burst, {@link #pollSubmissions},
 * {@link #publish}; then TCP commits and acknowledges; at the end {@link #wakeClients}.
 *
 * <p>Everything here runs on the lcore's thread. The control thread sends its commands through the lcore's queue
 * ({@link LcoreSessionsProxy}).
 */
public final class LcoreSessions {
    private static final long HEARTBEAT_NS = 1_000_000L;

    private final TcpCommands tcp;
    private final SessionSet sessions = new SessionSet();
    private final ConnectionTable table;
    private final Lifecycle lifecycle;
    private final Verbs verbs;
    private final Resuming resuming;
    private final SessionEnds ends;
    private final SessionWork work;
    private final TcpCallbacks callbacks;
    private final LingerWheel lingering = new LingerWheel();
    private final QuietBuffers quiet = new QuietBuffers();
    private final SessionCounters counters = new SessionCounters();
    private final PlacementCounters placementCounters = new PlacementCounters();
    private final Copier copier;
    private final Copies copies;
    private final EarlyWakeup earlyWakeup = new EarlyWakeup();

    private int nextToPoll;
    private long lastHeartbeatNs;

    /** Sessions whose payload the CPU places. */
    public LcoreSessions(
            TcpCommands tcp,
            SessionEvents events,
            AddressIndex addresses,
            int firstIndex,
            int maxConnections,
            int firstListenerIndex,
            int maxListeners) {
        this(tcp, events, addresses, firstIndex, maxConnections, firstListenerIndex, maxListeners, CpuCopier::new);
    }

    /**
     * @param firstIndex TCB index of this lcore's first connection
     * @param maxConnections of this lcore
     * @param firstListenerIndex of this lcore
     * @param maxListeners of this lcore
     * @param newCopier makes what places payload, to count with these counters
     */
    public LcoreSessions(
            TcpCommands tcp,
            SessionEvents events,
            AddressIndex addresses,
            int firstIndex,
            int maxConnections,
            int firstListenerIndex,
            int maxListeners,
            Function<PlacementCounters, Copier> newCopier) {
        this.tcp = tcp;
        copier = newCopier.apply(placementCounters);
        table = new ConnectionTable(firstIndex, maxConnections);
        Listeners listeners = new Listeners(tcp, events, firstListenerIndex, maxListeners);
        copies = new Copies(tcp, table, copier);
        lifecycle = new Lifecycle(tcp, addresses, table, copies, lingering, quiet, counters);
        verbs = new Verbs(tcp, table, listeners, lifecycle, counters);
        resuming = new Resuming(tcp, table, listeners, lifecycle, counters);
        ends = new SessionEnds(tcp, events, sessions, listeners, lifecycle, lingering, counters, maxConnections);
        work = new SessionWork(table, lifecycle, verbs, ends, quiet, counters);
        callbacks = new TcpCallbacks(sessions, table, listeners, lifecycle, ends, counters, placementCounters);
    }

    /** Where TCP tells what becomes of the connections. */
    public ConnectionHandler handler() {
        return callbacks;
    }

    /** Sessions with a queue pair on this lcore. */
    public int count() {
        return sessions.size();
    }

    public SessionCounters counters() {
        return counters;
    }

    public PlacementCounters placementCounters() {
        return placementCounters;
    }

    /** Bytes that the clients' libraries say they copied, ended sessions included. */
    public long copiedBytes() {
        return sessions.copiedBytes();
    }

    /** What this lcore is to hold of a session; to be attached. Any thread. */
    public LcoreSession newLcoreSession(Session session, EngineQueuePair queuePair, Collection<Region> regions) {
        return new LcoreSession(session, queuePair, placementCounters, copier, regions);
    }

    /** Starts polling a session's queue pair. */
    public void attach(LcoreSession session) {
        sessions.add(session);
    }

    public void addRegion(LcoreSession session, Region region) {
        session.regions.add(region);
    }

    /** Takes no new reference to the region; calls {@code onIdle} when the last one is gone. */
    public void removeRegion(LcoreSession session, int region, Runnable onIdle) {
        session.regions.remove(region);
        session.onRegionIdle[region] = onIdle;
        session.removingRegions++;
        ends.completeRegionRemovals(session);
    }

    public void addGroup(LcoreSession session, BufferGroup group, long nowNs) {
        session.addGroup(group);
        for (Connection c = session.firstConnection; c != null; c = c.nextOfSession) {
            if (!c.is(Connection.CONNECTING | Connection.TERMINATED | Connection.CLOSED | Connection.FREED)) {
                lifecycle.grant(c, false, nowNs);
            }
        }
    }

    /**
     * Ends a session: open connections are reset, closed ones linger, listeners go. Calls {@code onQuiescent} when nothing on this
     * lcore refers to its memory any more, and forgets it.
     */
    public void end(LcoreSession session, Runnable onQuiescent) {
        session.onQuiescent = onQuiescent;
        ends.beginEnd(session);
    }

    /** {@link dev.toehold.abi.Option#CHARACTERISTIC} of connections to come; before the first. */
    public void characteristic(int value) {
        lifecycle.characteristic(value);
    }

    String characteristic(int index, long quietNs) {
        Connection connection = table.find(index);
        return connection == null ? "" : Classifier.name(connection, quietNs);
    }

    String characteristicReason(int index, long quietNs) {
        Connection connection = table.find(index);
        return connection == null ? "" : Classifier.reason(connection, quietNs);
    }

    int postedReceives(int index) {
        Connection connection = table.find(index);
        return connection == null ? 0 : connection.postedCount();
    }

    long unconsumedBytes(int index) {
        Connection connection = table.find(index);
        return connection == null ? 0 : connection.unconsumed;
    }

    /** A client takes up a connection or listener of an earlier engine. */
    public ResumeResult resume(LcoreSession session, ResumeRequest request, long nowNs) {
        return resuming.resume(session, request, nowNs);
    }

    /** See {@link TcpCommands#finishResume}. */
    public void finishResume(int sessionId, boolean isBack, long nowNs) {
        tcp.finishResume(sessionId, isBack, nowNs);
    }

    /** FLUSH by the management. OK, or STALE. */
    public int flush(int index, long nowNs) {
        Connection connection = table.find(index);
        if (connection == null || connection.is(Connection.CONNECTING | Connection.TERMINATED | Connection.CLOSED)) {
            return ResultCode.STALE;
        }
        verbs.flush(connection, nowNs);
        return ResultCode.OK;
    }

    /** ABORT by the management: the client hears of it as of any reset. OK, or STALE. */
    public int abort(int index, long nowNs) {
        Connection connection = table.find(index);
        if (connection == null || connection.is(Connection.TERMINATED)) {
            return ResultCode.STALE;
        }
        tcp.abort(tcp.tcb(index), nowNs);
        return ResultCode.OK;
    }

    /**
     * Takes what clients submitted, in turns, so that none starves another; then what time has made due.
     *
     * @return submissions and buffers taken, and other work done
     */
    public int pollSubmissions(long nowNs) {
        int done = copier.poll(nowNs);
        int count = sessions.size();
        for (int i = 0; i < count; i++) {
            LcoreSession session = sessions.get((nextToPoll + i) % count);
            done += session.isEnding ? ends.continueEnd(session, nowNs) : work.poll(session, nowNs);
            done += work.serveWaiting(session, nowNs);
        }
        nextToPoll++;
        if (nextToPoll >= count) {
            nextToPoll = 0;
        }
        done += ends.abortOrphans(nowNs);
        done += ends.expireLingering(nowNs);
        done += work.unbindQuiet(nowNs);
        ends.removeEnded();
        if (done > 0) {
            heartbeat(nowNs);
        }
        return done;
    }

    /** Appends what is due and makes all completions visible. Returns how many sessions got some. */
    public int publish(long nowNs) {
        int published = 0;
        copies.poll();
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            if (session.regions.hasFaulted()) {
                ends.fault(session);
            }
            work.settle(session, nowNs);
            boolean isPatient = session.patientCompletions == session.queuePair.unpublished();
            session.patientCompletions = 0;
            if (session.queuePair.publish()) {
                session.isPatient = isPatient && (session.isPatient || !session.isWakeupDue);
                session.isWakeupDue = true;
                session.isPublishedInPass = true;
                published++;
            }
        }
        return published;
    }

    /**
     * Wakes each client that sleeps and got something since it was last looked at: at most one system call a session. For bulk alone that waits
     * while passes go on to bring something.
     */
    public void wakeClients() {
        boolean isFenced = false;
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            boolean mayWait = session.isPatient
                    && session.isPublishedInPass
                    && session.patientPasses < Classifier.PATIENT_PASSES
                    && !session.isEnding;
            session.isPublishedInPass = false;
            if (session.isWakeupDue && mayWait) {
                session.patientPasses++;
            } else if (session.isWakeupDue) {
                session.patientPasses = 0;
                session.isPatient = false;
                session.isWakeupDue = false;
                earlyWakeup.onServed(session);
                if (!isFenced) {
                    // Dekker: cqTail before needWakeup. One fence serves all queue pairs.
                    VarHandle.fullFence();
                    isFenced = true;
                }
                wake(session);
            }
        }
        earlyWakeup.endOfPass();
    }

    /** A packet has ended the lcore's sleep: wakes the client that is likely to be told something, if it sleeps. */
    public void wakeEarly() {
        LcoreSession session = earlyWakeup.take();
        if (session != null && wake(session)) {
            counters.earlyWakeups++;
        }
    }

    private boolean wake(LcoreSession session) {
        if (session.isEnding || !session.queuePair.takeClientWakeup()) {
            return false;
        }
        counters.clientWakeups++;
        session.session.wakeup().signal();
        return true;
    }

    /**
     * The lcore wants to sleep: asks all clients for a doorbell. The caller polls everything once more before it sleeps, and calls
     * {@link #disarmWakeups} when it is awake.
     *
     * @return false if a client has work for the lcore right now, or a copy engine will have
     */
    public boolean armWakeups() {
        if (!copier.isIdle()) {
            return false;
        }
        for (int i = 0; i < sessions.size(); i++) {
            sessions.get(i).queuePair.armWakeup();
        }
        VarHandle.fullFence();
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            if (session.isWakeupDue || (!session.isEnding && !session.isQuiet())) {
                return false;
            }
        }
        return true;
    }

    /** The doorbell of this session has woken the lcore. */
    public void onRing(int sessionId) {
        LcoreSession session = sessions.byId(sessionId);
        if (session != null) {
            session.rings.onRing();
        }
    }

    public void disarmWakeups() {
        for (int i = 0; i < sessions.size(); i++) {
            sessions.get(i).queuePair.disarmWakeup();
        }
    }

    /** When {@link #pollSubmissions} has something to do even if no client does; Long.MAX_VALUE = never. */
    public long nextDeadlineNs() {
        long deadlineNs = Math.min(lingering.nextDeadlineNs(), quiet.nextDeadlineNs());
        for (int i = 0; i < sessions.size(); i++) {
            deadlineNs = Math.min(deadlineNs, sessions.get(i).nextDeadlineNs());
        }
        return deadlineNs;
    }

    /** Whether a session ends here and needs more passes. */
    public boolean isEnding() {
        return ends.isEnding();
    }

    /**
     * A fault in client memory came through as an error of the JVM. Ends the session that was worked for.
     *
     * @return false if no session was: the error is somebody else's
     */
    public boolean onMemoryFault() {
        return ends.onMemoryFault();
    }

    /** Nothing is placed any more; every session has ended. */
    public void close() {
        copier.close();
    }

    private void heartbeat(long nowNs) {
        if (nowNs - lastHeartbeatNs >= HEARTBEAT_NS) {
            lastHeartbeatNs = nowNs;
            for (int i = 0; i < sessions.size(); i++) {
                sessions.get(i).queuePair.heartbeat(nowNs);
            }
        }
    }
}
