package dev.toehold.stack;

import dev.toehold.abi.Handle;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.net.FlowHash;
import dev.toehold.net.IcmpError;
import dev.toehold.net.IpAddress;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpCore;
import dev.toehold.tcp.TcpCounters;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.MemorySegment;
import org.agrona.ErrorHandler;

/**
 * The network side of one lcore: everything between its ports and its applications. Made, called and ended on the lcore's thread. The
 * agent calls, in each pass, {@link #pollRx}, the sessions, {@link #endOfBurst}, {@link #pollTimers}, {@link #flushTx}, so that
 * completions are published between placement and acknowledgment.
 *
 * <p>A bug met while one connection is worked on resets that connection and goes to the error handler; the lcore goes on.
 */
public final class LcoreStack implements LinkEvents {
    /** Packets of one burst. */
    static final int RX_BURST = 64;

    /** Bursts of one port or ring in one pass: bounds a pass, so that no source starves another. */
    private static final int MAX_BURSTS = 2;

    private static final int MAX_TIMERS = 256;

    private final int lcore;
    private final LcorePort[] ports;
    private final DispatchRings rings;
    private final PacketBuffers buffers;
    private final MappedTcbStore store;
    private final Connections connections;
    private final ListenerTable listeners;
    private final ListenerRecords listenerRecords;
    private final int firstListenerIndex;
    private final Transmitter transmitter;
    private final TcpHost host;
    private final TcpCore core;
    private final TcpCounters tcpCounters = new TcpCounters();
    private final StackCounters counters = new StackCounters();
    private final Fragments fragments;
    private final Demultiplexer demultiplexer;
    private final Opens opens;
    private final Resumption resumption;
    private final long startNs;
    private final LocalAddresses addresses;
    private final Routes routes;
    private final ErrorHandler errorHandler;
    private final MbufArray burst = new MbufArray(RX_BURST);
    private final TimerWheel.ExpiryHandler onExpiry = this::onExpiry;
    private final Tcb rxTcb;
    private final Tcb passTcb;
    private final Tcb timerTcb;
    private final Tcb applicationTcb;
    private long frame;
    private LinkLayer link;
    private ConnectionHandler handler;

    /**
     * Called on the lcore's own thread.
     *
     * @param environment what the engine made for all lcores and for this one
     * @param dpdkLcore this thread's registration
     */
    public LcoreStack(LcoreEnvironment environment, Lcore dpdkLcore, long nowNs) {
        this(environment, new PoolBuffers(environment.pool(), dpdkLcore), CoreSurroundings.NONE, nowNs);
    }

    /**
     * For a stack that needs no DPDK: its mbufs are of the caller's making, {@link LcoreEnvironment#pool} is not looked at.
     *
     * @param surroundings what is put around the TCP core
     */
    public LcoreStack(LcoreEnvironment environment, PacketBuffers buffers, CoreSurroundings surroundings, long nowNs) {
        lcore = environment.lcore();
        startNs = nowNs;
        ports = environment.ports().toArray(LcorePort[]::new);
        rings = environment.rings();
        addresses = environment.addresses();
        routes = environment.routes();
        errorHandler = environment.errorHandler();
        StateFile file = environment.stateFile();
        this.buffers = buffers;
        FlowHash flowHash = new FlowHash(file.hashKey(0), file.hashKey(1));
        store = new MappedTcbStore(file, lcore);
        connections = new Connections(file, store, flowHash, nowNs);
        listeners = new ListenerTable(StateFileDescriptor.LISTENERS_PER_LCORE);
        listenerRecords = new ListenerRecords(file.listeners(lcore));
        firstListenerIndex = file.maxConnections() + lcore * StateFileDescriptor.LISTENERS_PER_LCORE;
        listenerRecords.restore(listeners);
        resumption = new Resumption(
                connections,
                listeners,
                firstListenerIndex,
                routes,
                addresses,
                counters,
                new Tcb(file.tcbs()),
                new Tcb(file.tcbs()),
                environment.resumeGraceNs());
        int hopLimit = environment.tcpConfig().hopLimit();
        transmitter = new Transmitter(lcore, ports, rings, buffers, routes, flowHash, hopLimit, counters);
        host = new TcpHost(
                connections, listeners, firstListenerIndex, transmitter, routes, resumption, environment.randomSeed());
        core = new TcpCore(environment.tcpConfig(), surroundings.store(store), surroundings.effects(host), tcpCounters);
        opens = new Opens(
                file,
                connections,
                listeners,
                firstListenerIndex,
                routes,
                addresses,
                ports,
                flowHash,
                rings,
                lcore,
                transmitter,
                environment.tcpConfig().synCookies(),
                counters,
                nowNs);
        rxTcb = new Tcb(file.tcbs());
        passTcb = new Tcb(file.tcbs());
        timerTcb = new Tcb(file.tcbs());
        applicationTcb = new Tcb(file.tcbs());
        fragments = new Fragments(rings, flowHash, counters);
        demultiplexer = new Demultiplexer(
                lcore,
                ports,
                buffers,
                rings,
                connections,
                listeners,
                opens,
                resumption,
                transmitter,
                addresses,
                flowHash,
                fragments,
                counters,
                rxTcb);
    }

    /**
     * Joins the stack with the other two rooms of the lcore, once, before anything else is called, and takes up what an earlier engine
     * left.
     */
    public void bind(LinkLayer newLink, ConnectionHandler newHandler) {
        link = newLink;
        handler = newHandler;
        transmitter.bind(newLink, newHandler);
        host.bind(newLink, newHandler);
        demultiplexer.bind(core, newLink, newHandler);
        host.now(startNs);
        resumption.begin(this, core, newHandler, startNs);
    }

    /** For the link layer, to be made before {@link #bind}. */
    public FrameOutput frameOutput() {
        return transmitter;
    }

    public LocalAddresses addresses() {
        return addresses;
    }

    public Routes routes() {
        return routes;
    }

    public int lcore() {
        return lcore;
    }

    /** Receives from ports and rings; nothing is acknowledged yet. Returns how many packets. */
    public int pollRx(long nowNs) {
        host.now(nowNs);
        int packets = 0;
        for (LcorePort port : ports) {
            if (port.rxQueue() != LcorePort.NONE) {
                packets += pollPort(port, nowNs);
            }
        }
        for (int from = 0; from < rings.lcoreCount(); from++) {
            packets += pollRing(from, nowNs);
        }
        if (packets > 0) {
            counters.add(StackCounters.RX_PACKETS, packets);
            demultiplexer.ringDoorbells();
        }
        return packets;
    }

    private int pollPort(LcorePort port, long nowNs) {
        int packets = 0;
        for (int i = 0; i < MAX_BURSTS; i++) {
            int count = port.port().rxBurst(port.rxQueue(), burst, 0, RX_BURST);
            if (count > 0) {
                counters.rxBursts().record(count);
            }
            receive(count, port.index(), false, nowNs);
            packets += count;
            if (count < RX_BURST) {
                break;
            }
        }
        return packets;
    }

    private int pollRing(int from, long nowNs) {
        int packets = 0;
        for (int i = 0; i < MAX_BURSTS; i++) {
            int count = rings.rx(from, lcore).dequeueBurst(burst, 0, RX_BURST);
            receive(count, LcorePort.NONE, true, nowNs);
            packets += count;
            if (count < RX_BURST) {
                break;
            }
        }
        counters.add(StackCounters.RX_DISPATCHED_IN, packets);
        return packets;
    }

    /** A fault in client memory passes through; the mbufs are freed all the same, and what was not looked at is as if lost. */
    private void receive(int count, int portIndex, boolean isDispatched, long nowNs) {
        try {
            for (int i = 0; i < count; i++) {
                long mbuf = burst.get(i);
                frame = mbuf;
                int from = isDispatched ? Mbuf.port(mbuf) : portIndex;
                if (receive(mbuf, from, isDispatched, nowNs) == Demultiplexer.PASSED_ON) {
                    burst.set(i, 0);
                }
            }
        } finally {
            frame = 0;
            buffers.free(burst, 0, count);
        }
    }

    private int receive(long mbuf, int portIndex, boolean isDispatched, long nowNs) {
        try {
            return demultiplexer.receive(mbuf, portIndex, isDispatched, nowNs);
        } catch (RuntimeException e) {
            onError(e, rxTcb, nowNs);
            return Demultiplexer.DONE;
        }
    }

    /**
     * Keeps the packet that is being received beyond its burst, until {@link #releaseFrame}.
     *
     * @param memory where its payload lies
     * @return 0 if that is no mbuf: a packet put together from fragments
     */
    public long retainFrame(MemorySegment memory) {
        if (frame == 0 || !memory.equals(buffers.memory())) {
            return 0;
        }
        buffers.retain(frame);
        return frame;
    }

    public void releaseFrame(long retained) {
        buffers.free(retained);
    }

    /** After the completions of this pass were published: commits, then ACKs and data. */
    public void endOfBurst(long nowNs) {
        host.now(nowNs);
        int count = connections.touchedCount();
        for (int i = 0; i < count; i++) {
            if (connections.takeTouched(i, passTcb)) {
                try {
                    core.onBurstEnd(passTcb, nowNs);
                } catch (RuntimeException e) {
                    onError(e, passTcb, nowNs);
                }
            }
        }
        if (count > 0) {
            connections.dropTouched(count);
        }
    }

    /** Runs timers that are due, of TCP and of the link. Returns how many. */
    public int pollTimers(long nowNs) {
        host.now(nowNs);
        int fired = connections.timers().poll(nowNs, MAX_TIMERS, onExpiry);
        counters.add(StackCounters.TIMERS_FIRED, fired);
        return fired + resumption.poll(nowNs) + fragments.expire(link, nowNs) + link.pollTimers(nowNs);
    }

    private void onExpiry(int local, long nowNs) {
        timerTcb.wrap(store.first() + local);
        if (timerTcb.state() == TcpState.FREE) {
            return;
        }
        long deadline = timerTcb.nextDeadline();
        if (deadline > nowNs) {
            connections.timers().armNoLaterThan(local, deadline);
            return;
        }
        try {
            core.onTimer(timerTcb, nowNs);
        } catch (RuntimeException e) {
            onError(e, timerTcb, nowNs);
        }
    }

    /** Hands frames to ports and rings. Returns how many. */
    public int flushTx() {
        return transmitter.flush();
    }

    /** When timers want {@link #pollTimers} next; {@link TimerWheel#NEVER} = not until something happens. */
    public long nextDeadlineNs() {
        return Math.min(
                Math.min(connections.timers().nextDeadlineNs(), resumption.nextDeadlineNs()),
                Math.min(link.nextDeadlineNs(), fragments.nextDeadlineNs()));
    }

    /** Whether something is left that only another pass moves: the lcore must not sleep. */
    public boolean hasWork() {
        return connections.touchedCount() > 0 || transmitter.hasBacklog() || rings.hasWorkFor(lcore);
    }

    /**
     * The record that a handle names, on a flyweight that the next call moves.
     *
     * @return null if the handle is not of a living connection of this lcore
     */
    public Tcb tcb(long handle) {
        return store.wrap(applicationTcb, handle) ? applicationTcb : null;
    }

    /** The record at an index that is known to be of this lcore and in use, on the same flyweight as {@link #tcb}. */
    public Tcb tcbAt(int index) {
        return applicationTcb.wrap(index);
    }

    /** Handle of a connection. */
    public static long handle(Tcb tcb) {
        return Handle.of(tcb.lcore(), tcb.generation(), tcb.index());
    }

    /** Handle of a listener, by the index that {@link #listen} gave. */
    public long listenerHandle(int listenerIndex) {
        return Handle.of(lcore, listeners.generation(listenerIndex - firstListenerIndex), listenerIndex);
    }

    /** Index of the listener that a handle names, or {@link ResultCode#STALE}. */
    public int listenerIndex(long handle) {
        int slot = Handle.index(handle) - firstListenerIndex;
        return Handle.lcore(handle) == lcore
                        && listeners.isInUse(slot)
                        && listeners.generation(slot) == Handle.generation(handle)
                ? firstListenerIndex + slot
                : ResultCode.STALE;
    }

    /** Session of a listener in use. */
    public int listenerSession(int listenerIndex) {
        return listeners.sessionId(listenerIndex - firstListenerIndex);
    }

    /** First index of this lcore's listeners; there are {@link StateFileDescriptor#LISTENERS_PER_LCORE}. */
    public int firstListenerIndex() {
        return firstListenerIndex;
    }

    /** First index of this lcore's connections. */
    public int firstTcbIndex() {
        return store.first();
    }

    /** Most connections of this lcore. */
    public int maxConnections() {
        return store.capacity();
    }

    /** Records of this lcore that were ever used: indexes from {@link #firstTcbIndex} on. */
    public int usedTcbs() {
        return store.highWater();
    }

    /** Connections of this lcore now, in whatever state. */
    public int connectionCount() {
        return store.liveCount();
    }

    /** Like the other one, from the address that the route chooses. */
    public int connect(
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localPort,
            long timeoutNs,
            long nowNs) {
        return connect(
                sessionId,
                userData,
                remoteHigh,
                remoteLow,
                remotePort,
                LocalAddresses.NONE,
                localPort,
                timeoutNs,
                nowNs);
    }

    /**
     * Opens a connection; the SYN leaves in this pass.
     *
     * @param localAddress index in {@link #addresses}, {@link LocalAddresses#NONE} = the route chooses (RFC 9293 MUST-43, MUST-44)
     * @param localPort 0 = any
     * @param timeoutNs 0 = the configured limit
     * @return TCB index, or a negative {@link ResultCode}: INVALID, UNREACHABLE, ADDRESS_IN_USE (also a local port that leads to
     *     another lcore), LIMIT
     */
    public int connect(
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localAddress,
            int localPort,
            long timeoutNs,
            long nowNs) {
        host.now(nowNs);
        return opens.activeOpen(
                core,
                handler,
                sessionId,
                userData,
                remoteHigh,
                remoteLow,
                remotePort,
                localAddress,
                localPort,
                timeoutNs,
                host.random(),
                nowNs);
    }

    /**
     * Begins to listen on an address of ours, 0.0.0.0 in mapped form, or all zero for both families.
     *
     * @return listener index, or a negative {@link ResultCode}: INVALID, UNREACHABLE (no address of ours), ADDRESS_IN_USE, LIMIT
     */
    public int listen(int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog) {
        if (localPort < 1 || localPort > 0xFFFF || backlog < 1) {
            return ResultCode.INVALID;
        }
        if (!IpAddress.isUnspecified(localHigh, localLow)
                && addresses.find(localHigh, localLow) == LocalAddresses.NONE) {
            return ResultCode.UNREACHABLE;
        }
        if (listeners.findExact(localHigh, localLow, localPort) != ListenerTable.NONE) {
            return ResultCode.ADDRESS_IN_USE;
        }
        int slot = listeners.add(sessionId, userData, localHigh, localLow, localPort, backlog);
        if (slot == ListenerTable.NONE) {
            return ResultCode.LIMIT;
        }
        listenerRecords.open(slot, listeners);
        return firstListenerIndex + slot;
    }

    /** Ends a listener in use; connections that were not accepted yet are reset, accepted ones go on. */
    public void closeListener(int listenerIndex, long nowNs) {
        host.now(nowNs);
        int slot = listenerIndex - firstListenerIndex;
        for (int i = 0; i < store.highWater() && listeners.pending(slot) > 0; i++) {
            passTcb.wrap(store.first() + i);
            if (passTcb.state() != TcpState.FREE
                    && passTcb.listenerIndex() == listenerIndex
                    && connections.has(passTcb, Connections.PENDING)) {
                core.abort(passTcb, nowNs);
            }
        }
        listeners.remove(slot);
        listenerRecords.close(slot, listeners.generation(slot));
    }

    /** Makes {@link #endOfBurst} look at a connection: commit, acknowledge, send. */
    public void touch(Tcb tcb) {
        connections.touch(tcb);
    }

    /** What an earlier engine left, for clients that come back. */
    public Resumption resumption() {
        return resumption;
    }

    /** Commands for connections; each transmits at once into this pass's batch. */
    public TcpCore core() {
        return core;
    }

    public TcpCounters tcpCounters() {
        return tcpCounters;
    }

    /** Listeners that this lcore has. */
    public int listenerCount() {
        return listeners.size();
    }

    public StackCounters counters() {
        return counters;
    }

    @Override
    public void onResolved(int portIndex, long addressHigh, long addressLow, long mac, long nowNs) {
        transmitter.onResolved(portIndex, addressHigh, addressLow, mac);
    }

    @Override
    public void onUnreachable(int portIndex, long addressHigh, long addressLow, long nowNs) {
        transmitter.onUnreachable(portIndex, addressHigh, addressLow);
    }

    @Override
    public void onIcmpError(int kind, IcmpError error, long nowNs) {
        int index = connections.find(error);
        if (index == FlowTable.NONE || connections.has(rxTcb.wrap(index), Connections.WAITING)) {
            return;
        }
        TcpCore.IcmpKind icmpKind = switch (kind) {
            case IcmpError.PACKET_TOO_BIG -> TcpCore.IcmpKind.TOO_BIG;
            case IcmpError.HARD -> TcpCore.IcmpKind.HARD;
            default -> TcpCore.IcmpKind.SOFT;
        };
        core.onIcmp(rxTcb.wrap(index), icmpKind, error.mtu(), error.seq(), nowNs);
    }

    /** A bug of ours: the connection that was worked on is given up, and if even that fails taken out by force. */
    private void onError(RuntimeException e, Tcb tcb, long nowNs) {
        counters.increment(StackCounters.ERRORS);
        errorHandler.onError(e);
        int state = tcb.index() >= store.first() && connections.isEntered(tcb) ? tcb.state() : TcpState.FREE;
        if (state == TcpState.FREE) {
            return;
        }
        try {
            core.abort(tcb, nowNs);
        } catch (RuntimeException again) {
            errorHandler.onError(again);
        }
        if (connections.isEntered(tcb) && tcb.state() != TcpState.FREE) {
            host.onTerminated(tcb, TcpHost.ABORTED);
            host.onFreed(tcb);
        }
    }

    /** Resets every connection that is left, so that peers need not find out by themselves. For an orderly end. */
    public void abortAll(long nowNs) {
        host.now(nowNs);
        for (int i = 0; i < store.highWater(); i++) {
            passTcb.wrap(store.first() + i);
            if (passTcb.state() > TcpState.CLOSED) {
                core.abort(passTcb, nowNs);
            }
        }
    }

    /** Gives all mbufs back. Nothing may be called afterwards. */
    public void close() {
        transmitter.discard();
        fragments.close();
    }
}
