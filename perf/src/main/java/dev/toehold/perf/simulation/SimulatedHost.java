package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.abi.Option;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.client.SimulatedClient;
import dev.toehold.engine.LcoreClients;
import dev.toehold.engine.LcoreCommands;
import dev.toehold.engine.LcorePass;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.net.IpAddress;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.Region;
import dev.toehold.session.EngineQueuePair;
import dev.toehold.session.LcoreSession;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.session.SessionLimits;
import dev.toehold.stack.DispatchRings;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.LcoreEnvironment;
import dev.toehold.stack.LcorePort;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.Routes;
import dev.toehold.stack.StateFile;
import dev.toehold.stack.TimerWheel;
import dev.toehold.stack.link.EthernetLinkLayer;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One side: an engine with one lcore and a client with one queue pair. Both sleep when they have nothing to do and wake only as the real
 * ones would: by a packet, a deadline, the other's doorbell. Which of these is forgotten is found as a stall.
 */
final class SimulatedHost implements AutoCloseable, SessionEvents {
    static final int BUFFER_REGION = 0;
    static final int APPLICATION_REGION = 1;

    private static final int TIMESTAMPS_LENGTH = 12;
    private static final int MAX_PASSES = 100;
    private static final long POLL_NS = 2_000;
    private static final long ROOM_POLL_NS = 20_000;
    /** The timer wheel rounds up. */
    private static final long WHEEL_NS = 2L << TimerWheel.TICK_SHIFT;

    private static final long LEAST_STEP_NS = 1_000;
    private static final int CLIENT_POLL_LIMIT = 256;
    private static final int DISPATCH_RING = 256;
    private static final int MAX_LISTENERS = 4;

    final int side;
    final SimulatedPort port;
    final SimulatedClient client;
    final LcoreStack stack;
    final LcoreClients sessions;
    final MemorySegment applicationMemory;
    private final HostPlan plan;
    private final SplittableRandom random;
    private final StateFile file;
    private final DispatchRings rings;
    private final LocalAddresses addresses;
    private final LcorePass pass;
    private final CheckedCore checked;
    private final WakeSocket[] wake;
    private final SimulatedCopyEngine copyEngine;
    private final LcoreSession session;
    private final EngineQueuePair queuePair;
    private final int slots;
    private final Tcb tcb;
    private boolean isEngineAsleep;
    private boolean isClientAsleep;
    private long wakeups;
    private boolean isIdleRegion;
    private boolean isQuiescent;

    long engineWakeNs;
    long clientWakeNs = Long.MAX_VALUE;

    SimulatedHost(
            Workbench bench,
            int side,
            HostPlan plan,
            VirtualLink link,
            FaultCounts faults,
            SplittableRandom random,
            Arena arena,
            long applicationBytes,
            boolean mayFlush,
            long nowNs) {
        this.side = side;
        this.plan = plan;
        this.random = random;
        wake = bench.wake(side);
        Doorbell doorbell = bench.doorbell();
        PlainBuffers buffers = bench.buffers(side);
        buffers.begin(random.split(), plan.dryMbufs(), faults);
        port = new SimulatedPort(side, link, buffers, random.split(), plan.portRefusal(), faults);
        file = StateFile.open(bench.directory(side), CheckedCore.MAX_CONNECTIONS, 1, random.split());
        rings = DispatchRings.inOwnMemory(new Doorbell[] {doorbell}, DISPATCH_RING);
        IpAddress ipv4 = address(side, false);
        IpAddress ipv6 = address(side, true);
        addresses = new LocalAddresses(List.of(
                new LocalAddresses.Entry(0, ipv4.hi(), ipv4.lo(), 24),
                new LocalAddresses.Entry(0, ipv6.hi(), ipv6.lo(), 64)));
        long mac = 0x0200_0000_0001L + side;
        LcorePort lcorePort = new LcorePort(0, port, 0, 0, 0, mac, plan.mtu(), true, false, false);
        checked = new CheckedCore(handle -> client().findable(handle), mayFlush);
        LcoreEnvironment environment = new LcoreEnvironment(
                0,
                List.of(lcorePort),
                file,
                rings,
                null,
                addresses,
                new Routes(addresses, List.of()),
                plan.tcp(),
                random.nextLong(),
                e -> {
                    throw e instanceof SimulationFailure failure
                            ? failure
                            : new SimulationFailure("an exception on the lcore: " + e, e);
                });
        port.now(nowNs);
        stack = new LcoreStack(environment, buffers, checked, nowNs);
        // A third of the hosts has one, by numbers of its own: those of the others stay as they are.
        SplittableRandom copyRandom = new SplittableRandom(nowNs + side);
        copyEngine = copyRandom.nextInt(3) == 0 ? new SimulatedCopyEngine(copyRandom, faults) : null;
        sessions = copyEngine == null
                ? LcoreClients.of(stack, this)
                : LcoreClients.of(stack, this, copyEngine, 1 << copyRandom.nextInt(11));
        // Else the first 64 KB of each turn are not for the copy engine.
        sessions.sessions()
                .characteristic(copyRandom.nextBoolean() ? Option.CHARACTERISTIC_BULK : Option.CHARACTERISTIC_AUTO);
        EthernetLinkLayer linkLayer = new EthernetLinkLayer(
                addresses, new long[] {mac}, stack.frameOutput(), stack, true, random.split(), nowNs);
        stack.bind(linkLayer, sessions.handler());
        pass = new LcorePass(new LcoreCommands(doorbell), stack, sessions);
        tcb = new Tcb(file.tcbs());

        MemorySegment rings64 =
                arena.allocate(QueuePairDescriptor.length(plan.sqEntries(), plan.cqEntries(), plan.bufEntries()), 128);
        QueuePairDescriptor.initialise(rings64, plan.sqEntries(), plan.cqEntries(), plan.bufEntries(), 0, 1);
        queuePair = new EngineQueuePair(rings64, plan.sqEntries(), plan.cqEntries(), plan.bufEntries());
        slots = queuePair.unpromised();
        client = new SimulatedClient(rings64, Math.min(plan.credit() / 4, HostPlan.LARGE_BUFFER));
        applicationMemory = arena.allocate(applicationBytes, 64);
        MemorySegment bufferMemory = arena.allocate(bufferBytes(plan), 64);
        Session identity = new Session(
                1,
                side == 0 ? "A" : "B",
                new PeerCredentials(1, 0, 0),
                wake[0],
                plan.credit(),
                SessionLimits.of(CheckedCore.MAX_CONNECTIONS, MAX_LISTENERS));
        session = sessions.sessions()
                .newLcoreSession(
                        identity,
                        queuePair,
                        List.of(
                                new Region(BUFFER_REGION, bufferMemory, true),
                                new Region(APPLICATION_REGION, applicationMemory, true)));
        sessions.sessions().attach(session);
        client.region(BUFFER_REGION, bufferMemory);
        client.region(APPLICATION_REGION, applicationMemory);
        if (!plan.isExplicit()) {
            long small = (long) plan.smallBuffers() * HostPlan.SMALL_BUFFER;
            lend(0, bufferMemory, 0, HostPlan.SMALL_BUFFER, plan.smallBuffers());
            lend(1, bufferMemory, small, HostPlan.LARGE_BUFFER, plan.largeBuffers());
        }
        engineWakeNs = nowNs;
    }

    private static long bufferBytes(HostPlan plan) {
        return (long) plan.smallBuffers() * HostPlan.SMALL_BUFFER + (long) plan.largeBuffers() * HostPlan.LARGE_BUFFER;
    }

    private void lend(int group, MemorySegment memory, long base, int size, int count) {
        session.addGroup(session.newGroup(group, BUFFER_REGION, base, size, count));
        client.group(group, BUFFER_REGION, memory, base, size, count);
    }

    private SimulatedClient client() {
        return client;
    }

    static IpAddress address(int side, boolean isIpv6) {
        return IpAddress.parse((isIpv6 ? "fd00::" : "10.0.0.") + (side + 1));
    }

    HostPlan plan() {
        return plan;
    }

    /** Whether its addresses are its own. */
    boolean isUp() {
        return addresses.isUsable(0) && addresses.isUsable(1);
    }

    void receive(byte[] frame, long nowNs) {
        port.receive(frame);
        engineWakeNs = Math.min(engineWakeNs, nowNs + delay(isEngineAsleep ? plan.coalesceNs() : 0));
    }

    private long delay(long most) {
        return most == 0 ? 0 : random.nextLong(most);
    }

    /** The engine's turn: passes until there is nothing to do, then sleep if it may. */
    void runEngine(long nowNs) {
        port.now(nowNs);
        checked.now(nowNs);
        if (copyEngine != null) {
            copyEngine.now(nowNs);
        }
        if (isEngineAsleep) {
            isEngineAsleep = false;
            sessions.disarmWakeups();
        }
        int work = 1;
        for (int i = 0; i < MAX_PASSES && work > 0; i++) {
            work = pass.run(nowNs);
            checkConnections();
        }
        wakeClient(nowNs);
        engineWakeNs = nowNs + POLL_NS;
        if (work == 0) {
            if (pass.maySleep()) {
                isEngineAsleep = true;
                engineWakeNs = Math.max(pass.nextDeadlineNs(), nowNs + LEAST_STEP_NS);
            } else {
                sessions.disarmWakeups();
            }
        }
    }

    private void wakeClient(long nowNs) {
        if (sessions.sessions().counters().clientWakeups != wakeups) {
            wakeups = sessions.sessions().counters().clientWakeups;
            check(wake[1].drain(), "a wake-up was counted and not sent", wakeups);
            check(isClientAsleep, "a client was woken that did not sleep", wakeups);
            clientWakeNs = Math.min(clientWakeNs, nowNs + delay(plan.clientDelayNs()));
        }
    }

    /** The client's turn; the application acts when its time has come. */
    void runClient(Application application, long nowNs) {
        if (isClientAsleep) {
            isClientAsleep = false;
            client.disarmWakeup();
        }
        do {
            while (client.poll(1 + random.nextInt(CLIENT_POLL_LIMIT)) > 0) {
                // until the ring is empty
            }
            application.act(nowNs);
        } while (client.hasEvents());
        if (client.takeDoorbell()) {
            engineWakeNs = Math.min(engineWakeNs, nowNs + delay(plan.coalesceNs()));
        }
        if (client.armWakeup()) {
            isClientAsleep = true;
            clientWakeNs = client.hasDeferred()
                    ? Math.min(application.nextActNs(), nowNs + ROOM_POLL_NS)
                    : application.nextActNs();
        } else {
            client.disarmWakeup();
            clientWakeNs = nowNs + LEAST_STEP_NS;
        }
    }

    /** What must hold of every connection whenever the core is not at work on it. */
    private void checkConnections() {
        int first = stack.firstTcbIndex();
        for (int index = first; index < first + stack.usedTcbs(); index++) {
            tcb.wrap(index);
            int state = tcb.state();
            if (state == TcpState.FREE || state == TcpState.CLOSED) {
                continue;
            }
            CommitRecord record = checked.record(index);
            record.allowedEdge = Math.max(record.allowedEdge, tcb.sndUna() + tcb.sndWnd());
            check(tcb.sndUna() <= tcb.sndNxt() || state < TcpState.ESTABLISHED, "sndUna > sndNxt", tcb.sndNxt());
            check(tcb.sndNxt() <= Math.max(0, tcb.sndMax()), "sndNxt > sndMax", tcb.sndNxt());
            check(tcb.rcvPosition() <= tcb.rcvNxt(), "rcvPosition > rcvNxt", tcb.rcvPosition());
            check(tcb.rcvNxt() <= tcb.rcvEdge(), "rcvNxt > rcvEdge", tcb.rcvNxt());
            check(tcb.rcvNxt() <= record.placedPrefix(), "rcvNxt covers a hole", tcb.rcvNxt());
            boolean isSynchronized = state >= TcpState.ESTABLISHED;
            check(!isSynchronized || tcb.cwnd() >= tcb.sndMss() - TIMESTAMPS_LENGTH, "cwnd < SMSS", tcb.cwnd());
            boolean isWaiting = TcpState.mayTransmit(state) && tcb.sndUna() < tcb.sndMax();
            check(!isWaiting || tcb.rexmtDeadline() != Long.MAX_VALUE, "in flight without a timer", tcb.sndUna());
            check(
                    stack.nextDeadlineNs() - WHEEL_NS <= tcb.nextDeadline() || tcb.nextDeadline() == Long.MAX_VALUE,
                    "the wheel sleeps through a deadline",
                    tcb.nextDeadline());
        }
    }

    /** For a failure's report: every record in use. */
    String describe() {
        StringBuilder text = new StringBuilder();
        for (int index = stack.firstTcbIndex(); index < stack.firstTcbIndex() + stack.usedTcbs(); index++) {
            tcb.wrap(index);
            if (tcb.state() != TcpState.FREE) {
                text.append(
                        ("  tcb %d %s %d>%d una=%d nxt=%d max=%d submitted=%d wnd=%d cwnd=%d ssthresh=%d recovery=%d"
                                        + " flags=%x rcvNxt=%d rcvPosition=%d edge=%d grant=%d fin=%d/%d/%d mss=%d rto=%dus backoff=%d"
                                        + " deadline=%d%n")
                                .formatted(
                                        index,
                                        TcpState.name(tcb.state()),
                                        tcb.localPort(),
                                        tcb.remotePort(),
                                        tcb.sndUna(),
                                        tcb.sndNxt(),
                                        tcb.sndMax(),
                                        tcb.submitted(),
                                        tcb.sndWnd(),
                                        tcb.cwnd(),
                                        tcb.ssthresh(),
                                        tcb.recovery(),
                                        tcb.flags(),
                                        tcb.rcvNxt(),
                                        tcb.rcvPosition(),
                                        tcb.rcvEdge(),
                                        tcb.rcvGrant(),
                                        tcb.finSent(),
                                        tcb.finPending(),
                                        tcb.finReceived(),
                                        tcb.sndMss(),
                                        tcb.rtoUs(),
                                        tcb.backoff(),
                                        tcb.nextDeadline()));
            }
        }
        PlacementCounters placement = sessions.sessions().placementCounters();
        text.append(("  slots unpromised=%d of %d, placement direct=%d provided=%d noBuffer=%d noSlot=%d bound=%d"
                        + " copyDelayNs=%d byCopyEngine=%d%n")
                .formatted(
                        queuePair.unpromised(),
                        slots,
                        placement.directBytes,
                        placement.providedBytes,
                        placement.noBuffer,
                        placement.noSlot,
                        placement.boundBuffers,
                        copyEngine == null ? 0 : copyEngine.mostDelayNs(),
                        placement.engineCopiedBytes));
        text.append("  engine wakes %d asleep=%b, client wakes %d asleep=%b, lent %d%n"
                .formatted(engineWakeNs, isEngineAsleep, clientWakeNs, isClientAsleep, client.lentCount()));
        return text.toString();
    }

    /** Nothing is left of any connection: what they held is back. */
    void checkNothingLeaks(PlainBuffers buffers) {
        check(stack.connectionCount() == 0, "connections that are left", stack.connectionCount());
        check(
                stack.core().boundSlots() == 0,
                "scoreboard and reassembly slots that are left",
                stack.core().boundSlots());
        check(client.connectionCount() == 0, "connections of the client that are left", client.connectionCount());
        check(client.outstanding() == 0, "submissions without an answer", client.outstanding());
        check(
                queuePair.unpromised() + client.lentCount() == slots,
                "completion slots that are missing",
                slots - queuePair.unpromised() - client.lentCount());
        check(
                buffers.freeCount() == PlainBuffers.COUNT,
                "mbufs that are left",
                PlainBuffers.COUNT - buffers.freeCount());
    }

    /** Ends the session: the engine must let go of the client's memory. */
    void endSession(long nowNs) {
        sessions.sessions().removeRegion(session, APPLICATION_REGION, () -> isIdleRegion = true);
        check(isIdleRegion, "references to a region without a user", 1);
        sessions.sessions().end(session, () -> isQuiescent = true);
        for (int i = 0; i < MAX_PASSES && !isQuiescent; i++) {
            pass.run(nowNs);
        }
        check(isQuiescent, "the session does not end", 1);
    }

    @Override
    public void onSessionError(Session broken, int resultCode) {
        throw new SimulationFailure("the engine found the client in breach of the contract: " + resultCode);
    }

    @Override
    public void onListening(Session owner, long handle, long localHigh, long localLow, int localPort, int backlog) {
        // nobody lists them here
    }

    @Override
    public void onListenerClosed(Session owner, long handle) {
        // nobody lists them here
    }

    @Override
    public void close() {
        sessions.close();
        stack.close();
        rings.close();
        port.close();
        file.delete();
        file.close();
    }
}
