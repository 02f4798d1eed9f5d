package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports, pool and mbufs on DPDK's software devices, without hugepages. */
class SoftwarePortsIT {
    private static final int COUNT = 1023;
    private static final int CACHE = 64;

    private static Eal eal;
    private static String cpusBefore;

    private PktMbufPool pool;
    private Lcore lcore;
    private MbufCache cache;

    @BeforeAll
    static void startEal() throws IOException {
        cpusBefore = allowedCpus();
        eal = Eal.init(EalConfig.ofMegabytes(64).withHugepages(EalConfig.Hugepages.NEVER));
        assertFalse(eal.isHugepages());
    }

    @AfterAll
    static void stopEal() {
        eal.close();
    }

    @BeforeEach
    void createPool() {
        pool = PktMbufPool.create("pool", COUNT, CACHE, PktMbufPool.DEFAULT_DATA_ROOM, PktMbufPool.SOCKET_ANY);
        lcore = Lcore.register();
        cache = new MbufCache(pool, lcore);
    }

    @AfterEach
    void freePool() {
        lcore.close();
        assertEquals(COUNT, pool.availableCount(), "every mbuf must be back");
        pool.close();
    }

    @Test
    void shouldLeaveTheAffinityOfOtherThreadsAlone() throws IOException {
        assertEquals(cpusBefore, allowedCpus());
    }

    private static String allowedCpus() throws IOException {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldGiveTheFirstThreadLcoreZero() {
        assertEquals(0, lcore.id());
        assertEquals(0, Lcore.currentId());
    }

    @Test
    void shouldRefuseASecondEal() {
        assertThrows(IllegalStateException.class, () -> Eal.init(EalConfig.ofMegabytes(64)));
    }

    @Test
    void shouldSayWhyADeviceFails() {
        final DpdkUnavailableException e =
                assertThrows(DpdkUnavailableException.class, () -> EthDev.probe("net_nosuchdriver0"));
        assertTrue(e.getMessage().contains("librte-net-nosuchdriver23"), e.getMessage());
        final DpdkException loop =
                assertThrows(DpdkException.class, () -> EthDev.probe("net_af_packet0,iface=nosuchif0"));
        assertTrue(loop.getMessage().contains("SIOCGIFINDEX"), loop.getMessage());
    }

    @Test
    void shouldSpreadByAKeyAndATableOfOurs() {
        final EthDev dev = EthDev.probe("net_null0,size=64");
        try {
            final EthDevInfo info = dev.info();
            assertTrue(EthRss.hashesTcp(info));
            final byte[] key = new byte[40];
            new Random(7).nextBytes(key);
            dev.configure(3, 3, 0, 0, 0, key);
            for (int queue = 0; queue < 3; queue++) {
                dev.setupRxQueue(queue, 256, pool);
                dev.setupTxQueue(queue, 256);
            }
            assertThrows(IllegalStateException.class, dev::rss);
            dev.start();
            final EthRss rss = dev.rss();
            // net_null keeps the key that it was created with until it is told another.
            rss.key(key, info.rssOffloads());
            assertArrayEquals(key, rss.key(key.length));
            assertTrue(rss.isHashingTcp());
            assertEquals(128, rss.tableSize());
            final int[] table = new int[rss.tableSize()];
            for (int i = 0; i < table.length; i++) {
                table[i] = (i * 7) % 3;
            }
            rss.redirect(table);
            assertArrayEquals(table, rss.table());
            assertThrows(IllegalArgumentException.class, () -> rss.redirect(new int[64]));
        } finally {
            dev.close();
        }
        final EthDev ring = EthDev.probe("net_ring0");
        try {
            assertFalse(EthRss.hashesTcp(ring.info()));
        } finally {
            ring.close();
        }
    }

    @Test
    void shouldReceiveAndSendOnNetNull() {
        final EthDev dev = EthDev.probe("net_null0,size=64");
        try {
            final EthDevInfo info = dev.info();
            assertEquals("net_null", info.driverName());
            dev.configure(1, 1, 0, 0, 0);
            dev.setupRxQueue(0, 256, pool);
            dev.setupTxQueue(0, 256);
            dev.start();
            final RxQueue rx = dev.rxQueue(0, true);
            final TxQueue tx = dev.txQueue(0, true);
            final MbufArray mbufs = new MbufArray(32);
            for (int i = 0; i < 1000; i++) {
                assertEquals(32, rx.burst(mbufs, 0, 32));
                assertEquals(64, Mbuf.packetLength(mbufs.get(31)));
                assertEquals(dev.portId(), Mbuf.port(mbufs.get(31)));
                assertEquals(32, tx.burst(mbufs, 0, 32));
            }
            final EthStats stats = dev.stats();
            assertEquals(32_000, stats.rxPackets());
            assertEquals(32_000, stats.txPackets());
            assertEquals(32_000L, dev.xstats().get("rx_good_packets"));
            assertTrue(dev.link().up());
        } finally {
            dev.close();
        }
        assertThrows(IllegalStateException.class, dev::stats);
    }

    @Test
    void shouldLoopContentThroughNetRing() {
        final EthDev dev = EthDev.probe("net_ring0");
        try {
            dev.configure(1, 1, 0, 0, 0);
            dev.setupRxQueue(0, 256, pool);
            dev.setupTxQueue(0, 256);
            dev.start();
            assertEquals(6, dev.macAddress().length);
            final RxQueue rx = dev.rxQueue(0, true);
            final TxQueue tx = dev.txQueue(0, false);
            final MbufArray mbufs = new MbufArray(64);
            long sequence = 0;
            long expected = 0;
            for (int round = 0; round < 200; round++) {
                assertTrue(cache.allocate(mbufs, 0, 48));
                for (int i = 0; i < 48; i++) {
                    final long mbuf = mbufs.get(i);
                    assertTrue(Mbuf.setLength(mbuf, 60 + i));
                    Mbuf.data(mbuf).fill((byte) sequence).set(JAVA_LONG_UNALIGNED, 8, sequence);
                    sequence++;
                }
                assertEquals(48, tx.prepare(mbufs, 0, 48));
                assertEquals(48, tx.burst(mbufs, 0, 48));
                for (int i = 0; i < 48; i++) {
                    mbufs.set(i, 0);
                }
                assertEquals(48, rx.burst(mbufs, 0, 64));
                for (int i = 0; i < 48; i++) {
                    final MemorySegment data = Mbuf.data(mbufs.get(i));
                    assertEquals(60 + i, data.byteSize());
                    assertEquals(expected, data.get(JAVA_LONG_UNALIGNED, 8));
                    assertEquals((byte) expected, data.get(JAVA_BYTE, 59));
                    expected++;
                }
                cache.free(mbufs, 0, 48);
            }
            assertEquals(200 * 48, expected);
            assertEquals(0, rx.burst(mbufs, 0, 64));
        } finally {
            dev.close();
        }
    }

    @Test
    void shouldExhaustThePoolAndTakeEveryMbufBack() {
        final MbufArray all = new MbufArray(COUNT + 8);
        for (int round = 0; round < 3; round++) {
            int n = 0;
            for (long mbuf = cache.allocate(); mbuf != 0; mbuf = cache.allocate()) {
                assertEquals(1, Mbuf.referenceCount(mbuf));
                all.set(n++, mbuf);
            }
            assertEquals(COUNT, n);
            assertEquals(0, pool.availableCount());
            assertFalse(cache.allocate(all, COUNT, 1));
            assertThrows(IllegalStateException.class, pool::close);
            cache.free(all.get(0));
            PktMbufPool.free(all, 1, COUNT - 1);
            assertEquals(COUNT, pool.availableCount());
        }
        int n = 0;
        while (cache.allocate(all, n, 7)) {
            n += 7;
        }
        assertEquals(COUNT / 7 * 7, n);
        PktMbufPool.free(all, 0, n);
    }

    @Test
    void shouldKeepTheDataInsideTheBuffer() {
        final long mbuf = cache.allocate();
        assertEquals(Mbuf.HEADROOM, Mbuf.headroom(mbuf));
        assertEquals(2048, Mbuf.tailroom(mbuf));
        assertFalse(Mbuf.setLength(mbuf, 2049));
        assertFalse(Mbuf.setLength(mbuf, -1));
        assertTrue(Mbuf.setLength(mbuf, 2048));
        assertEquals(0, Mbuf.append(mbuf, 1));
        assertEquals(2048, Mbuf.room(mbuf).byteSize());
        assertThrows(IndexOutOfBoundsException.class, () -> Mbuf.data(mbuf).set(JAVA_INT_UNALIGNED, 2045, 1));
        assertTrue(Mbuf.trim(mbuf, 2000));
        assertFalse(Mbuf.prepend(mbuf, 129));
        assertTrue(Mbuf.prepend(mbuf, 128));
        assertEquals(0, Mbuf.headroom(mbuf));
        assertEquals(176, Mbuf.packetLength(mbuf));
        assertFalse(Mbuf.adjust(mbuf, 177));
        assertTrue(Mbuf.adjust(mbuf, 142));
        assertEquals(34, Mbuf.dataLength(mbuf));
        final long added = Mbuf.append(mbuf, 6);
        assertEquals(Mbuf.dataAddress(mbuf) + 34, added);
        assertEquals(40, Mbuf.packetLength(mbuf));
        assertFalse(Mbuf.trim(mbuf, 41));
        assertEquals(2176, Mbuf.buffer(mbuf).byteSize());
        cache.free(mbuf);
    }

    @Test
    void shouldFindEveryMbufInThePoolsMemory() {
        final MbufArray all = new MbufArray(COUNT);
        for (int i = 0; i < COUNT; i++) {
            final long mbuf = cache.allocate();
            all.set(i, mbuf);
            assertTrue(Mbuf.setLength(mbuf, 2048));
            pool.memory().set(JAVA_LONG_UNALIGNED, pool.dataOffset(mbuf), i);
            pool.memory().set(JAVA_LONG_UNALIGNED, pool.dataOffset(mbuf) + 2040, ~i);
        }
        for (int i = 0; i < COUNT; i++) {
            assertEquals(i, Mbuf.data(all.get(i)).get(JAVA_LONG_UNALIGNED, 0));
            assertEquals(~i, Mbuf.data(all.get(i)).get(JAVA_LONG_UNALIGNED, 2040));
        }
        final long end = pool.memory().byteSize();
        assertThrows(IndexOutOfBoundsException.class, () -> pool.memory().get(JAVA_BYTE, end));
        assertTrue(end <= 64 << 20, "within the memory of this EAL: " + end);
        PktMbufPool.free(all, 0, COUNT);
    }

    @Test
    void shouldFreeAChainAsAWhole() {
        final long head = cache.allocate();
        assertTrue(Mbuf.setLength(head, 100));
        for (int i = 0; i < 3; i++) {
            final long segment = cache.allocate();
            assertTrue(Mbuf.setLength(segment, 10));
            assertTrue(Mbuf.chain(head, segment));
        }
        assertEquals(4, Mbuf.segmentCount(head));
        assertEquals(130, Mbuf.packetLength(head));
        assertFalse(Mbuf.setLength(head, 5), "a chain has no single length");
        assertNotEquals(0, Mbuf.append(head, 5));
        assertEquals(135, Mbuf.packetLength(head));
        assertEquals(15, Mbuf.dataLength(Mbuf.lastSegment(head)));
        assertEquals(COUNT - 4, pool.availableCount());
        cache.free(head);
        assertEquals(COUNT, pool.availableCount());
    }

    @Test
    void shouldResetEveryFieldAPacketLeavesBehind() {
        final long mbuf = cache.allocate();
        final byte[] fresh = Memory.segment(mbuf, Mbuf.SIZE).toArray(JAVA_BYTE);
        assertTrue(Mbuf.setLength(mbuf, 99));
        assertTrue(Mbuf.prepend(mbuf, 9));
        Mbuf.offloadFlags(mbuf, Mbuf.TX_TCP_CKSUM | Mbuf.TX_IPV4);
        Mbuf.txOffload(mbuf, 14, 20, 32, 1448);
        Mbuf.reset(mbuf);
        assertArrayEquals(fresh, Memory.segment(mbuf, Mbuf.SIZE).toArray(JAVA_BYTE));
        cache.free(mbuf);
    }

    @Test
    void shouldRefuseWrongArgumentsBeforeTheyAreNative() {
        final int any = PktMbufPool.SOCKET_ANY;
        assertThrows(IllegalArgumentException.class, () -> PktMbufPool.create("p", -5, 0, 2176, any));
        assertThrows(IllegalArgumentException.class, () -> PktMbufPool.create("p", 100, 128, 2176, any));
        assertThrows(IllegalArgumentException.class, () -> PktMbufPool.create("p", 100, 0, 65536, any));
        assertThrows(IllegalArgumentException.class, () -> PktMbufPool.create("p q", 100, 0, 2176, any));
        assertThrows(IllegalArgumentException.class, () -> PktMbufPool.create("p".repeat(26), 100, 0, 2176, any));
        assertThrows(IllegalArgumentException.class, () -> Ring.create("r", 1000, any));
        assertThrows(IllegalArgumentException.class, () -> Ring.create("r", -1024, any));
        assertThrows(IllegalArgumentException.class, () -> EthDev.probe("net_null0,size=64 --evil"));
        assertThrows(IllegalArgumentException.class, () -> EthDev.probe(""));
        assertThrows(IllegalArgumentException.class, () -> new MbufArray(0));
        assertThrows(IndexOutOfBoundsException.class, () -> new MbufArray(4).get(4));
        assertThrows(DpdkException.class, () -> PktMbufPool.create("huge", 1 << 20, 0, 2176, any));
        PktMbufPool.create("p".repeat(25), 100, 0, 2176, any).close();
    }

    @Test
    void shouldRefuseTheWrongOrderOfCalls() {
        final EthDev dev = EthDev.probe("net_null1");
        try {
            assertThrows(IllegalStateException.class, dev::start);
            assertThrows(IllegalArgumentException.class, () -> dev.configure(9999, 1, 0, 0, 0));
            assertThrows(IllegalArgumentException.class, () -> dev.configure(1, 1, EthOffload.RX_TCP_CKSUM, 0, 0));
            dev.configure(1, 1, 0, 0, 0);
            assertThrows(IndexOutOfBoundsException.class, () -> dev.setupRxQueue(1, 64, pool));
            assertThrows(IllegalArgumentException.class, () -> dev.setupRxQueue(0, 0, pool));
            assertThrows(IllegalStateException.class, () -> dev.rxQueue(0, true));
        } finally {
            dev.close();
        }
    }
}
