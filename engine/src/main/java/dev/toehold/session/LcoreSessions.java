package dev.toehold.session;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.placement.BufferGroup;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.ReceiveBindings;
import dev.toehold.placement.Region;
import dev.toehold.stack.ConnectionHandler;
import dev.toehold.tcp.Tcb;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import org.agrona.collections.Int2ObjectHashMap;

/**
 * The sessions of one lcore: the application's side of its connections, and the taking of what clients submit. In a pass of the
 * lcore come, in this order, the {@link ConnectionHandler} callbacks of the receive burst, {@link #pollSubmissions},
 * {@link #publish}; then TCP commits and acknowledges; at the end {@link #wakeClients}.
 *
 * <p>Everything here runs on the lcore's thread. The control thread sends its commands through the lcore's queue
 * ({@link LcoreSessionsProxy}).
 */
public final class LcoreSessions implements ConnectionHandler {
    private static final int SUBMISSIONS_PER_PASS = 64;
    private static final int BUFFERS_PER_PASS = 256;
    private static final int ENDINGS_PER_PASS = 64;
    private static final int QUIET_PER_PASS = 64;
    private static final int LINGER_TIMEOUTS_PER_PASS = 64;
    private static final int GRANTS_PER_PASS = 64;
    private static final long HEARTBEAT_NS = 1_000_000L;

    private final TcpCommands tcp;
    private final SessionEvents events;
    private final ConnectionTable table;
    private final Listeners listeners;
    private final Lifecycle lifecycle;
    private final Verbs verbs;
    private final Resuming resuming;
    private final LingerWheel lingering = new LingerWheel();
    private final QuietBuffers quiet = new QuietBuffers();
    private final Submission submission = new Submission();
    private final SessionCounters counters = new SessionCounters();
    private final PlacementCounters placementCounters = new PlacementCounters();
    private final Int2ObjectHashMap<LcoreSession> byId = new Int2ObjectHashMap<>();
    private final ArrayList<LcoreSession> sessions = new ArrayList<>();
    private final int[] orphans = new int[ENDINGS_PER_PASS];

    private int orphanCount;
    private int nextToPoll;
    private long lastHeartbeatNs;
    private long endedCopiedBytes;
    private LcoreSession inWork;

    /**
     * @param firstIndex TCB index of this lcore's first connection
     * @param maxConnections of this lcore
     * @param firstListenerIndex of this lcore
     * @param maxListeners of this lcore
     */
    public LcoreSessions(
            TcpCommands tcp,
            SessionEvents events,
            AddressIndex addresses,
            int firstIndex,
            int maxConnections,
            int firstListenerIndex,
            int maxListeners) {
        this.tcp = tcp;
        this.events = events;
        table = new ConnectionTable(firstIndex, maxConnections);
        listeners = new Listeners(tcp, events, firstListenerIndex, maxListeners);
        lifecycle = new Lifecycle(tcp, addresses, table, lingering, quiet, counters);
        verbs = new Verbs(tcp, table, listeners, lifecycle, counters);
        resuming = new Resuming(tcp, table, listeners, lifecycle, counters);
    }

    public SessionCounters counters() {
        return counters;
    }

    public PlacementCounters placementCounters() {
        return placementCounters;
    }

    /** Bytes that the clients' libraries say they copied, ended sessions included. */
    public long copiedBytes() {
        long sum = endedCopiedBytes;
        for (int i = 0; i < sessions.size(); i++) {
            sum += sessions.get(i).queuePair.copiedBytes();
        }
        return sum;
    }

    // --- commands of the control thread, run on the lcore

    /** Starts polling a session's queue pair. */
    public void attach(LcoreSession session) {
        byId.put(session.session.id(), session);
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
        completeRegionRemovals(session);
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
        beginEnd(session);
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

    // --- the duty cycle

    /**
     * Takes what clients submitted, in turns, so that none starves another; then what time has made due.
     *
     * @return submissions and buffers taken, and other work done
     */
    public int pollSubmissions(long nowNs) {
        int work = 0;
        int count = sessions.size();
        for (int i = 0; i < count; i++) {
            LcoreSession session = sessions.get((nextToPoll + i) % count);
            work += session.isEnding ? continueEnd(session, nowNs) : poll(session, nowNs);
            work += serveWaiting(session, nowNs);
        }
        nextToPoll++;
        if (nextToPoll >= count) {
            nextToPoll = 0;
        }
        work += abortOrphans(nowNs);
        work += expireLingering(nowNs);
        work += unbindQuiet(nowNs);
        removeEnded();
        if (work > 0) {
            heartbeat(nowNs);
        }
        return work;
    }

    /** Appends what is due and makes all completions visible. Returns how many sessions got some. */
    public int publish(long nowNs) {
        int published = 0;
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            settle(session, nowNs);
            if (session.queuePair.publish()) {
                session.isWakeupDue = true;
                published++;
            }
        }
        return published;
    }

    /** Wakes each client that sleeps and got something since the last call: at most one system call a session. */
    public void wakeClients() {
        boolean isFenced = false;
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            if (session.isWakeupDue) {
                session.isWakeupDue = false;
                if (!isFenced) {
                    // Dekker: cqTail before needWakeup. One fence serves all queue pairs.
                    VarHandle.fullFence();
                    isFenced = true;
                }
                if (session.queuePair.takeClientWakeup() && !session.isEnding) {
                    counters.clientWakeups++;
                    session.session.wakeup().signal();
                }
            }
        }
    }

    /**
     * The lcore wants to sleep: asks all clients for a doorbell. The caller polls everything once more before it sleeps, and calls
     * {@link #disarmWakeups} when it is awake.
     *
     * @return false if a client has work for the lcore right now
     */
    public boolean armWakeups() {
        for (int i = 0; i < sessions.size(); i++) {
            sessions.get(i).queuePair.armWakeup();
        }
        VarHandle.fullFence();
        for (int i = 0; i < sessions.size(); i++) {
            LcoreSession session = sessions.get(i);
            if (!session.isEnding && !session.queuePair.isQuiet(session.groups.lentCount())) {
                return false;
            }
        }
        return true;
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
            deadlineNs = Math.min(deadlineNs, sessions.get(i).credit.nextDeadlineNs());
        }
        return deadlineNs;
    }

    /** Whether a session ends here and needs more passes. */
    public boolean isEnding() {
        for (int i = 0; i < sessions.size(); i++) {
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
    public boolean onMemoryFault() {
        LcoreSession session = inWork;
        inWork = null;
        if (session == null) {
            return false;
        }
        fault(session);
        return true;
    }

    // --- ConnectionHandler

    @Override
    public int place(Tcb tcb, long position, MemorySegment source, long sourceOffset, int length) {
        Connection connection = table.find(tcb.index());
        if (connection == null
                || connection.is(Connection.CONNECTING | Connection.CLOSED | Connection.TERMINATED)
                || connection.owner.isEnding) {
            return 0;
        }
        LcoreSession owner = connection.owner;
        if (connection.is(Connection.ACCEPT_DUE)) {
            placementCounters.noSlot++;
            return 0;
        }
        inWork = owner;
        int placed;
        try {
            placed = owner.receive.place(connection, position, source, sourceOffset, length);
        } catch (InternalError e) {
            fault(owner);
            return 0;
        }
        if (placed < length && !owner.groups.hasFree(connection.onlyGroup)) {
            connection.set(Connection.STARVED);
            owner.credit.await(connection);
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
        connection.rcvNxt = tcb.rcvNxt();
        connection.set(push ? Connection.DELIVERY_DUE | Connection.PUSHED : Connection.DELIVERY_DUE);
        connection.owner.queue(connection);
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
        inWork = connection.owner;
        try {
            return connection.owner.send.read(connection, position, destination, destinationOffset, length);
        } catch (InternalError e) {
            fault(connection.owner);
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
        LcoreSession owner = byId.get(tcb.sessionId());
        if (owner == null || owner.isEnding || !table.hasSpare()) {
            orphan(tcb.index());
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
        LcoreSession owner = byId.get(sessionId);
        return owner == null ? 0 : owner.credit.initialWindow(owner.session.receiveCreditBytes());
    }

    @Override
    public int mostInitialCredit(int sessionId) {
        LcoreSession owner = byId.get(sessionId);
        return owner == null || owner.groups.isEmpty()
                ? 0
                : (int) Math.min(owner.session.receiveCreditBytes(), ReceiveCredit.INITIAL_BYTES);
    }

    // --- inside

    private int poll(LcoreSession session, long nowNs) {
        EngineQueuePair queuePair = session.queuePair;
        if (!queuePair.refresh()) {
            counters.badIndexes++;
            fail(session, ResultCode.BAD_INDEX);
            return 1;
        }
        int buffers = takeBuffers(session, nowNs);
        int taken = 0;
        while (taken < SUBMISSIONS_PER_PASS && queuePair.hasSubmission()) {
            queuePair.take(submission);
            verbs.execute(session, submission, nowNs);
            taken++;
        }
        counters.submissions += taken;
        counters.buffersLent += buffers;
        if (taken + buffers > 0) {
            queuePair.releaseTaken();
        }
        if (session.removingRegions > 0) {
            completeRegionRemovals(session);
        }
        return taken + buffers;
    }

    private int takeBuffers(LcoreSession session, long nowNs) {
        EngineQueuePair queuePair = session.queuePair;
        int taken = 0;
        while (taken < BUFFERS_PER_PASS && queuePair.hasBuffer(session.groups.lentCount())) {
            long entry = queuePair.takeBuffer();
            int id = (int) entry;
            int group = (int) (entry >>> 32) & 0xffff;
            if (entry >>> 48 != 0 || !session.groups.lend(group, id)) {
                counters.refused++;
                queuePair.complete(
                        true, Op.PROVIDED, 0, 0, 0, ResultCode.INVALID, CompletionFlag.BUFFER, id, 0, 0, group, 0, 0);
            } else if (session.groups.release(group, id) instanceof Connection connection) {
                lifecycle.watchQuiet(connection, nowNs);
            }
            taken++;
        }
        return taken;
    }

    /** Lets those who wait for the pool have what there is of it, in turns. */
    private int serveWaiting(LcoreSession session, long nowNs) {
        int served = 0;
        while (served < GRANTS_PER_PASS) {
            Connection connection = session.credit.pollServable(nowNs);
            if (connection == null) {
                break;
            }
            served++;
            boolean isStarved = connection.is(Connection.STARVED);
            connection.clear(Connection.STARVED);
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (!connection.is(
                    Connection.CONNECTING | Connection.TERMINATED | Connection.CLOSED | Connection.FREED)) {
                lifecycle.grant(connection, isStarved, nowNs);
            }
        }
        return served;
    }

    /** Does the session's work in order, up to the first connection that must wait for a completion slot. */
    private void settle(LcoreSession session, long nowNs) {
        while (session.firstWork != null) {
            Connection connection = session.firstWork;
            if (connection.owner != null && !lifecycle.settle(connection, nowNs)) {
                return;
            }
            session.dequeue();
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (connection.is(Connection.FREED)) {
                lifecycle.release(connection);
            }
        }
    }

    private int unbindQuiet(long nowNs) {
        int done = 0;
        while (done < QUIET_PER_PASS) {
            Connection connection = quiet.poll(nowNs);
            if (connection == null) {
                break;
            }
            done++;
            if (connection.owner == null) {
                table.recycle(connection);
            } else if (!connection.is(Connection.CLOSED | Connection.TERMINATED | Connection.FREED)
                    && connection.owner.receive.isHoldingPartlyFilled(connection, connection.rcvNxt)) {
                lifecycle.deliver(connection, ReceiveBindings.UNBIND);
            }
        }
        return done;
    }

    private int expireLingering(long nowNs) {
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

    private void orphan(int index) {
        if (orphanCount < orphans.length) {
            orphans[orphanCount++] = index;
        }
    }

    private int abortOrphans(long nowNs) {
        int done = orphanCount;
        while (orphanCount > 0) {
            tcp.abort(tcp.tcb(orphans[--orphanCount]), nowNs);
            counters.orphansReset++;
        }
        return done;
    }

    private void fault(LcoreSession session) {
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
    private void fail(LcoreSession session, int resultCode) {
        if (!session.isEnding) {
            beginEnd(session);
            events.onSessionError(session.session, resultCode);
        }
    }

    private void beginEnd(LcoreSession session) {
        if (session.isEnding) {
            return;
        }
        session.isEnding = true;
        session.endCursor = session.firstConnection;
        session.queuePair.publish();
        session.queuePair.detach();
    }

    /** Resets what is open, a bounded number a pass. After a fault also what lingers: its bytes cannot be read. */
    private int continueEnd(LcoreSession session, long nowNs) {
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

    private void removeEnded() {
        for (int i = sessions.size() - 1; i >= 0; i--) {
            LcoreSession session = sessions.get(i);
            if (session.isEnding
                    && session.onQuiescent != null
                    && session.firstConnection == null
                    && session.firstListener == null
                    && session.firstWork == null
                    && !session.credit.hasWaiting()) {
                endedCopiedBytes += session.queuePair.copiedBytes();
                byId.remove(session.session.id());
                sessions.remove(i);
                if (inWork == session) {
                    inWork = null;
                }
                session.onQuiescent.run();
            }
        }
    }

    private void completeRegionRemovals(LcoreSession session) {
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

    private void heartbeat(long nowNs) {
        if (nowNs - lastHeartbeatNs >= HEARTBEAT_NS) {
            lastHeartbeatNs = nowNs;
            for (int i = 0; i < sessions.size(); i++) {
                sessions.get(i).queuePair.heartbeat(nowNs);
            }
        }
    }
}
