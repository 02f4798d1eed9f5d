package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Receive side scaling of a started port: the key of its hash, and the redirection table, whose entry {@code hash & (size - 1)} is the
 * receive queue of a packet. Control path, for any platform thread while the port is started.
 */
public final class EthRss {
    /** Bytes of the longest key that a driver of DPDK has. */
    private static final int MAX_KEY_LENGTH = 255;

    private static final long WHOLE_GROUP = -1L;

    private final DpdkLayout layout = Dpdk.load().layout();
    private final int portId;
    private final String name;
    private final int tableSize;
    private final int groupSize = layout.intConstant("RTE_ETH_RETA_GROUP_SIZE");
    private final int groupBytes = layout.sizeof("rte_eth_rss_reta_entry64");

    EthRss(final int portId, final String name, final EthDevInfo info) {
        this.portId = portId;
        this.name = name;
        tableSize = info.redirectionTableSize();
    }

    /** Whether a port with these properties can hash the addresses and TCP ports of TCP over both families. */
    public static boolean hashesTcp(final EthDevInfo info) {
        final long tcp = tcpTypes(Dpdk.load().layout());
        return (info.rssOffloads() & tcp) == tcp;
    }

    /** Hashing by addresses for all of IP, by addresses and ports for TCP. */
    static long types(final DpdkLayout layout) {
        return layout.constant("RTE_ETH_RSS_IPV4") | layout.constant("RTE_ETH_RSS_IPV6") | tcpTypes(layout);
    }

    private static long tcpTypes(final DpdkLayout layout) {
        return layout.constant("RTE_ETH_RSS_NONFRAG_IPV4_TCP") | layout.constant("RTE_ETH_RSS_NONFRAG_IPV6_TCP");
    }

    /** Fills a {@code struct rte_eth_rss_conf}. */
    static void fill(final DpdkLayout layout, final MemorySegment conf, final MemorySegment key, final long types) {
        conf.set(JAVA_LONG, layout.offset("rte_eth_rss_conf.rss_key", 8), key.address());
        conf.set(JAVA_BYTE, layout.offset("rte_eth_rss_conf.rss_key_len", 1), (byte) key.byteSize());
        conf.set(JAVA_LONG, layout.offset("rte_eth_rss_conf.rss_hf", 8), types);
    }

    /** Entries of the redirection table. */
    public int tableSize() {
        return tableSize;
    }

    /**
     * The key in use, read back from the driver.
     *
     * @param length of the key in bytes: not every driver says it
     */
    public byte[] key(final int length) {
        Arguments.checkRange("length", length, 1, MAX_KEY_LENGTH);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment key = arena.allocate(MAX_KEY_LENGTH);
            final MemorySegment _ = readBack(arena, key, length);
            return key.asSlice(0, length).toArray(JAVA_BYTE);
        }
    }

    /**
     * Sets key and hash types anew: not every driver takes the key with its configuration.
     *
     * @param types of {@link EthDevInfo#rssOffloads}, less those that {@link EthDev#configure} does not ask for
     */
    public void key(final byte[] key, final long types) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment conf = arena.allocate(layout.sizeof("rte_eth_rss_conf"), 8);
            fill(layout, conf, arena.allocateFrom(JAVA_BYTE, key), types & types(layout));
            check("rte_eth_dev_rss_hash_update", (int) EthDevCalls.RSS_HASH_UPDATE.invokeExact((short) portId, conf));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Whether the port hashes the TCP ports of TCP now, over both families. */
    public boolean isHashingTcp() {
        try (Arena arena = Arena.ofConfined()) {
            final long types = readBack(arena, arena.allocate(MAX_KEY_LENGTH), MAX_KEY_LENGTH)
                    .get(JAVA_LONG, layout.offset("rte_eth_rss_conf.rss_hf", 8));
            return (types & tcpTypes(layout)) == tcpTypes(layout);
        }
    }

    private MemorySegment readBack(final Arena arena, final MemorySegment key, final int length) {
        final MemorySegment conf = arena.allocate(layout.sizeof("rte_eth_rss_conf"), 8);
        fill(layout, conf, key.asSlice(0, length), 0);
        try {
            final int status = (int) EthDevCalls.RSS_HASH_CONF_GET.invokeExact((short) portId, conf);
            check("rte_eth_dev_rss_hash_conf_get", status);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return conf;
    }

    /**
     * Sets the redirection table.
     *
     * @param queues a receive queue for each of its {@link #tableSize} entries
     */
    public void redirect(final int[] queues) {
        if (queues.length != tableSize) {
            throw new IllegalArgumentException(
                    "port " + name + " has a redirection table of " + tableSize + " entries, not of " + queues.length);
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment groups = groups(arena);
            for (int i = 0; i < tableSize; i++) {
                groups.set(JAVA_SHORT, entry(i), (short) queues[i]);
            }
            call("rte_eth_dev_rss_reta_update", EthDevCalls.RSS_RETA_UPDATE, groups);
        }
    }

    /** The redirection table, read back from the driver. */
    public int[] table() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment groups = groups(arena);
            call("rte_eth_dev_rss_reta_query", EthDevCalls.RSS_RETA_QUERY, groups);
            final int[] queues = new int[tableSize];
            for (int i = 0; i < tableSize; i++) {
                queues[i] = Short.toUnsignedInt(groups.get(JAVA_SHORT, entry(i)));
            }
            return queues;
        }
    }

    /** Groups of entries, each with a mask of those that count: all. */
    private MemorySegment groups(final Arena arena) {
        final int count = (tableSize + groupSize - 1) / groupSize;
        final MemorySegment groups = arena.allocate((long) groupBytes * count, 8);
        for (int i = 0; i < count; i++) {
            final int inGroup = Math.min(groupSize, tableSize - i * groupSize);
            groups.set(
                    JAVA_LONG,
                    (long) i * groupBytes + layout.offset("rte_eth_rss_reta_entry64.mask", 8),
                    WHOLE_GROUP >>> (Long.SIZE - inGroup));
        }
        return groups;
    }

    private long entry(final int index) {
        return (long) (index / groupSize) * groupBytes
                + layout.offset("rte_eth_rss_reta_entry64.reta")
                + (long) (index % groupSize) * Short.BYTES;
    }

    private void call(final String what, final MethodHandle function, final MemorySegment groups) {
        try {
            check(what, (int) function.invokeExact((short) portId, groups, (short) tableSize));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    private void check(final String what, final int status) {
        if (status != 0) {
            throw new DpdkException(what + " port=" + name, status, EalLog.cause());
        }
    }
}
