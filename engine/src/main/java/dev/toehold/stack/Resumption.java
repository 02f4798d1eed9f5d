package dev.toehold.stack;

import dev.toehold.abi.ResultCode;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpCore;
import dev.toehold.tcp.TcpState;
import java.util.BitSet;

/**
 * Connections and listeners that an earlier engine left to this lcore. Each waits for its client until the grace time is over, silent to
 * its peer: what comes for it is dropped, as if this engine were not there yet. What needs no client any more (TIME-WAIT, a closed
 * connection that has sent everything) goes on at once.
 *
 * <p>While anything waits, nobody is sent a reset for a segment that has no connection.
 */
public final class Resumption {
    /** {@link #find}: the connection is as it says, and needs its client's memory. */
    public static final int WAITING = 0;

    /** {@link #find}: it goes on without its client, who may learn its positions. */
    public static final int DETACHED = 1;

    /** A listener of an earlier engine whose client is back. */
    public record Listener(int index, long userData, long high, long low, int port, int backlog) {}

    private static final int ENDINGS_PER_PASS = 64;

    private final Connections connections;
    private final MappedTcbStore store;
    private final ListenerTable listeners;
    private final int firstListenerIndex;
    private final Routes routes;
    private final LocalAddresses addresses;
    private final StackCounters counters;
    private final Tcb tcb;
    private final Tcb found;
    private final BitSet waitingListeners = new BitSet();
    private final long graceNs;
    private TcpCore core;
    private LcoreStack stack;
    private ConnectionHandler handler;
    private long deadlineNs = TimerWheel.NEVER;
    private int waitingCount;
    private int foreignCount;
    private int cursor;

    /** @param listeners those of the earlier engine, and none else */
    Resumption(
            Connections connections,
            ListenerTable listeners,
            int firstListenerIndex,
            Routes routes,
            LocalAddresses addresses,
            StackCounters counters,
            Tcb tcb,
            Tcb found,
            long graceNs) {
        this.connections = connections;
        this.store = connections.store();
        this.listeners = listeners;
        this.firstListenerIndex = firstListenerIndex;
        this.routes = routes;
        this.addresses = addresses;
        this.counters = counters;
        this.tcb = tcb;
        this.found = found;
        this.graceNs = graceNs;
        for (int slot = 0; slot < listeners.capacity(); slot++) {
            waitingListeners.set(slot, listeners.isInUse(slot));
        }
    }

    /** Takes up everything in the records. Once, before the first packet. */
    void begin(LcoreStack owner, TcpCore newCore, ConnectionHandler newHandler, long nowNs) {
        stack = owner;
        handler = newHandler;
        core = newCore;
        for (int local = 0; local < store.highWater(); local++) {
            tcb.wrap(store.first() + local);
            if (tcb.state() != TcpState.FREE) {
                take(nowNs);
            }
        }
        if (isHolding()) {
            deadlineNs = nowNs + graceNs;
        }
    }

    private void take(long nowNs) {
        boolean isOurs = addresses.find(tcb.localHigh(), tcb.localLow()) != LocalAddresses.NONE;
        int route = routes.find(tcb.remoteHigh(), tcb.remoteLow());
        // The clock of another boot, or of another time namespace: timers and timestamps would go wrong.
        boolean isOfThisClock = tcb.lastReceiveNs() <= nowNs;
        if (!isOurs || !isOfThisClock || !core.adopt(tcb, nowNs)) {
            foreignCount += isOurs && isOfThisClock ? 0 : 1;
            store.free(tcb);
            return;
        }
        if (route != Routes.LOOPBACK && route != Routes.UNREACHABLE) {
            tcb.portIndex(routes.portIndex(route));
        }
        if (!TcpCore.needsApplication(tcb)) {
            connections.add(tcb, route, 0);
            core.proceed(tcb, nowNs);
            return;
        }
        int slot = tcb.listenerIndex() - firstListenerIndex;
        boolean isPending = tcb.state() == TcpState.SYN_RECEIVED && listeners.isInUse(slot);
        connections.add(tcb, route, Connections.WAITING | (isPending ? Connections.PENDING : 0));
        if (isPending) {
            listeners.onPending(slot);
        }
        waitingCount++;
    }

    /** Connections that were not taken up, because their address or their clock is not this engine's. */
    public int foreignCount() {
        return foreignCount;
    }

    /** Connections that wait for their client. */
    public int waitingCount() {
        return waitingCount;
    }

    /** Whether anything waits, so that a segment without a connection is dropped and not answered by a reset. */
    boolean isHolding() {
        return waitingCount > 0 || !waitingListeners.isEmpty();
    }

    /**
     * Looks for a connection that a client of this session may take up; {@link #found} is its record.
     *
     * @return {@link #WAITING}, {@link #DETACHED}, or {@link ResultCode#STALE}
     */
    public int find(long handle, int sessionId) {
        if (!store.wrap(found, handle)
                || found.sessionId() != sessionId
                || found.state() < TcpState.ESTABLISHED
                || connections.has(found, Connections.KNOWN)) {
            return ResultCode.STALE;
        }
        return connections.has(found, Connections.WAITING) ? WAITING : DETACHED;
    }

    /** The record that {@link #find} found. */
    public Tcb found() {
        return found;
    }

    /**
     * The client of a connection that {@link #find} called waiting is back, and told what it has.
     *
     * @param rcvPosition at most rcvEdge
     */
    public void resume(Tcb waiting, long rcvPosition, long nowNs) {
        connections.unset(waiting, Connections.WAITING);
        connections.set(waiting, Connections.KNOWN);
        waitingCount--;
        counters.increment(StackCounters.RESUMED);
        core.resume(waiting, rcvPosition, nowNs);
        connections.touch(waiting);
    }

    /** What the client says cannot be: the connection is reset. */
    public void refuse(Tcb waiting, long nowNs) {
        end(waiting, nowNs);
    }

    /**
     * The client of a listener is back: SYNs and the handshakes that were under way go on.
     *
     * @return null if it is none of this session that waits
     */
    public Listener resumeListener(long handle, int sessionId, long nowNs) {
        int index = stack.listenerIndex(handle);
        int slot = index - firstListenerIndex;
        if (index < 0 || !waitingListeners.get(slot) || listeners.sessionId(slot) != sessionId) {
            return null;
        }
        waitingListeners.clear(slot);
        for (int local = 0; local < store.highWater() && listeners.pending(slot) > 0; local++) {
            tcb.wrap(store.first() + local);
            if (isWaiting() && tcb.state() == TcpState.SYN_RECEIVED && tcb.listenerIndex() == index) {
                connections.unset(tcb, Connections.WAITING);
                waitingCount--;
                core.proceed(tcb, nowNs);
            }
        }
        return new Listener(
                index,
                listeners.userData(slot),
                listeners.addressHigh(slot),
                listeners.addressLow(slot),
                listeners.port(slot),
                listeners.backlog(slot));
    }

    /**
     * The client has named everything that it knows of. A connection that was established for a listener of its own, and that no byte
     * has come or gone on, is offered once more; all else that still waits for this client is reset.
     *
     * @param isBack false = the client is gone for good: nothing is offered
     */
    public void finish(int sessionId, boolean isBack, long nowNs) {
        for (int local = 0; local < store.highWater(); local++) {
            tcb.wrap(store.first() + local);
            if (!isWaiting() || tcb.sessionId() != sessionId) {
                continue;
            }
            if (isBack && isOfferable()) {
                resume(tcb, 0, nowNs);
                handler.onAccepted(tcb);
            } else {
                end(tcb, nowNs);
            }
        }
        for (int slot = waitingListeners.nextSetBit(0); slot >= 0; slot = waitingListeners.nextSetBit(slot + 1)) {
            if (listeners.sessionId(slot) == sessionId) {
                closeListener(slot, nowNs);
            }
        }
    }

    private boolean isOfferable() {
        int slot = tcb.listenerIndex() - firstListenerIndex;
        return tcb.state() == TcpState.ESTABLISHED
                && tcb.rcvPosition() == 0
                && tcb.sndMax() <= 0
                && listeners.isInUse(slot)
                && !waitingListeners.get(slot)
                && listeners.sessionId(slot) == tcb.sessionId();
    }

    private boolean isWaiting() {
        return tcb.state() != TcpState.FREE && connections.has(tcb, Connections.WAITING);
    }

    private void end(Tcb waiting, long nowNs) {
        counters.increment(StackCounters.RESUME_EXPIRED);
        core.abort(waiting, nowNs);
    }

    private void closeListener(int slot, long nowNs) {
        waitingListeners.clear(slot);
        stack.closeListener(firstListenerIndex + slot, nowNs);
    }

    /** The record of a waiting connection goes: it was reset, here or by the management. */
    void onFreed() {
        waitingCount--;
    }

    /** After the grace time resets what is left, a bounded number a pass. Returns how many. */
    int poll(long nowNs) {
        if (deadlineNs > nowNs) {
            return 0;
        }
        int done = 0;
        while (done < ENDINGS_PER_PASS && cursor < store.highWater() && waitingCount > 0) {
            tcb.wrap(store.first() + cursor++);
            if (isWaiting()) {
                end(tcb, nowNs);
                done++;
            }
        }
        if (done < ENDINGS_PER_PASS) {
            for (int slot = waitingListeners.nextSetBit(0); slot >= 0; slot = waitingListeners.nextSetBit(slot + 1)) {
                closeListener(slot, nowNs);
            }
            deadlineNs = TimerWheel.NEVER;
        }
        return done;
    }

    /** When {@link #poll} has something to do; {@link TimerWheel#NEVER} = not any more. */
    long nextDeadlineNs() {
        return deadlineNs;
    }
}
