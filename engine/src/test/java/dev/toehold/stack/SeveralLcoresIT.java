package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.net.IpAddress;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import dev.toehold.net.ToeplitzHash;
import dev.toehold.tcp.Requirement;
import dev.toehold.tcp.TcpConfig;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.LongToIntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An engine of several lcores behind one receive queue, or one with a queue for each, all on one thread under a virtual clock: what arrives
 * must find the lcore that puts fragments together, then the one that owns the connection.
 */
class SeveralLcoresIT {
    private static final long MS = 1_000_000;
    private static final int MBUFS = 8191;
    private static final int LCORES = 3;
    private static final int CONNECTIONS = 48;
    private static final int PORT = 7;
    private static final int RING = 256;

    private static Eal eal;
    private static PktMbufPool pool;
    private static Lcore registration;
    private static int made;

    @TempDir
    Path directory;

    private TcpConfig config = TcpConfig.defaults();
    private final List<Throwable> errors = new ArrayList<>();
    private final long seed = System.nanoTime();
    private int redirectionSize;
    private long now = 1_000_000_000_000L;
    private WirePort[] wire;
    private Host left;
    private Host right;

    /** One engine; its first lcore has the port's queues, or, where a redirection table chooses the owners, each has a pair. */
    private final class Host implements AutoCloseable {
        final StateFile file;
        final Doorbell[] doorbells;
        final FlowOwners owners;
        final DispatchRings rings;
        final List<LcoreStack> stacks = new ArrayList<>();
        final List<BytesHandler> handlers = new ArrayList<>();

        Host(String name, int number, int lcores, WirePort port) throws Exception {
            file = StateFile.open(
                    Files.createDirectory(directory.resolve(name)), 64 * lcores, lcores, StateFile.Leftovers.REFUSE);
            doorbells = new Doorbell[lcores];
            Arrays.setAll(doorbells, _ -> new Doorbell());
            file.spread(redirectionSize);
            owners = FlowOwners.of(file);
            rings = new DispatchRings("several" + made++, doorbells, RING, owners);
            IpAddress ipv4 = IpAddress.parse("10.0.0." + number);
            IpAddress ipv6 = IpAddress.parse("fd00::" + number);
            IpAddress second4 = IpAddress.parse("10.0.0.10" + number);
            IpAddress second6 = IpAddress.parse("fd00::10" + number);
            LocalAddresses addresses = new LocalAddresses(List.of(
                    new LocalAddresses.Entry(0, ipv4.hi(), ipv4.lo(), 24),
                    new LocalAddresses.Entry(0, second4.hi(), second4.lo(), 24),
                    new LocalAddresses.Entry(0, ipv6.hi(), ipv6.lo(), 64),
                    new LocalAddresses.Entry(0, second6.hi(), second6.lo(), 64)));
            addresses.stateRelease(2, LocalAddresses.USABLE);
            addresses.stateRelease(3, LocalAddresses.USABLE);
            for (int lcore = 0; lcore < lcores; lcore++) {
                boolean hasQueues = redirectionSize > 0;
                int queue = hasQueues ? lcore : lcore == 0 ? 0 : LcorePort.NONE;
                LcorePort lcorePort = new LcorePort(
                        0, port, queue, queue, 0, 0x020000000000L + number, 1500, queue >= 0, false, false);
                LcoreStack stack = new LcoreStack(
                        new LcoreEnvironment(
                                lcore,
                                List.of(lcorePort),
                                file,
                                rings,
                                pool,
                                addresses,
                                new Routes(addresses, List.of()),
                                config,
                                seed + number,
                                errors::add),
                        registration,
                        now);
                BytesHandler handler = new BytesHandler();
                handler.credit = 1 << 20;
                stack.bind(new KnownNeighbour(0x020000000000L + (3 - number)), handler);
                stacks.add(stack);
                handlers.add(handler);
            }
        }

        void pass() {
            for (LcoreStack stack : stacks) {
                stack.pollRx(now);
                stack.endOfBurst(now);
                stack.pollTimers(now);
                stack.flushTx();
            }
        }

        long count(int counter) {
            return stacks.stream()
                    .mapToLong(stack -> stack.counters().get(counter))
                    .sum();
        }

        @Override
        public void close() {
            stacks.forEach(LcoreStack::close);
            rings.close();
            for (Doorbell doorbell : doorbells) {
                doorbell.close();
            }
            file.close();
        }
    }

    @BeforeAll
    static void start() {
        eal = Eal.init(EalConfig.ofMegabytes(64).withHugepages(EalConfig.Hugepages.NEVER));
        pool = PktMbufPool.create("several", MBUFS, 256, PktMbufPool.DEFAULT_DATA_ROOM, PktMbufPool.SOCKET_ANY);
        registration = Lcore.register();
    }

    @AfterAll
    static void stop() {
        registration.close();
        pool.close();
        eal.close();
    }

    private void join(int lossPercent) throws Exception {
        System.out.println("seed=" + seed);
        wire = WirePort.pair(new Random(seed), lossPercent);
        left = new Host("left", 1, 1, wire[0]);
        right = new Host("right", 2, LCORES, wire[1]);
        for (LcoreStack stack : right.stacks) {
            assertTrue(stack.listen(9, 0x77, 0, 0, PORT, CONNECTIONS) >= 0);
        }
    }

    @AfterEach
    void checkMbufs() {
        wire[0].close();
        wire[1].close();
        left.close();
        right.close();
        assertEquals(MBUFS, pool.availableCount());
        assertEquals(List.of(), errors);
    }

    private void run(int passes) {
        for (int i = 0; i < passes; i++) {
            left.pass();
            right.pass();
            now += MS;
        }
    }

    private void connectAll(String destination) {
        IpAddress to = IpAddress.parse(destination);
        for (int i = 0; i < CONNECTIONS; i++) {
            int client = left.stacks.getFirst().connect(1, 0x55, to.hi(), to.lo(), PORT, 0, 0, now);
            assertTrue(client >= 0, () -> "client=" + client);
        }
        run(30_000);
        for (BytesHandler handler : right.handlers) {
            assertTrue(!handler.accepted.isEmpty(), "each lcore owns some of the connections");
        }
    }

    /** Every client sends; returns what each sent. */
    private byte[] sendAll(int length, int passes) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        LcoreStack stack = left.stacks.getFirst();
        for (int client : left.handlers.getFirst().streams.keySet()) {
            left.handlers.getFirst().stream(stack.tcbAt(client)).toSend = bytes;
            stack.core().send(stack.tcbAt(client), length, false, now);
        }
        run(passes);
        return bytes;
    }

    private void checkArrived(byte[] bytes) {
        int count = 0;
        for (BytesHandler handler : right.handlers) {
            for (int server : handler.accepted) {
                assertArrayEquals(bytes, Arrays.copyOf(handler.streams.get(server).received, bytes.length));
                count++;
            }
        }
        assertEquals(CONNECTIONS, count);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.2, 0", "fd00::2, 0", "10.0.0.2, 2", "fd00::2, 2"})
    void shouldPutFragmentsTogetherWhereverTheirConnectionLives(String destination, int lossPercent) throws Exception {
        join(lossPercent);
        FragmentingWire router = new FragmentingWire(pool, new MbufCache(pool, registration), new Random(seed), 400);
        wire[0].fragmenting = router;
        connectAll(destination);
        byte[] bytes = sendAll(12_000, 30_000);
        checkArrived(bytes);
        int segments = CONNECTIONS * (bytes.length / 1460);
        assertTrue(router.fragments > 3L * segments, () -> "fragments=" + router.fragments);
        for (LcoreStack stack : right.stacks) {
            assertTrue(
                    stack.counters().get(StackCounters.REASSEMBLED) > segments / LCORES / 3,
                    "each lcore does its part");
        }
        if (lossPercent == 0) {
            assertEquals(router.fragments, right.count(StackCounters.FRAGMENTS_IN));
            assertEquals(0, right.count(StackCounters.DROP_FRAGMENT_CONFLICT));
        }
        for (int lcore = 1; lcore < LCORES; lcore++) {
            assertTrue(right.stacks.get(lcore).counters().get(StackCounters.RX_DISPATCHED_IN) > 0);
        }
    }

    /** The second address of its family, so that no route would choose it. */
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.102", "fd00::102"})
    @Requirement(rfc = 9293, id = "MUST-45", clause = "3.9.1.1")
    void shouldKeepTheAddressThatTheFirstSegmentNamed(String destination) throws Exception {
        join(3);
        IpAddress named = IpAddress.parse(destination);
        ParsedPacket packet = new ParsedPacket();
        int[] segments = new int[2];
        wire[0].onReceive = mbuf -> {
            parse(mbuf, packet);
            assertEquals(named, new IpAddress(packet.sourceHi(), packet.sourceLo()));
            segments[(packet.flags() & Tcp.RST) != 0 ? 1 : 0]++;
        };
        connectAll(destination);
        checkArrived(sendAll(12_000, 5_000));
        for (int lcore = 0; lcore < LCORES; lcore++) {
            LcoreStack stack = right.stacks.get(lcore);
            for (int server : right.handlers.get(lcore).accepted) {
                stack.core().abort(stack.tcbAt(server), now);
            }
        }
        run(20);
        assertTrue(segments[0] > CONNECTIONS * 2 && segments[1] > CONNECTIONS / 2, () -> Arrays.toString(segments));
    }

    /** What an application asks for: the address to open from, the Diffserv field, changed once; and the configured time to live. */
    @ParameterizedTest
    @CsvSource({"10.0.0.2, 10.0.0.101, 1", "fd00::2, fd00::101, 3"})
    @Requirement(rfc = 9293, id = "MUST-43", clause = "3.9.1.1")
    @Requirement(rfc = 9293, id = "MUST-48", clause = "3.9.1.9")
    @Requirement(rfc = 9293, id = "SHLD-21", clause = "3.9.1.9")
    @Requirement(rfc = 9293, id = "SHLD-22", clause = "3.9.1.9")
    @Requirement(rfc = 9293, id = "SHLD-23", clause = "3.9.2")
    @Requirement(rfc = 9293, id = "MUST-49", clause = "3.9.2")
    void shouldSendFromWhereAndHowTheApplicationSays(String destination, String source, int index) throws Exception {
        config = TcpConfig.builder().hopLimit(77).build();
        join(0);
        IpAddress to = IpAddress.parse(destination);
        IpAddress named = IpAddress.parse(source);
        LcoreStack stack = left.stacks.getFirst();
        List<Integer> trafficClasses = new ArrayList<>();
        ParsedPacket packet = new ParsedPacket();
        wire[1].onReceive = mbuf -> {
            parse(mbuf, packet);
            assertEquals(named, new IpAddress(packet.sourceHi(), packet.sourceLo()));
            long ip = Mbuf.dataAddress(mbuf) - pool.memory().address() + 14;
            boolean isIpv4 = packet.family() == 4;
            assertEquals(77, pool.memory().get(ValueLayout.JAVA_BYTE, ip + (isIpv4 ? 8 : 7)));
            int first =
                    Short.toUnsignedInt(Short.reverseBytes(pool.memory().get(ValueLayout.JAVA_SHORT_UNALIGNED, ip)));
            trafficClasses.add((isIpv4 ? first : first >>> 4) & 0xFC);
        };
        int client = stack.connect(1, 0x55, to.hi(), to.lo(), PORT, index, 0, 0, now);
        assertTrue(client >= 0, () -> "client=" + client);
        run(5);
        for (int diffserv : new int[] {46, 10}) {
            stack.tcbAt(client).trafficClass(diffserv << 2);
            left.handlers.getFirst().stream(stack.tcbAt(client)).toSend = new byte[2_000];
            stack.core().send(stack.tcbAt(client), diffserv == 46 ? 1_000 : 2_000, false, now);
            run(100);
        }
        assertEquals(List.of(0, 0, 46 << 2, 10 << 2), trafficClasses);
        assertEquals(ResultCode.UNREACHABLE, stack.connect(1, 0x55, to.hi(), to.lo(), PORT, 4 - index, 0, 0, now));
        assertEquals(ResultCode.INVALID, stack.connect(1, 0x55, to.hi(), to.lo(), PORT, 4, 0, 0, now));
    }

    /** And no more than that: what it names comes in one packet of the port's MTU, or in fragments of one (shown above). */
    @ParameterizedTest
    @CsvSource({"10.0.0.2, 1460", "fd00::2, 1440"})
    @Requirement(rfc = 9293, id = "MUST-67", clause = "3.7.1")
    void shouldOfferTheMaximumSegmentThatItsPortTakes(String destination, int mss) throws Exception {
        join(0);
        ParsedPacket packet = new ParsedPacket();
        TcpOptions options = new TcpOptions();
        List<Integer> offers = new ArrayList<>();
        for (WirePort end : wire) {
            end.onReceive = mbuf -> {
                parse(mbuf, packet);
                if ((packet.flags() & Tcp.SYN) != 0) {
                    options.parse(pool.memory(), packet);
                    offers.add(options.mss());
                }
            };
        }
        connectAll(destination);
        assertEquals(Collections.nCopies(2 * CONNECTIONS, mss), offers);
    }

    /** Two engines of several lcores, whose cards have a queue for each. */
    private void joinByQueues(int lossPercent) throws Exception {
        redirectionSize = 64;
        wire = WirePort.pair(new Random(seed), lossPercent);
        left = new Host("left", 1, LCORES, wire[0]);
        right = new Host("right", 2, LCORES, wire[1]);
        for (LcoreStack stack : right.stacks) {
            assertTrue(stack.listen(9, 0x77, 0, 0, PORT, CONNECTIONS) >= 0);
        }
    }

    /** What a card does: the hash of what it can hash, and a longer table. */
    private static LongToIntFunction card(Host host) {
        ToeplitzHash hash = new ToeplitzHash(FlowOwners.redirectionKey(host.file, ToeplitzHash.KEY_LENGTH));
        int[] table = host.owners.redirection(512);
        ParsedPacket packet = new ParsedPacket();
        return mbuf -> {
            long offset = Mbuf.dataAddress(mbuf) - pool.memory().address();
            int result = PacketParser.parse(pool.memory(), offset, Mbuf.dataLength(mbuf), 0, packet);
            return ParseResult.isTcp(result)
                    ? table[
                            hash.hash(
                                            packet.sourceHi(),
                                            packet.sourceLo(),
                                            packet.destinationHi(),
                                            packet.destinationLo(),
                                            packet.sourcePort(),
                                            packet.destinationPort())
                                    & 511]
                    : 0;
        };
    }

    private void connectFromEachLcore(String destination) {
        IpAddress to = IpAddress.parse(destination);
        for (LcoreStack stack : left.stacks) {
            for (int i = 0; i < CONNECTIONS / LCORES; i++) {
                int client = stack.connect(1, 0x55, to.hi(), to.lo(), PORT, 0, 0, now);
                assertTrue(client >= 0, () -> "client=" + client);
            }
        }
        run(30_000);
        for (BytesHandler handler : right.handlers) {
            assertTrue(!handler.accepted.isEmpty(), "each lcore owns some of the connections");
        }
    }

    private byte[] sendFromEachLcore(int length, int passes) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (int lcore = 0; lcore < LCORES; lcore++) {
            LcoreStack stack = left.stacks.get(lcore);
            assertEquals(CONNECTIONS / LCORES, left.handlers.get(lcore).streams.size());
            for (int client : left.handlers.get(lcore).streams.keySet()) {
                left.handlers.get(lcore).stream(stack.tcbAt(client)).toSend = bytes;
                stack.core().send(stack.tcbAt(client), length, false, now);
            }
        }
        run(passes);
        return bytes;
    }

    /** A connecting side searches a port that hashes home, a listening side is where the card says: no ring is needed. */
    @ParameterizedTest
    @CsvSource({"10.0.0.2, 0", "fd00::2, 0", "10.0.0.2, 2"})
    void shouldLetReceiveQueuesChooseTheLcore(String destination, int lossPercent) throws Exception {
        joinByQueues(lossPercent);
        wire[0].queueOf = card(left);
        wire[1].queueOf = card(right);
        connectFromEachLcore(destination);
        checkArrived(sendFromEachLcore(12_000, 5_000));
        for (Host host : List.of(left, right)) {
            assertEquals(0, host.count(StackCounters.RX_DISPATCHED_OUT));
            for (LcoreStack stack : host.stacks) {
                assertTrue(stack.counters().get(StackCounters.TX_PACKETS) > 0, "by its own transmit queue");
            }
        }
    }

    /** A card that does otherwise, and packets in fragments, cost a way over a ring and nothing else. */
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "fd00::2"})
    void shouldHandOverWhatTheQueuesBringElsewhere(String destination) throws Exception {
        joinByQueues(0);
        wire[0].queueOf = card(left);
        LongToIntFunction card = card(right);
        wire[1].queueOf = mbuf -> (card.applyAsInt(mbuf) + 1) % LCORES;
        connectFromEachLcore(destination);
        checkArrived(sendFromEachLcore(12_000, 5_000));
        assertEquals(0, left.count(StackCounters.RX_DISPATCHED_OUT));
        assertTrue(right.count(StackCounters.RX_DISPATCHED_OUT) > CONNECTIONS * 8);
        wire[0].fragmenting = new FragmentingWire(pool, new MbufCache(pool, registration), new Random(seed), 400);
        long before = right.count(StackCounters.REASSEMBLED);
        for (int lcore = 0; lcore < LCORES; lcore++) {
            LcoreStack stack = left.stacks.get(lcore);
            for (int client : left.handlers.get(lcore).streams.keySet()) {
                left.handlers.get(lcore).stream(stack.tcbAt(client)).toSend = new byte[24_000];
                stack.core().send(stack.tcbAt(client), 24_000, false, now);
            }
        }
        run(10_000);
        assertTrue(right.count(StackCounters.REASSEMBLED) > before + CONNECTIONS * 8);
        for (int lcore = 0; lcore < LCORES; lcore++) {
            for (int server : right.handlers.get(lcore).accepted) {
                assertEquals(24_000, right.stacks.get(lcore).tcbAt(server).rcvPosition());
            }
        }
    }

    private static void parse(long mbuf, ParsedPacket packet) {
        long offset = Mbuf.dataAddress(mbuf) - pool.memory().address();
        assertTrue(ParseResult.isTcp(PacketParser.parse(pool.memory(), offset, Mbuf.dataLength(mbuf), 0, packet)));
    }

    @Test
    void shouldForgetFragmentsThatStayAloneOnEveryLcore() throws Exception {
        join(0);
        connectAll("10.0.0.2");
        FragmentingWire router = new FragmentingWire(pool, new MbufCache(pool, registration), new Random(seed), 400);
        router.lossPercent = 50;
        wire[0].fragmenting = router;
        byte[] bytes = sendAll(8_000, 500);
        wire[0].fragmenting = null;
        run(61_000);
        checkArrived(bytes);
        for (LcoreStack stack : right.stacks) {
            assertTrue(stack.counters().get(StackCounters.FRAGMENT_TIMEOUTS) > 0, "RFC 8200 section 4.5: a minute");
        }
    }
}
