package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Tcp;
import dev.toehold.tcp.Requirement;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbFlags;
import dev.toehold.tcp.TcpConfig;
import dev.toehold.tcp.TcpCounters;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two stacks on one thread, joined by a wire that may lose packets, under a virtual clock. */
class LcoreStackIT {
    private static final long MS = 1_000_000;
    private static final int MBUFS = 8191;
    private static final int PORT = 7;

    private static Eal eal;
    private static PktMbufPool pool;
    private static Lcore lcore;
    private static int made;

    @TempDir
    Path directory;

    private final List<Throwable> errors = new ArrayList<>();
    private final long seed = System.nanoTime();
    private long now = 1_000_000_000_000L;
    private WirePort[] wire;
    private Side left;
    private Side right;

    /** One engine with one lcore. */
    private final class Side implements AutoCloseable {
        final StateFile file;
        final Doorbell doorbell = new Doorbell();
        final DispatchRings rings;
        final LcoreStack stack;
        final BytesHandler handler = new BytesHandler();
        final KnownNeighbour link;
        final IpAddress address;

        Side(String name, int host, WirePort port) throws Exception {
            Path state = Files.createDirectory(directory.resolve(name));
            file = StateFile.open(state, 64, 1, StateFile.Leftovers.REFUSE);
            made++;
            rings = new DispatchRings("t" + made, new Doorbell[] {doorbell}, 256);
            address = IpAddress.parse("fd00::" + host);
            IpAddress ipv4 = IpAddress.parse("10.0.0." + host);
            LocalAddresses addresses = new LocalAddresses(List.of(
                    new LocalAddresses.Entry(0, ipv4.hi(), ipv4.lo(), 24),
                    new LocalAddresses.Entry(0, address.hi(), address.lo(), 64)));
            addresses.stateRelease(1, LocalAddresses.USABLE);
            LcorePort lcorePort = new LcorePort(0, port, 0, 0, 0, 0x020000000000L + host, 1500, true, false, false);
            stack = new LcoreStack(
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
            link = new KnownNeighbour(0x020000000000L + (3 - host));
            stack.bind(link, handler);
        }

        void pass() {
            stack.pollRx(now);
            stack.endOfBurst(now);
            stack.pollTimers(now);
            stack.flushTx();
        }

        @Override
        public void close() {
            stack.close();
            rings.close();
            doorbell.close();
            file.close();
        }
    }

    @BeforeAll
    static void start() {
        eal = Eal.init(EalConfig.ofMegabytes(64).withHugepages(EalConfig.Hugepages.NEVER));
        pool = PktMbufPool.create("stack", MBUFS, 256, PktMbufPool.DEFAULT_DATA_ROOM, PktMbufPool.SOCKET_ANY);
        lcore = Lcore.register();
    }

    @AfterAll
    static void stop() {
        lcore.close();
        pool.close();
        eal.close();
    }

    private void join(int lossPercent) throws Exception {
        System.out.println("seed=" + seed);
        wire = WirePort.pair(new Random(seed), lossPercent);
        left = new Side("left", 1, wire[0]);
        right = new Side("right", 2, wire[1]);
    }

    @BeforeEach
    void forget() {
        errors.clear();
    }

    /** No test may lose an mbuf, whatever it did. */
    @AfterEach
    void checkMbufs() {
        if (wire != null) {
            wire[0].close();
            wire[1].close();
            left.close();
            right.close();
        }
        assertEquals(MBUFS, pool.availableCount());
        assertEquals(List.of(), errors);
    }

    private void run(int passes, long stepNs) {
        for (int i = 0; i < passes; i++) {
            left.pass();
            right.pass();
            now += stepNs;
        }
    }

    private int listen(Side side) {
        int listener = side.stack.listen(9, 0x77, 0, 0, PORT, 16);
        assertTrue(listener >= side.file.maxConnections(), () -> ResultCode.name(listener));
        return listener;
    }

    private int connect(Side from, IpAddress to) {
        int index = from.stack.connect(1, 0x55, to.hi(), to.lo(), PORT, 0, 0, now);
        assertTrue(index >= 0, () -> ResultCode.name(index));
        return index;
    }

    private static byte[] random(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private void send(Side side, int index, byte[] bytes) {
        side.handler.stream(side.stack.tcbAt(index)).toSend = bytes;
        side.stack.core().send(side.stack.tcbAt(index), bytes.length, false, now);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 0", "fd00::2, 0", "10.0.0.2, 3", "fd00::2, 3"})
    void shouldCarryBytesBothWaysAndClose(String destination, int lossPercent) throws Exception {
        join(lossPercent);
        right.handler.credit = 1 << 20;
        left.handler.credit = 1 << 20;
        listen(right);
        int client = connect(left, IpAddress.parse(destination));
        run(30_000, MS);
        assertTrue(left.handler.streams.get(client).open);
        int server = right.handler.accepted.getFirst();
        byte[] there = random(300_000, seed);
        byte[] back = random(200_001, ~seed);
        send(left, client, there);
        send(right, server, back);
        run(60_000, MS);
        BytesHandler.Stream atServer = right.handler.streams.get(server);
        BytesHandler.Stream atClient = left.handler.streams.get(client);
        assertEquals(there.length, atServer.delivered);
        assertArrayEquals(there, Arrays.copyOf(atServer.received, there.length));
        assertArrayEquals(back, Arrays.copyOf(atClient.received, back.length));
        assertEquals(there.length, atClient.acknowledged);
        left.stack.core().close(left.stack.tcbAt(client), now);
        run(2000, MS);
        assertTrue(atServer.endOfStream);
        right.stack.core().close(right.stack.tcbAt(server), now);
        run(200_000, MS);
        assertEquals(ResultCode.OK, atServer.terminated);
        assertEquals(ResultCode.OK, atClient.terminated);
        assertTrue(atServer.freed && atClient.freed);
        assertEquals(0, left.stack.connectionCount() + right.stack.connectionCount());
        assertEquals(0, right.stack.counters().get(StackCounters.DROP_BAD_CHECKSUM));
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 0", "fd00::2, 0", "10.0.0.2, 2"})
    void shouldReassembleWhatARouterFragmented(String destination, int lossPercent) throws Exception {
        join(lossPercent);
        FragmentingWire router = new FragmentingWire(pool, new MbufCache(pool, lcore), new Random(seed), 400);
        wire[0].fragmenting = router;
        listen(right);
        right.handler.credit = 1 << 20;
        int client = connect(left, IpAddress.parse(destination));
        run(30_000, MS);
        int server = right.handler.accepted.getFirst();
        byte[] bytes = random(100_000, seed);
        send(left, client, bytes);
        run(30_000, MS);
        assertArrayEquals(bytes, Arrays.copyOf(right.handler.streams.get(server).received, bytes.length));
        StackCounters counters = right.stack.counters();
        assertTrue(router.fragments > 4 * 100_000 / 1460, () -> "fragments=" + router.fragments);
        assertTrue(counters.get(StackCounters.REASSEMBLED) >= 100_000 / 1460);
        if (lossPercent == 0) {
            assertEquals(router.fragments, counters.get(StackCounters.FRAGMENTS_IN));
            assertEquals(0, counters.get(StackCounters.DROP_FRAGMENT_CONFLICT));
        }
    }

    /** What the port says of a TCP checksum counts; where it says nothing, the sum does. */
    @ParameterizedTest
    @CsvSource({
        "good, true, true",
        "good, false, true",
        "bad, true, false",
        "unknown, true, true",
        "unknown, false, false"
    })
    void shouldBelieveThePortAboutChecksums(String verdict, boolean isRight, boolean isTaken) throws Exception {
        join(0);
        listen(right);
        MemorySegment memory = pool.memory();
        wire[1].onReceive = mbuf -> {
            long checksum = Mbuf.dataAddress(mbuf) - memory.address() + 14 + 40 + 16;
            if (!isRight) {
                memory.set(ValueLayout.JAVA_BYTE, checksum, (byte) ~memory.get(ValueLayout.JAVA_BYTE, checksum));
            }
            long flags = switch (verdict) {
                case "good" -> Mbuf.RX_L4_CKSUM_GOOD;
                case "bad" -> Mbuf.RX_L4_CKSUM_BAD;
                default -> 0;
            };
            Mbuf.offloadFlags(mbuf, flags);
        };
        int client = connect(left, right.address);
        run(5, MS);
        assertEquals(isTaken, left.handler.streams.containsKey(client) && left.handler.streams.get(client).open);
        long dropped = right.stack.counters().get(StackCounters.DROP_BAD_CHECKSUM);
        assertEquals(!isTaken, dropped > 0, () -> "dropped=" + dropped);
    }

    @Test
    void shouldPadShortFramesWithZeros() throws Exception {
        join(0);
        MemorySegment memory = pool.memory();
        PacketBuffers buffers = new PoolBuffers(pool, lcore);
        long mbuf = buffers.allocate();
        long offset = buffers.offset(mbuf);
        memory.asSlice(offset, 200).fill((byte) 0x5A);
        assertTrue(buffers.setFrameLength(mbuf, 42));
        assertEquals(60, Mbuf.dataLength(mbuf));
        assertEquals(0x5A, memory.get(ValueLayout.JAVA_BYTE, offset + 41));
        for (int i = 42; i < 60; i++) {
            assertEquals(0, memory.get(ValueLayout.JAVA_BYTE, offset + i));
        }
        assertTrue(buffers.setFrameLength(mbuf, 61));
        assertEquals(61, Mbuf.dataLength(mbuf));
        buffers.free(mbuf);
    }

    @Test
    void shouldTalkToItself() throws Exception {
        join(0);
        listen(left);
        int client = connect(left, IpAddress.parse("10.0.0.1"));
        run(20, MS);
        int server = left.handler.accepted.getFirst();
        byte[] bytes = random(20_000, seed);
        send(left, client, bytes);
        run(200, MS);
        assertArrayEquals(bytes, Arrays.copyOf(left.handler.streams.get(server).received, bytes.length));
        assertEquals(0, left.stack.counters().get(StackCounters.TX_PACKETS));
    }

    @Test
    void shouldRefuseWhereNobodyListens() throws Exception {
        join(0);
        int client = connect(left, right.address);
        run(5, MS);
        assertEquals(ResultCode.REFUSED, left.handler.streams.get(client).terminated);
        assertEquals(1, right.stack.tcpCounters().get(TcpCounters.RESETS_SENT));
        assertEquals(0, left.stack.connectionCount());
    }

    @Test
    void shouldDropSynsWithoutCredit() throws Exception {
        join(0);
        listen(right);
        right.handler.admits = false;
        int client = connect(left, right.address);
        run(10, MS);
        assertFalse(left.handler.streams.containsKey(client) && left.handler.streams.get(client).open);
        assertEquals(0, right.stack.connectionCount());
        assertTrue(right.stack.counters().get(StackCounters.DROP_LISTEN_OVERFLOW) > 0);
        right.handler.admits = true;
        run(2000, MS);
        assertTrue(left.handler.streams.get(client).open);
    }

    @Test
    void shouldResetPendingConnectionsWhenTheirListenerCloses() throws Exception {
        join(0);
        int listener = listen(right);
        int client = connect(left, right.address);
        left.stack.flushTx();
        right.pass();
        assertEquals(1, right.stack.connectionCount());
        right.stack.closeListener(listener, now);
        assertEquals(0, right.stack.connectionCount());
        run(5, MS);
        assertEquals(ResultCode.RESET, left.handler.streams.get(client).terminated);
        assertEquals(ResultCode.STALE, right.stack.listenerIndex(right.stack.listenerHandle(listener) - (1L << 32)));
    }

    @Test
    void shouldSendWhatWaitedForTheNeighbour() throws Exception {
        join(0);
        listen(right);
        long mac = left.link.mac;
        left.link.mac = LinkLayer.PENDING;
        int client = connect(left, right.address);
        run(5, MS);
        assertNull(left.handler.streams.get(client));
        left.link.mac = mac;
        left.stack.onResolved(0, right.address.hi(), right.address.lo(), mac, now);
        run(5, MS);
        assertTrue(left.handler.streams.get(client).open);
    }

    @Test
    void shouldKeepWhatThePortDoesNotTake() throws Exception {
        join(0);
        listen(right);
        int client = connect(left, right.address);
        run(5, MS);
        int server = right.handler.accepted.getFirst();
        wire[0].accept = 1;
        byte[] bytes = random(50_000, seed);
        send(left, client, bytes);
        run(3000, MS);
        assertArrayEquals(bytes, Arrays.copyOf(right.handler.streams.get(server).received, bytes.length));
    }

    @Test
    void shouldResetOnlyTheConnectionThatMetABug() throws Exception {
        join(0);
        listen(right);
        int good = connect(left, right.address);
        int bad = connect(left, right.address);
        run(5, MS);
        right.handler.bug = new IllegalStateException("a bug");
        send(left, bad, new byte[100]);
        run(5, MS);
        right.handler.bug = null;
        assertEquals(
                List.of("a bug"), errors.stream().map(Throwable::getMessage).toList());
        errors.clear();
        send(left, good, new byte[100]);
        run(100, MS);
        assertEquals(ResultCode.RESET, left.handler.streams.get(bad).terminated);
        assertEquals(100, left.handler.streams.get(good).acknowledged);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64})
    void shouldRefuseStaleHandles(int rounds) throws Exception {
        join(0);
        listen(right);
        for (int i = 0; i < rounds; i++) {
            int client = connect(left, right.address);
            run(3, MS);
            long handle = LcoreStack.handle(left.stack.tcbAt(client));
            Tcb tcb = left.stack.tcb(handle);
            assertNotNull(tcb);
            left.stack.core().abort(tcb, now);
            assertNull(left.stack.tcb(handle));
            run(3, MS);
        }
        assertEquals(0, right.stack.connectionCount());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 1, 6", "fd00::2, 1, 6", "fd00::2, 16, 30"})
    void shouldAnswerWithCookiesWhenHalfOpenConnectionsFindNoRoom(String destination, int backlog, int count)
            throws Exception {
        join(0);
        int listener = right.stack.listen(9, 0x77, 0, 0, PORT, backlog);
        List<Integer> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(connect(left, IpAddress.parse(destination)));
        }
        left.stack.flushTx();
        right.pass();
        int cookies = (int) right.stack.counters().get(StackCounters.COOKIES_SENT);
        assertTrue(cookies > 0, "none was sent");
        assertEquals(count - cookies, right.stack.connectionCount(), "a cookie takes no record");
        run(10, MS);
        assertEquals(cookies, right.stack.counters().get(StackCounters.COOKIES_ACCEPTED));
        assertEquals(count, right.handler.accepted.size());
        byte[] bytes = random(30_000, seed);
        for (int client : clients) {
            send(left, client, bytes);
        }
        run(2000, MS);
        for (int server : right.handler.accepted) {
            assertArrayEquals(bytes, Arrays.copyOf(right.handler.streams.get(server).received, bytes.length));
        }
        for (int i = 0; i < count; i++) {
            Tcb tcb = right.stack.tcbAt(right.handler.accepted.get(i));
            assertTrue(
                    tcb.has(TcbFlags.TIMESTAMPS | TcbFlags.SACK_PERMITTED) && tcb.sndWscale() == 7, "options of " + i);
        }
        right.stack.closeListener(listener, now);
    }

    @Test
    void shouldKeepRoomForConnectionsThatProveToBeReal() throws Exception {
        join(0);
        right.stack.listen(9, 0x77, 0, 0, PORT, 1000);
        for (int i = 0; i < 60; i++) {
            connect(left, right.address);
        }
        left.stack.flushTx();
        right.pass();
        assertEquals(32, right.stack.connectionCount(), "half of the records");
        run(10, MS);
        assertEquals(60, right.handler.accepted.size());
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.1, 224.0.0.1", "10.0.0.1, 10.0.0.255", "10.0.0.255, 10.0.0.2", "10.0.0.2, 10.0.0.2"})
    @Requirement(rfc = 9293, id = "MUST-46", clause = "3.9.1.1")
    @Requirement(rfc = 9293, id = "MUST-57", clause = "3.9.2.3")
    @Requirement(rfc = 9293, id = "MUST-63", clause = "3.9.2.3")
    void shouldIgnoreSynsOfAGroupAndOpenNone(String from, String to) throws Exception {
        join(0);
        listen(right);
        raw(Tcp.SYN, 5, 0, IpAddress.parse(from), IpAddress.parse(to));
        right.pass();
        assertEquals(0, right.stack.connectionCount());
        assertEquals(0, right.stack.counters().get(StackCounters.TX_PACKETS));
        IpAddress group = IpAddress.parse(from.equals("10.0.0.1") ? to : "255.255.255.255");
        assertEquals(ResultCode.INVALID, left.stack.connect(1, 0x55, group.hi(), group.lo(), PORT, 0, 0, now));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-41", clause = "3.9.1.1")
    @Requirement(rfc = 9293, id = "MUST-42", clause = "3.9.1.1")
    void shouldListenOnATcpPortThatConnectionsUse() throws Exception {
        join(0);
        listen(right);
        IpAddress to = right.address;
        int client = left.stack.connect(1, 0x55, to.hi(), to.lo(), PORT, PORT, 0, now);
        listen(left);
        run(10, MS);
        assertTrue(left.handler.streams.get(client).open);
        run(10, MS);
        assertEquals(1, left.stack.connectionCount());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.2-4th", clause = "3.10.7.2")
    @Requirement(rfc = 9293, id = "3.10.7.2-2nd", clause = "3.10.7.2")
    void shouldDropWhatIsNoSegmentForAListener() throws Exception {
        join(0);
        listen(right);
        for (int flags : new int[] {0, Tcp.FIN, Tcp.FIN | Tcp.URG | Tcp.PSH}) {
            raw(flags, 5, 0);
            right.pass();
        }
        assertEquals(0, right.stack.tcpCounters().get(TcpCounters.RESETS_SENT));
        raw(Tcp.ACK, 5, 77);
        right.pass();
        assertEquals(1, right.stack.tcpCounters().get(TcpCounters.RESETS_SENT));
        assertEquals(1, right.stack.counters().get(StackCounters.COOKIES_REFUSED));
        raw(Tcp.SYN | Tcp.FIN, 5, 0);
        right.pass();
        assertEquals(1, right.stack.connectionCount(), "a SYN opens whatever else it carries");
    }

    @Test
    @Requirement(rfc = 9293, id = "MAY-2", clause = "3.6.1")
    void shouldReuseTimeWaitForASynThatIsNewer() throws Exception {
        join(0);
        listen(right);
        raw(Tcp.SYN, 1000, 0);
        right.pass();
        int index = right.file.highWater(0) - 1;
        Tcb tcb = right.stack.tcbAt(index);
        raw(Tcp.ACK, 1001, tcb.iss() + 1);
        right.pass();
        right.stack.core().shutdown(right.stack.tcbAt(index), now);
        raw(Tcp.ACK | Tcp.FIN, 1001, tcb.iss() + 2);
        right.pass();
        assertEquals(TcpState.TIME_WAIT, right.stack.tcbAt(index).state());
        int oldIss = tcb.iss();
        raw(Tcp.SYN, 900, 0);
        right.pass();
        assertEquals(TcpState.TIME_WAIT, right.stack.tcbAt(index).state(), "an old duplicate");
        raw(Tcp.SYN, 5000, 0);
        right.pass();
        assertEquals(1, right.stack.connectionCount());
        Tcb reused = right.stack.tcbAt(right.file.highWater(0) - 1);
        assertEquals(TcpState.SYN_RECEIVED, reused.state());
        assertTrue(reused.iss() - (oldIss + 2) > 0, "MAY-2: beyond the largest of the old one");
    }

    /** A segment of the left side's address that no stack made. */
    private void raw(int flags, int seq, int ack) {
        raw(flags, seq, ack, left.address, right.address);
    }

    private void raw(int flags, int seq, int ack, IpAddress from, IpAddress to) {
        TxSegment tx = new TxSegment();
        tx.flags = flags;
        tx.seq = seq;
        tx.ack = ack;
        tx.window = 1000;
        tx.windowScale = -1;
        FrameOutput output = left.stack.frameOutput();
        assertTrue(output.begin(0));
        int length = new SegmentWriter(64)
                .write(
                        output.memory(),
                        output.offset(),
                        0x020000000002L,
                        0x020000000001L,
                        from.hi(),
                        from.lo(),
                        to.hi(),
                        to.lo(),
                        4242,
                        PORT,
                        0,
                        tx,
                        false);
        output.send(length);
        left.stack.flushTx();
    }
}
