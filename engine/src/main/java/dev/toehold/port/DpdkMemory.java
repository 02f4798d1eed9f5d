package dev.toehold.port;

import dev.toehold.ffi.dpdk.PktMbufPool;
import java.util.List;

/**
 * How much memory ports and lcores need of DPDK: one pool of mbufs for all, large enough that no queue can starve
 * another.
 *
 * @param mbufCount mbufs of the pool
 * @param cacheSize mbufs of the pool that an lcore may keep to itself
 * @param dataRoom bytes of buffer per mbuf, headroom included
 * @param megabytes memory for EAL to set aside, pools, rings and drivers included
 */
public record DpdkMemory(int mbufCount, int cacheSize, int dataRoom, int megabytes) {
    static final int CACHE_SIZE = 256;

    private static final int HEADROOM = 128;
    /** RTE_MBUF_DEFAULT_BUF_SIZE. */
    private static final int LEAST_DATA_ROOM = 2048 + HEADROOM;

    /** struct rte_mbuf, the mempool's object header, and what spreading over memory channels adds at most. */
    private static final int PER_MBUF_OVERHEAD = 128 + 64 + 64;

    /** A pool's header: a cache of 8256 bytes for each of 128 lcores; and its ring. */
    private static final int PER_POOL_OVERHEAD = 128 * 8256 + 64 * 1024;

    /** EAL's own structures, drivers' private data, statistics. */
    private static final int BASE_BYTES = 12 << 20;

    /** Mbufs that an lcore has in hand while it works on a burst each of receiving, sending and freeing. */
    private static final int BURSTS_PER_LCORE = 3 * 64;

    private static final int LEAST_MBUFS = 4096;

    /**
     * What a configuration needs.
     *
     * @param mtu the largest of all ports
     * @param lcores poll threads, 1 to 127
     * @param retainedMbufs mbufs that the engine may keep beyond a burst: frames that wait for a neighbour,
     *     segments that wait for a full transmit queue, entries of the rings between lcores
     */
    public static DpdkMemory of(
            final List<PortDevice> devices, final int mtu, final int lcores, final int retainedMbufs) {
        if (lcores < 1 || lcores > 127 || retainedMbufs < 0) {
            throw new IllegalArgumentException("lcores=" + lcores + ", retainedMbufs=" + retainedMbufs);
        }
        long mbufs = retainedMbufs + (long) lcores * (CACHE_SIZE + CACHE_SIZE / 2 + BURSTS_PER_LCORE);
        // A port has at most one queue pair per lcore.
        for (final PortDevice device : devices) {
            final DriverTraits traits = DriverTraits.of(device.driver(), device.kind() == PortDevice.Kind.PCI);
            mbufs += (long) traits.mbufsPerQueuePair() * lcores;
        }
        final int count = (int) Math.min(Math.max(mbufs, LEAST_MBUFS), PktMbufPool.MAX_COUNT);
        final int dataRoom = dataRoom(mtu);
        final long bytes = BASE_BYTES
                + PER_POOL_OVERHEAD
                + (long) count * (dataRoom + PER_MBUF_OVERHEAD)
                + 16L * Integer.highestOneBit(count) * 2;
        return new DpdkMemory(count, CACHE_SIZE, dataRoom, (int) ((bytes + (1 << 20) - 1) >> 20));
    }

    /** Room for a packet of {@code mtu} bytes as net_af_packet wants it, which wants most. */
    static int dataRoom(final int mtu) {
        return Math.max(LEAST_DATA_ROOM, AfPacketRing.forMtu(mtu).packetRoom() + HEADROOM);
    }

    /** Creates the pool; EAL must have been started with {@link #megabytes} or more. */
    public PktMbufPool createPool(final String name) {
        return PktMbufPool.create(name, mbufCount, cacheSize, dataRoom, PktMbufPool.SOCKET_ANY);
    }
}
