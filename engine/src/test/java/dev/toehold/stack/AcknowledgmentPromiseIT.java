package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Handle;
import dev.toehold.abi.Op;
import dev.toehold.abi.Option;
import dev.toehold.engine.LcoreClients;
import dev.toehold.engine.LcoreCommands;
import dev.toehold.engine.LcorePass;
import dev.toehold.ffi.dpdk.DmaDev;
import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.net.IpAddress;
import dev.toehold.placement.DelayedCopyChannel;
import dev.toehold.placement.DmaCopyChannel;
import dev.toehold.placement.PlacementCounters;
import dev.toehold.placement.Region;
import dev.toehold.port.Adapter;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortCounters;
import dev.toehold.port.PortLink;
import dev.toehold.session.FakeClient;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.session.SessionLimits;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The first promise, seen from the wire: whenever a packet leaves the engine, what it acknowledges lies in client memory, the record
 * covers it, and the client can see the completion of every RECEIVE that it fills.
 */
class AcknowledgmentPromiseIT {
    private static final long MS = 1_000_000;
    private static final int PORT = 7;
    private static final int LENGTH = 1 << 20;
    private static final int RECEIVES = 4;
    private static final long COPY_DELAY_NS = 5 * MS;
    private static final int LEAST_COPY = 512;
    private static final int MAX_PASSES = 300_000;
    private static final SessionEvents NO_EVENTS = new SessionEvents() {
        @Override
        public void onSessionError(Session session, int resultCode) {
            throw new AssertionError("session ended: " + resultCode);
        }

        @Override
        public void onListening(Session session, long handle, long high, long low, int port, int backlog) {}

        @Override
        public void onListenerClosed(Session session, long handle) {}
    };

    private static Eal eal;
    private static PktMbufPool pool;
    private static Lcore lcore;
    private static int made;

    @TempDir
    Path directory;

    private final long seed = System.nanoTime();
    private final byte[] bytes = new byte[LENGTH];
    private final Arena arena = Arena.ofShared();
    private final MemorySegment region = arena.allocate(LENGTH, 64);
    private final FakeClient client = new FakeClient(arena, 64, 64, 64);
    private final TreeSet<Long> acknowledged = new TreeSet<>();
    private final List<Throwable> errors = new ArrayList<>();
    private long now = 1_000_000_000_000L;
    private long completed;
    private long handle;
    private int connection = -1;
    private long stepTakesNs;
    private long beganNs;
    private long firstAcknowledgmentNs;
    private LcoreStack engine;
    private LcoreClients clients;

    @BeforeAll
    static void start() {
        eal = Eal.init(EalConfig.ofMegabytes(64).withHugepages(EalConfig.Hugepages.NEVER));
        pool = PktMbufPool.create("promise", 8191, 256, PktMbufPool.DEFAULT_DATA_ROOM, PktMbufPool.SOCKET_ANY);
        lcore = Lcore.register();
    }

    @AfterAll
    static void stop() {
        lcore.close();
        pool.close();
        eal.close();
    }

    /** The engine's end of the wire. */
    private final class Watched implements PacketPort {
        private final PacketPort wire;

        Watched(PacketPort wire) {
            this.wire = wire;
        }

        @Override
        public int txBurst(int queue, MbufArray mbufs, int from, int count) {
            if (connection >= 0) {
                check();
            }
            return wire.txBurst(queue, mbufs, from, count);
        }

        @Override
        public int rxBurst(int queue, MbufArray mbufs, int from, int count) {
            return wire.rxBurst(queue, mbufs, from, count);
        }

        @Override
        public Adapter adapter() {
            return wire.adapter();
        }

        @Override
        public int wakeFd(int queue) {
            return wire.wakeFd(queue);
        }

        @Override
        public int takeWakeError(int queue) {
            return wire.takeWakeError(queue);
        }

        @Override
        public PortLink link() {
            return wire.link();
        }

        @Override
        public PortCounters counters() {
            return wire.counters();
        }

        @Override
        public void close() {
            wire.close();
        }
    }

    /** At the moment when packets of the connection leave: what they acknowledge at most. */
    private void check() {
        Tcb tcb = engine.tcbAt(connection);
        long ack = tcb.lastAckSent();
        assertTrue(ack <= tcb.rcvPosition(), "acknowledged before it is committed");
        long from = acknowledged.isEmpty() ? 0 : acknowledged.last();
        for (long at = from; at < ack; at++) {
            assertEquals(bytes[(int) at], region.get(ValueLayout.JAVA_BYTE, at), "acknowledged, not in client memory");
        }
        if (ack > 0 && acknowledged.add(ack) && firstAcknowledgmentNs == 0) {
            firstAcknowledgmentNs = now;
        }
        poll();
        long filled = ack / (LENGTH / RECEIVES) * (LENGTH / RECEIVES);
        assertTrue(completed >= filled, () -> "acknowledged=" + ack + ", the client sees " + completed);
    }

    private void poll() {
        FakeClient.Completion completion;
        while ((completion = client.poll()) != null) {
            if (completion.op() == Op.ACCEPT) {
                handle = completion.handle();
            } else if (completion.op() == Op.RECEIVE) {
                assertEquals(completed, completion.position());
                completed += completion.length();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void shouldAcknowledgeAReceiveAsItFillsAndNothingThatTheClientCannotFind(int lossPercent) throws Exception {
        transfer(lossPercent, LcoreClients::of);
    }

    /** Every check of the above, where each payload comes to its place 5 ms after its packet came and every 50th by another way. */
    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void shouldAcknowledgeNothingBeforeTheCopyEngineHasPlacedIt(int lossPercent) throws Exception {
        DelayedCopyChannel channel = new DelayedCopyChannel(64, COPY_DELAY_NS, () -> now, copy -> copy % 50 == 49);
        transfer(lossPercent, (stack, events) -> LcoreClients.of(stack, events, channel, LEAST_COPY));
        PlacementCounters placement = clients.sessions().placementCounters();
        assertTrue(placement.engineCopiedBytes > LENGTH / 4, () -> "by the engine: " + placement.engineCopiedBytes);
        assertTrue(placement.engineCopyFailures > 0);
        assertTrue(
                placement.engineCopiedBytes + placement.cpuCopiedBytes >= LENGTH,
                "each byte is placed by the one or by the other");
        assertTrue(firstAcknowledgmentNs - beganNs >= COPY_DELAY_NS, "acknowledged before it can be there");
    }

    /** The same with a driver that copies on a thread of its own, in real time: the stack's clock does not run faster. */
    @Test
    void shouldAcknowledgeNothingBeforeADmaDeviceHasPlacedIt() throws Exception {
        stepTakesNs = MS;
        try (DmaDev device = DmaDev.open("dma_skeleton0")) {
            DmaCopyChannel channel = new DmaCopyChannel(device, device.start());
            transfer(3, (stack, events) -> LcoreClients.of(stack, events, channel, LEAST_COPY));
        }
        PlacementCounters placement = clients.sessions().placementCounters();
        assertTrue(placement.engineCopiedBytes > LENGTH / 4, () -> "by the device: " + placement.engineCopiedBytes);
        assertEquals(0, placement.engineCopyFailures);
    }

    private void transfer(int lossPercent, BiFunction<LcoreStack, SessionEvents, LcoreClients> newClients)
            throws Exception {
        int free = pool.availableCount();
        System.out.println("seed=" + seed);
        new Random(seed).nextBytes(bytes);
        WirePort[] wire = WirePort.pair(new Random(seed), lossPercent);
        wire[0].accept = 16; // packets in a burst, so that one does not fill a RECEIVE
        WakeSocket[] wakeup = WakeSocket.pair();
        try (StateFile ours = stateFile("ours");
                StateFile theirs = stateFile("theirs");
                Doorbell doorbell = new Doorbell();
                DispatchRings ourRings = rings(doorbell);
                DispatchRings theirRings = rings(doorbell)) {
            engine = stack(2, new Watched(wire[1]), ours, ourRings);
            LcoreStack peer = stack(1, wire[0], theirs, theirRings);
            clients = newClients.apply(engine, NO_EVENTS);
            clients.sessions().characteristic(Option.CHARACTERISTIC_BULK);
            engine.bind(new KnownNeighbour(0x020000000001L), clients.handler());
            BytesHandler sender = new BytesHandler();
            peer.bind(new KnownNeighbour(0x020000000002L), sender);
            LcorePass pass = new LcorePass(new LcoreCommands(doorbell), engine, clients);
            Session session =
                    new Session(1, "promise", new PeerCredentials(1, 0, 0), wakeup[0], 0, SessionLimits.of(16, 8));
            clients.sessions()
                    .attach(clients.sessions()
                            .newLcoreSession(session, client.engineSide(), List.of(new Region(0, region, true))));
            client.listen(1, PORT, 16, 16);
            pass.run(now);
            IpAddress to = IpAddress.parse("10.0.0.2");
            int index = peer.connect(1, 1, to.hi(), to.lo(), PORT, 0, 0, now);
            assertTrue(index >= 0);
            for (int i = 0; i < MAX_PASSES && completed < LENGTH; i++) {
                step(peer, pass);
                poll();
                if (handle != 0 && connection < 0) {
                    connection = Handle.index(handle);
                    for (int r = 0; r < RECEIVES; r++) {
                        int length = LENGTH / RECEIVES;
                        client.receive(handle, r, (long) r * length, 0, (long) r * length, length, 0);
                    }
                    beganNs = now;
                    sender.stream(peer.tcbAt(index)).toSend = bytes;
                    peer.core().send(peer.tcbAt(index), LENGTH, false, now);
                }
            }
            assertEquals(LENGTH, completed);
            for (int i = 0; i < 1000 && sender.stream(peer.tcbAt(index)).acknowledged < LENGTH; i++) {
                step(peer, pass);
            }
            assertEquals(LENGTH, sender.stream(peer.tcbAt(index)).acknowledged);
            // Several acknowledgments within each RECEIVE: it is not acknowledged when it is full.
            for (int r = 0; r < RECEIVES; r++) {
                long start = (long) r * LENGTH / RECEIVES;
                int count = acknowledged
                        .subSet(start, false, start + LENGTH / RECEIVES, false)
                        .size();
                assertTrue(count > 2, "acknowledgments within RECEIVE " + r + ": " + count);
            }
            assertEquals(List.of(), errors);
            clients.close();
            wire[0].close();
            wire[1].close();
            engine.close();
            peer.close();
            assertEquals(free, pool.availableCount(), "mbufs, packets that a copy engine was given included");
        } finally {
            wakeup[0].close();
            wakeup[1].close();
            arena.close();
        }
    }

    private void step(LcoreStack peer, LcorePass pass) {
        peer.pollRx(now);
        peer.endOfBurst(now);
        peer.pollTimers(now);
        peer.flushTx();
        pass.run(now);
        now += MS;
        if (stepTakesNs > 0) {
            LockSupport.parkNanos(stepTakesNs);
        }
    }

    private StateFile stateFile(String name) throws Exception {
        return StateFile.open(Files.createDirectory(directory.resolve(name)), 64, 1, StateFile.Leftovers.REFUSE);
    }

    private static DispatchRings rings(Doorbell doorbell) {
        made++;
        return new DispatchRings("p" + made, new Doorbell[] {doorbell}, 256);
    }

    private LcoreStack stack(int host, PacketPort port, StateFile file, DispatchRings rings) {
        IpAddress address = IpAddress.parse("10.0.0." + host);
        LocalAddresses addresses =
                new LocalAddresses(List.of(new LocalAddresses.Entry(0, address.hi(), address.lo(), 24)));
        LcorePort lcorePort = new LcorePort(0, port, 0, 0, 0, 0x020000000000L + host, 1500, true, false, false);
        return new LcoreStack(
                new LcoreEnvironment(
                        0,
                        List.of(lcorePort),
                        file,
                        rings,
                        pool,
                        addresses,
                        new Routes(addresses, List.of()),
                        TcpConfig.defaults(),
                        seed + host,
                        errors::add),
                lcore,
                now);
    }
}
