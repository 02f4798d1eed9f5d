package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * An Ethernet port of DPDK. Control path, safe for any platform thread: probe, configure, set up every queue,
 * start; then the bursts of its {@link RxQueue}s and {@link TxQueue}s; stop once nobody is in a burst; close.
 */
public final class EthDev implements AutoCloseable {
    private static final int MAX_DEVARGS_LENGTH = 1024;

    private enum State {
        PROBED,
        CONFIGURED,
        STARTED,
        CLOSED
    }

    private final DpdkLayout layout = Dpdk.load().layout();
    private final int portId;
    private final String name;
    private final long device;
    private State state = State.PROBED;
    private int rxQueueCount;
    private int txQueueCount;

    private EthDev(final int portId, final String name) {
        this.portId = portId;
        this.name = name;
        try (Arena arena = Arena.ofConfined()) {
            device = rawInfo(arena).get(JAVA_LONG, layout.offset("rte_eth_dev_info.device", 8));
        }
    }

    /**
     * Creates the device that {@code devargs} describes, as in {@code net_null0,size=64}, and its port.
     *
     * @throws DpdkUnavailableException if there is no such driver
     * @throws DpdkException if the driver refuses; the message carries what it logged
     */
    public static EthDev probe(final String devargs) {
        final int comma = devargs.indexOf(',');
        final String name = comma < 0 ? devargs : devargs.substring(0, comma);
        checkDeviceName(name);
        if (devargs.length() > MAX_DEVARGS_LENGTH || devargs.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw new IllegalArgumentException(
                    "device=\"" + devargs + "\" must be at most " + MAX_DEVARGS_LENGTH + " printable characters");
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment string = arena.allocateFrom(devargs);
            final int status = EalLog.caught(() -> (int) EthDevCalls.DEV_PROBE.invokeExact(string));
            if (status != 0) {
                final String logged = EalLog.cause();
                // No bus knows a name whose driver is not loaded.
                if (logged.contains("failed to parse device") && name.startsWith("net_")) {
                    final String driver = name.replaceFirst("\\d+$", "");
                    throw new DpdkUnavailableException("there is no DPDK driver " + driver + "; install package "
                            + Dpdk.load().driverPackage(driver));
                }
                throw new DpdkException("rte_dev_probe " + devargs, status, logged);
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return byName(name);
    }

    /** The port of a device that exists, such as a PCI device that EAL found at its start. */
    public static EthDev byName(final String name) {
        checkDeviceName(name);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment port = arena.allocate(JAVA_SHORT);
            final int status = (int) EthDevCalls.GET_PORT_BY_NAME.invokeExact(arena.allocateFrom(name), port);
            if (status != 0) {
                throw new DpdkException("rte_eth_dev_get_port_by_name " + name, status, EalLog.cause());
            }
            return new EthDev(Short.toUnsignedInt(port.get(JAVA_SHORT, 0)), name);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    private static void checkDeviceName(final String name) {
        final int most = Dpdk.load().layout().intConstant("RTE_ETH_NAME_MAX_LEN") - 1;
        if (!name.matches("[A-Za-z0-9._:-]+") || name.length() > most) {
            throw new IllegalArgumentException(
                    "device name=\"" + name + "\" must be 1 to " + most + " of the characters A-Za-z0-9._:-");
        }
    }

    public int portId() {
        return portId;
    }

    /** Name of the device, as in {@code net_null0}. */
    public String name() {
        return name;
    }

    /** NUMA node of the device, or {@link PktMbufPool#SOCKET_ANY}. */
    public synchronized int socket() {
        checkNotClosed();
        try {
            return Math.max(PktMbufPool.SOCKET_ANY, (int) EthDevCalls.SOCKET_ID.invokeExact((short) portId));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    public synchronized EthDevInfo info() {
        checkNotClosed();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment info = rawInfo(arena);
            return new EthDevInfo(
                    Memory.getString(info.get(JAVA_LONG, layout.offset("rte_eth_dev_info.driver_name", 8)), 64),
                    info.get(JAVA_INT, layout.offset("rte_eth_dev_info.if_index", 4)),
                    unsignedShort(info, "rte_eth_dev_info.min_mtu"),
                    unsignedShort(info, "rte_eth_dev_info.max_mtu"),
                    info.get(JAVA_INT, layout.offset("rte_eth_dev_info.max_rx_pktlen", 4)),
                    info.get(JAVA_INT, layout.offset("rte_eth_dev_info.min_rx_bufsize", 4)),
                    unsignedShort(info, "rte_eth_dev_info.max_rx_queues"),
                    unsignedShort(info, "rte_eth_dev_info.max_tx_queues"),
                    info.get(JAVA_LONG, layout.offset("rte_eth_dev_info.rx_offload_capa", 8)),
                    info.get(JAVA_LONG, layout.offset("rte_eth_dev_info.tx_offload_capa", 8)),
                    info.get(JAVA_LONG, layout.offset("rte_eth_dev_info.flow_type_rss_offloads", 8)),
                    unsignedShort(info, "rte_eth_dev_info.reta_size"),
                    Byte.toUnsignedInt(info.get(JAVA_BYTE, layout.offset("rte_eth_dev_info.hash_key_size", 1))),
                    Short.toUnsignedInt(info.get(
                            JAVA_SHORT,
                            layout.offset("rte_eth_dev_info.tx_desc_lim")
                                    + layout.offset("rte_eth_desc_lim.nb_seg_max", 2))));
        }
    }

    private int unsignedShort(final MemorySegment struct, final String field) {
        return Short.toUnsignedInt(struct.get(JAVA_SHORT, layout.offset(field, 2)));
    }

    private MemorySegment rawInfo(final Arena arena) {
        final MemorySegment info = arena.allocate(layout.sizeof("rte_eth_dev_info"), 64);
        check("rte_eth_dev_info_get", call(EthDevCalls.INFO_GET, info));
        return info;
    }

    /**
     * Configures the port anew; it must be stopped. Every queue must be set up afterwards.
     *
     * @param rxOffloads of {@link EthDevInfo#rxOffloads}
     * @param txOffloads of {@link EthDevInfo#txOffloads}
     * @param mtu in bytes, 0 for the driver's default
     */
    public synchronized void configure(
            final int rxQueues, final int txQueues, final long rxOffloads, final long txOffloads, final int mtu) {
        configure(rxQueues, txQueues, rxOffloads, txOffloads, mtu, null);
    }

    /**
     * Like {@link #configure(int, int, long, long, int)}, with several receive queues over which a hash spreads what comes.
     *
     * @param rssKey of that hash, or null for the driver's own
     */
    public synchronized void configure(
            final int rxQueues,
            final int txQueues,
            final long rxOffloads,
            final long txOffloads,
            final int mtu,
            final byte[] rssKey) {
        checkState("configured", State.PROBED, State.CONFIGURED);
        final EthDevInfo info = info();
        Arguments.checkRange("rxQueues", rxQueues, 0, info.maxRxQueues());
        Arguments.checkRange("txQueues", txQueues, 0, info.maxTxQueues());
        Arguments.checkRange("rxQueues+txQueues", rxQueues + (long) txQueues, 1, 0xffff);
        checkOffloads("rx", rxOffloads, info.rxOffloads());
        checkOffloads("tx", txOffloads, info.txOffloads());
        Arguments.checkRange("mtu", mtu, 0, info.maxMtu());
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment conf = arena.allocate(layout.sizeof("rte_eth_conf"), 64);
            conf.set(JAVA_INT, layout.offset("rte_eth_conf.rxmode.mtu", 4), mtu);
            conf.set(JAVA_LONG, layout.offset("rte_eth_conf.rxmode.offloads", 8), rxOffloads);
            conf.set(JAVA_LONG, layout.offset("rte_eth_conf.txmode.offloads", 8), txOffloads);
            if (rxQueues > 1 && info.rssOffloads() != 0) {
                conf.set(
                        JAVA_INT,
                        layout.offset("rte_eth_conf.rxmode.mq_mode", 4),
                        layout.intConstant("RTE_ETH_MQ_RX_RSS"));
                EthRss.fill(
                        layout,
                        conf.asSlice(layout.offset("rte_eth_conf.rx_adv_conf.rss_conf")),
                        rssKey == null ? MemorySegment.NULL : arena.allocateFrom(JAVA_BYTE, rssKey),
                        EthRss.types(layout) & info.rssOffloads());
            }
            final int status =
                    (int) EthDevCalls.CONFIGURE.invokeExact((short) portId, (short) rxQueues, (short) txQueues, conf);
            check("rte_eth_dev_configure rxQueues=" + rxQueues + " txQueues=" + txQueues + " mtu=" + mtu, status);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        rxQueueCount = rxQueues;
        txQueueCount = txQueues;
        state = State.CONFIGURED;
    }

    /** How the started port spreads what it receives over its queues. */
    public synchronized EthRss rss() {
        checkState("asked for its hash", State.STARTED);
        return new EthRss(portId, name, info());
    }

    private void checkOffloads(final String direction, final long wanted, final long capable) {
        if ((wanted & ~capable) != 0) {
            throw new IllegalArgumentException("port " + name + " lacks " + direction + " offloads="
                    + ("rx".equals(direction)
                            ? EthOffload.rxNames(wanted & ~capable)
                            : EthOffload.txNames(wanted & ~capable)));
        }
    }

    /**
     * Sets up a receive queue that takes its mbufs from {@code pool}.
     *
     * @param descriptors wanted, adjusted to the port's limits; 1 to 65535
     */
    public synchronized void setupRxQueue(final int queue, final int descriptors, final PktMbufPool pool) {
        checkState("set up", State.CONFIGURED);
        Objects.checkIndex(queue, rxQueueCount);
        Arguments.checkRange("descriptors", descriptors, 1, 0xffff);
        try (Arena arena = Arena.ofConfined()) {
            final short adjusted = (short) adjustDescriptors(arena, descriptors, true);
            final int status = EalLog.caught(() -> (int) EthDevCalls.RX_QUEUE_SETUP.invokeExact(
                    (short) portId, (short) queue, adjusted, socket(), MemorySegment.NULL, pool.address()));
            check("rte_eth_rx_queue_setup queue=" + queue + " dataRoom=" + pool.dataRoom(), status);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Sets up a transmit queue; see {@link #setupRxQueue}. */
    public synchronized void setupTxQueue(final int queue, final int descriptors) {
        checkState("set up", State.CONFIGURED);
        Objects.checkIndex(queue, txQueueCount);
        Arguments.checkRange("descriptors", descriptors, 1, 0xffff);
        try (Arena arena = Arena.ofConfined()) {
            final short adjusted = (short) adjustDescriptors(arena, descriptors, false);
            final int status = EalLog.caught(() -> (int) EthDevCalls.TX_QUEUE_SETUP.invokeExact(
                    (short) portId, (short) queue, adjusted, socket(), MemorySegment.NULL));
            check("rte_eth_tx_queue_setup queue=" + queue, status);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    private int adjustDescriptors(final Arena arena, final int wanted, final boolean rx) throws Throwable {
        final MemorySegment count = arena.allocate(JAVA_SHORT);
        count.set(JAVA_SHORT, 0, (short) wanted);
        final MemorySegment rxCount = rx ? count : MemorySegment.NULL;
        final MemorySegment txCount = rx ? MemorySegment.NULL : count;
        final int status = (int) EthDevCalls.ADJUST_DESCRIPTORS.invokeExact((short) portId, rxCount, txCount);
        check("rte_eth_dev_adjust_nb_rx_tx_desc descriptors=" + wanted, status);
        return Short.toUnsignedInt(count.get(JAVA_SHORT, 0));
    }

    public synchronized void start() {
        checkState("started", State.CONFIGURED);
        check("rte_eth_dev_start", call(EthDevCalls.START));
        state = State.STARTED;
    }

    /** Stops the port; every {@link RxQueue} and {@link TxQueue} of it is dead, nobody may be in a burst. */
    public synchronized void stop() {
        checkState("stopped", State.STARTED);
        check("rte_eth_dev_stop", call(EthDevCalls.STOP));
        state = State.CONFIGURED;
    }

    /**
     * A receive queue of the started port.
     *
     * @param critical whether bursts hold up safepoints, which is faster; only for drivers that never make slow or
     *     blocking calls here
     */
    public synchronized RxQueue rxQueue(final int queue, final boolean critical) {
        checkState("polled", State.STARTED);
        Objects.checkIndex(queue, rxQueueCount);
        final long ops = fastPathOps();
        return new RxQueue(
                Memory.getLong(ops + layout.offset("rte_eth_fp_ops.rx_pkt_burst", 8)),
                queueData(ops + layout.offset("rte_eth_fp_ops.rxq"), queue),
                critical);
    }

    /** A transmit queue of the started port; see {@link #rxQueue}. */
    public synchronized TxQueue txQueue(final int queue, final boolean critical) {
        checkState("polled", State.STARTED);
        Objects.checkIndex(queue, txQueueCount);
        final long ops = fastPathOps();
        return new TxQueue(
                Memory.getLong(ops + layout.offset("rte_eth_fp_ops.tx_pkt_burst", 8)),
                Memory.getLong(ops + layout.offset("rte_eth_fp_ops.tx_pkt_prepare", 8)),
                queueData(ops + layout.offset("rte_eth_fp_ops.txq"), queue),
                critical);
    }

    /**
     * The port's function pointers; between stop and start they are DPDK's dummies, so they are read after each
     * start.
     */
    private long fastPathOps() {
        return Dpdk.load().symbol("ethdev", "rte_eth_fp_ops").address()
                + (long) portId * layout.sizeof("rte_eth_fp_ops");
    }

    private long queueData(final long qdata, final int queue) {
        final long pointers = Memory.getLong(qdata + layout.offset("rte_ethdev_qdata.data", 8));
        return Memory.getLong(pointers + ((long) queue << 3));
    }

    /** Receive frames for any destination. */
    public synchronized void promiscuous(final boolean on) {
        checkNotClosed();
        check(
                "rte_eth_promiscuous_" + (on ? "enable" : "disable"),
                call(on ? EthDevCalls.PROMISCUOUS_ENABLE : EthDevCalls.PROMISCUOUS_DISABLE));
    }

    /** Receive frames for any multicast group. */
    public synchronized void allmulticast(final boolean on) {
        checkNotClosed();
        check(
                "rte_eth_allmulticast_" + (on ? "enable" : "disable"),
                call(on ? EthDevCalls.ALLMULTICAST_ENABLE : EthDevCalls.ALLMULTICAST_DISABLE));
    }

    /** The port's MAC address, 6 bytes. */
    public synchronized byte[] macAddress() {
        checkNotClosed();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment address = arena.allocate(layout.sizeof("rte_ether_addr"), 2);
            check("rte_eth_macaddr_get", call(EthDevCalls.MACADDR_GET, address));
            return address.toArray(JAVA_BYTE);
        }
    }

    /** In bytes. */
    public synchronized int mtu() {
        checkNotClosed();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment mtu = arena.allocate(JAVA_SHORT);
            check("rte_eth_dev_get_mtu", call(EthDevCalls.GET_MTU, mtu));
            return Short.toUnsignedInt(mtu.get(JAVA_SHORT, 0));
        }
    }

    /**
     * Sets the MTU.
     *
     * @param mtu in bytes, 68 to 65535 and within the port's limits
     */
    public synchronized void mtu(final int mtu) {
        checkNotClosed();
        Arguments.checkRange("mtu", mtu, 68, 0xffff);
        try {
            check("rte_eth_dev_set_mtu mtu=" + mtu, (int) EthDevCalls.SET_MTU.invokeExact((short) portId, (short) mtu));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** State of the link, without waiting for it to settle. */
    public synchronized EthLink link() {
        checkNotClosed();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment link = arena.allocate(layout.sizeof("rte_eth_link"), 8);
            check("rte_eth_link_get_nowait", call(EthDevCalls.LINK_GET, link));
            final boolean up = (link.get(JAVA_LONG, 0) & layout.constant("rte_eth_link.link_status")) != 0;
            return new EthLink(
                    up, Integer.toUnsignedLong(link.get(JAVA_INT, layout.offset("rte_eth_link.link_speed", 4))));
        }
    }

    public synchronized EthStats stats() {
        checkNotClosed();
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment stats = arena.allocate(layout.sizeof("rte_eth_stats"), 8);
            check("rte_eth_stats_get", call(EthDevCalls.STATS_GET, stats));
            return new EthStats(
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.ipackets", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.opackets", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.ibytes", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.obytes", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.imissed", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.ierrors", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.oerrors", 8)),
                    stats.get(JAVA_LONG, layout.offset("rte_eth_stats.rx_nombuf", 8)));
        }
    }

    public synchronized void resetStats() {
        checkNotClosed();
        check("rte_eth_stats_reset", call(EthDevCalls.STATS_RESET));
    }

    /** The driver's extended statistics by name, in its order. */
    public synchronized Map<String, Long> xstats() {
        checkNotClosed();
        final int nameBytes = layout.sizeof("rte_eth_xstat_name");
        final int valueBytes = layout.sizeof("rte_eth_xstat");
        final Map<String, Long> xstats = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            final int count = (int) EthDevCalls.XSTATS_GET_NAMES.invokeExact((short) portId, MemorySegment.NULL, 0);
            check("rte_eth_xstats_get_names", Math.min(count, 0));
            final MemorySegment names = arena.allocate((long) nameBytes * Math.max(count, 1), 8);
            final MemorySegment values = arena.allocate((long) valueBytes * Math.max(count, 1), 8);
            final int named = (int) EthDevCalls.XSTATS_GET_NAMES.invokeExact((short) portId, names, count);
            final int valued = (int) EthDevCalls.XSTATS_GET.invokeExact((short) portId, values, count);
            check("rte_eth_xstats_get", Math.min(named, Math.min(valued, 0)));
            for (int i = 0; i < Math.min(count, valued); i++) {
                final MemorySegment value = values.asSlice((long) i * valueBytes, valueBytes);
                final long id = value.get(JAVA_LONG, layout.offset("rte_eth_xstat.id", 8));
                if (id >= 0 && id < count) {
                    xstats.put(
                            Memory.getString(names.address() + id * nameBytes, nameBytes),
                            value.get(JAVA_LONG, layout.offset("rte_eth_xstat.value", 8)));
                }
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return xstats;
    }

    /**
     * Stops the port if need be, closes it and removes the device. Mbufs that the driver held go back to their
     * pools.
     */
    @Override
    public synchronized void close() {
        if (state == State.CLOSED) {
            return;
        }
        if (state == State.STARTED) {
            stop();
        }
        check("rte_eth_dev_close", call(EthDevCalls.CLOSE));
        state = State.CLOSED;
        try {
            check("rte_dev_remove", EalLog.caught(() -> (int) EthDevCalls.DEV_REMOVE.invokeExact(device)));
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    private void checkNotClosed() {
        if (state == State.CLOSED) {
            throw new IllegalStateException("port " + name + " is closed");
        }
    }

    private void checkState(final String action, final State... allowed) {
        for (final State one : allowed) {
            if (state == one) {
                return;
            }
        }
        throw new IllegalStateException("port " + name + " is " + state + " and cannot be " + action);
    }

    private void check(final String what, final int status) {
        if (status != 0) {
            throw new DpdkException(what + " port=" + name, status, EalLog.cause());
        }
    }

    private int call(final MethodHandle function) {
        return EalLog.caught(() -> (int) function.invokeExact((short) portId));
    }

    private int call(final MethodHandle function, final MemorySegment out) {
        try {
            return (int) function.invokeExact((short) portId, out);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
