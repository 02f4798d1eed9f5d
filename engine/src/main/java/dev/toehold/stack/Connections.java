package dev.toehold.stack;

import dev.toehold.net.FlowHash;
import dev.toehold.net.IcmpError;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbLayout;
import dev.toehold.tcp.TcpState;

/**
 * The connections of one lcore: their records, the flow table over them, their timers, and a few bytes beside each record that a
 * restart need not know. All arrays are indexed by the TCB's index less the first of the lcore's range.
 */
final class Connections {
    /** The application knows of it: it was accepted, or opened by a client. */
    static final int KNOWN = 1;

    /** It counts against its listener's backlog. */
    static final int PENDING = 1 << 1;

    /** It is in the tables. */
    static final int ENTERED = 1 << 3;

    /** It is in the list of those that the end of the burst looks at. */
    static final int TOUCHED = 1 << 2;

    /** An earlier engine left it, and its client is not back yet. */
    static final int WAITING = 1 << 4;

    private final MappedTcbStore store;
    private final FlowTable flows;
    private final TimerWheel timers;
    private final FlowHash flowHash;
    private final Tcb probe;
    private final byte[] flags;
    private final short[] routes;
    private final int[] touched;
    private int touchedCount;

    Connections(StateFile file, MappedTcbStore store, FlowHash flowHash, long nowNs) {
        this.store = store;
        this.flowHash = flowHash;
        probe = new Tcb(file.tcbs());
        flows = new FlowTable(store.capacity(), this::matches);
        timers = new TimerWheel(store.capacity(), nowNs);
        flags = new byte[store.capacity()];
        routes = new short[store.capacity()];
        touched = new int[store.capacity()];
    }

    private boolean matches(
            int index, long localHi, long localLo, long remoteHi, long remoteLo, int localPort, int remotePort) {
        probe.wrap(index);
        return probe.remoteLow() == remoteLo
                && probe.remotePort() == remotePort
                && probe.localPort() == localPort
                && probe.localLow() == localLo
                && probe.remoteHigh() == remoteHi
                && probe.localHigh() == localHi;
    }

    MappedTcbStore store() {
        return store;
    }

    FlowTable flows() {
        return flows;
    }

    TimerWheel timers() {
        return timers;
    }

    long hash(Tcb tcb) {
        return flowHash.hash(
                tcb.localHigh(), tcb.localLow(), tcb.remoteHigh(), tcb.remoteLow(), tcb.localPort(), tcb.remotePort());
    }

    /** TCB index of the connection that an ICMP error quotes, or {@link FlowTable#NONE}. */
    int find(IcmpError error) {
        long hash = flowHash.hash(
                error.localHi(),
                error.localLo(),
                error.remoteHi(),
                error.remoteLo(),
                error.localPort(),
                error.remotePort());
        return flows.find(
                (int) hash,
                error.localHi(),
                error.localLo(),
                error.remoteHi(),
                error.remoteLo(),
                error.localPort(),
                error.remotePort());
    }

    /** Whether a record is in the tables: entered and not removed. */
    boolean isEntered(Tcb tcb) {
        return has(tcb, ENTERED);
    }

    /** Enters a record whose identity is filled in; there is room, because there is a slot for each record. */
    void add(Tcb tcb, int route, int initialFlags) {
        int local = local(tcb);
        flags[local] = (byte) (initialFlags | ENTERED);
        routes[local] = (short) route;
        flows.add((int) hash(tcb), tcb.index());
    }

    /** Takes a record out of every table and frees it. */
    void remove(Tcb tcb) {
        int local = local(tcb);
        flows.remove((int) hash(tcb), tcb.index());
        timers.cancel(local);
        // Its entry in the list of touched ones may stay: the end of the burst skips what is not marked.
        flags[local] = 0;
        store.free(tcb);
    }

    int route(Tcb tcb) {
        return routes[local(tcb)];
    }

    void route(Tcb tcb, int route) {
        routes[local(tcb)] = (short) route;
    }

    boolean has(Tcb tcb, int flag) {
        return (flags[local(tcb)] & flag) != 0;
    }

    void set(Tcb tcb, int flag) {
        flags[local(tcb)] |= (byte) flag;
    }

    void unset(Tcb tcb, int flag) {
        flags[local(tcb)] &= (byte) ~flag;
    }

    /** Makes the end of the burst look at it, once. */
    void touch(Tcb tcb) {
        int local = local(tcb);
        if ((flags[local] & TOUCHED) == 0) {
            if (touchedCount == touched.length) {
                compactTouched();
            }
            flags[local] |= TOUCHED;
            touched[touchedCount] = local;
            touchedCount++;
        }
    }

    /** Drops entries of freed records: each marked record is in the list once, so there is room afterwards. */
    private void compactTouched() {
        int kept = 0;
        for (int i = 0; i < touchedCount; i++) {
            int local = touched[i];
            if ((flags[local] & TOUCHED) != 0 && !containsTouched(local, kept)) {
                touched[kept] = local;
                kept++;
            }
        }
        touchedCount = kept;
    }

    private boolean containsTouched(int local, int count) {
        for (int i = 0; i < count; i++) {
            if (touched[i] == local) {
                return true;
            }
        }
        return false;
    }

    int touchedCount() {
        return touchedCount;
    }

    /** Moves {@code tcb} to the i-th touched record and unmarks it; false if it is not marked any more. */
    boolean takeTouched(int i, Tcb tcb) {
        int local = touched[i];
        if ((flags[local] & TOUCHED) == 0) {
            return false;
        }
        flags[local] &= ~TOUCHED;
        tcb.wrap(store.first() + local);
        return tcb.state() != TcpState.FREE;
    }

    /** Forgets the first {@code count} of the list; what was touched meanwhile moves up. */
    void dropTouched(int count) {
        System.arraycopy(touched, count, touched, 0, touchedCount - count);
        touchedCount -= count;
    }

    int local(Tcb tcb) {
        return tcb.index() - store.first();
    }

    /** Bytes of state-file memory that the records used so far take. */
    long usedBytes() {
        return (long) store.highWater() * TcbLayout.LENGTH;
    }
}
