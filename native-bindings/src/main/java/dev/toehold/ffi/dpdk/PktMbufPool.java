package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * A mempool of packet mbufs with a cache per lcore. Creation and counts are control path; {@link MbufCache} is the
 * fast one.
 */
public final class PktMbufPool implements AutoCloseable {
    /** Any NUMA socket. */
    public static final int SOCKET_ANY = -1;

    /** Most mbufs of one pool here, far above what memory allows. */
    public static final int MAX_COUNT = 1 << 22;

    /** Size of a data room that holds a 2 KiB frame behind the headroom. */
    public static final int DEFAULT_DATA_ROOM = Dpdk.load().layout().intConstant("RTE_MBUF_DEFAULT_BUF_SIZE");

    private static final MethodHandle CREATE = Dpdk.load()
            .function(
                    "mbuf",
                    "rte_pktmbuf_pool_create",
                    FunctionDescriptor.of(JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, JAVA_SHORT, JAVA_SHORT, JAVA_INT));
    private static final MethodHandle FREE =
            Dpdk.load().function("mempool", "rte_mempool_free", FunctionDescriptor.ofVoid(JAVA_LONG));
    private static final MethodHandle AVAIL_COUNT =
            Dpdk.load().function("mempool", "rte_mempool_avail_count", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    private static final MethodHandle FREE_BULK = Dpdk.load()
            .function(
                    "mbuf",
                    "rte_pktmbuf_free_bulk",
                    FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT),
                    Linker.Option.critical(false));
    /**
     * {@code rte_mempool_dequeue_t}, which goes by address: the pool's own function out of the table of mempool
     * ops.
     */
    private static final MethodHandle DEQUEUE = Linker.nativeLinker()
            .downcallHandle(
                    FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT), Linker.Option.critical(false));

    private final String name;
    private final long address;
    private final int count;
    private final int cacheSize;
    private final int dataRoom;
    private final MemorySegment dequeue;
    private MemorySegment memory = MemorySegment.NULL;
    private boolean closed;

    private PktMbufPool(
            final String name, final long address, final int count, final int cacheSize, final int dataRoom) {
        this.name = name;
        this.address = address;
        this.count = count;
        this.cacheSize = cacheSize;
        this.dataRoom = dataRoom;
        final DpdkLayout layout = Dpdk.load().layout();
        final int index = Memory.getInt(address + layout.offset("rte_mempool.ops_index", 4));
        final long ops = Dpdk.load().symbol("mempool", "rte_mempool_ops_table").address()
                + layout.offset("rte_mempool_ops_table.ops")
                + (long) index * layout.sizeof("rte_mempool_ops");
        dequeue = MemorySegment.ofAddress(Memory.getLong(ops + layout.offset("rte_mempool_ops.dequeue", 8)));
    }

    /**
     * Creates a pool and proves on one of its mbufs that the structure layouts hold.
     *
     * @param name 1 to 25 of the characters {@code A-Za-z0-9._-}, unique in this process
     * @param count mbufs, 1 to {@link #MAX_COUNT}; a power of two minus one wastes least
     * @param cacheSize mbufs that each lcore may keep to itself, 0 to 512, at most two thirds of {@code count}
     * @param dataRoom bytes of buffer per mbuf, headroom (128) included, 256 to 65535
     * @param socket NUMA node, or {@link #SOCKET_ANY}
     * @throws DpdkException if the memory does not suffice
     */
    public static PktMbufPool create(
            final String name, final int count, final int cacheSize, final int dataRoom, final int socket) {
        final DpdkLayout layout = Dpdk.load().layout();
        Arguments.checkName("pool name", name, layout.intConstant("RTE_MEMPOOL_NAMESIZE") - 1);
        Arguments.checkRange("count", count, 1, MAX_COUNT);
        Arguments.checkRange("cacheSize", cacheSize, 0, layout.intConstant("RTE_MEMPOOL_CACHE_MAX_SIZE"));
        if (cacheSize + cacheSize / 2 > count) {
            throw new IllegalArgumentException("cacheSize=" + cacheSize + " exceeds two thirds of count=" + count);
        }
        Arguments.checkRange("dataRoom", dataRoom, 2L * Mbuf.HEADROOM, 0xffff);
        Arguments.checkRange("socket", socket, SOCKET_ANY, 1023);
        try (Arena arena = Arena.ofConfined()) {
            final long address = (long)
                    CREATE.invokeExact(arena.allocateFrom(name), count, cacheSize, (short) 0, (short) dataRoom, socket);
            if (address == 0) {
                throw new DpdkException(
                        "rte_pktmbuf_pool_create name=" + name + " count=" + count + " dataRoom=" + dataRoom,
                        RteErrno.get(),
                        EalLog.cause());
            }
            final PktMbufPool pool = new PktMbufPool(name, address, count, cacheSize, dataRoom);
            pool.checkLayout();
            pool.measure();
            return pool;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /**
     * A fresh mbuf's fields have values that are known beforehand; any other value means that the offsets are
     * wrong.
     */
    private void checkLayout() {
        final MbufArray one = new MbufArray(1);
        if (dequeue(one.address(0, 1), 1) != 0) {
            throw new DpdkUnavailableException("self-test: a fresh pool of count=" + count + " has no mbuf");
        }
        final long mbuf = one.get(0);
        final long pool = Memory.getLong(mbuf + Mbuf.POOL);
        final long buffer = Memory.getLong(mbuf + Mbuf.BUF_ADDR);
        final boolean holds = pool == address
                && buffer == mbuf + Mbuf.SIZE
                && Mbuf.bufferLength(mbuf) == dataRoom
                && Mbuf.dataOffset(mbuf) == Mbuf.HEADROOM
                && Mbuf.referenceCount(mbuf) == 1
                && Mbuf.segmentCount(mbuf) == 1
                && Mbuf.next(mbuf) == 0;
        if (!holds) {
            throw new DpdkUnavailableException("self-test: the mbuf layout of DPDK "
                    + Dpdk.load().layout().release() + " does not fit "
                    + Dpdk.load().version()
                    + " (pool=" + Long.toHexString(pool) + " buf_len=" + Mbuf.bufferLength(mbuf) + " data_off="
                    + Mbuf.dataOffset(mbuf) + " refcnt=" + Mbuf.referenceCount(mbuf)
                    + "); install the distribution's DPDK");
        }
        free(one, 0, 1);
    }

    /**
     * Finds the bounds of the buffers by taking every mbuf once: how a pool is spread over memory zones is EAL's
     * affair.
     */
    private void measure() {
        try (Arena arena = Arena.ofConfined()) {
            final long mbufs = arena.allocate(JAVA_LONG, count).address();
            if (dequeue(mbufs, count) != 0) {
                throw new DpdkUnavailableException("self-test: a fresh pool of count=" + count + " lacks mbufs");
            }
            long lowest = Long.MAX_VALUE;
            long highest = 0;
            for (int i = 0; i < count; i++) {
                final long buffer = Memory.getLong(Memory.getLong(mbufs + ((long) i << 3)) + Mbuf.BUF_ADDR);
                lowest = Math.min(lowest, buffer);
                highest = Math.max(highest, buffer);
            }
            freeBulk(mbufs, count);
            memory = Memory.segment(lowest, highest - lowest + dataRoom);
        }
    }

    /**
     * One segment over the buffers of all mbufs of this pool, for code that must not make a segment for each packet,
     * which {@link Mbuf#data} does wherever the compiler does not see all of the segment's life.
     */
    public MemorySegment memory() {
        checkOpen();
        return memory;
    }

    /** Where the data of an mbuf of this pool begins in {@link #memory}. */
    public long dataOffset(final long mbuf) {
        return Mbuf.dataAddress(mbuf) - memory.address();
    }

    /** Takes {@code n} mbufs from the shared part of the pool, all or none. Returns 0 if it did. */
    int dequeue(final long array, final int n) {
        try {
            return (int) DEQUEUE.invokeExact(dequeue, address, array, n);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /**
     * Frees packets with all their segments, into the calling lcore's cache if it is one ({@code
     * rte_pktmbuf_free_bulk}). They may belong to any pool; zeros are skipped.
     */
    public static void free(final MbufArray mbufs, final int from, final int count) {
        freeBulk(mbufs.address(from, count), count);
    }

    private static void freeBulk(final long array, final int count) {
        try {
            FREE_BULK.invokeExact(array, count);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** Mbufs that are free now, in the pool and in all caches; exact only while no lcore works. */
    public int availableCount() {
        checkOpen();
        try {
            return (int) AVAIL_COUNT.invokeExact(address);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    public String name() {
        return name;
    }

    /** Mbufs that the pool was made with. */
    public int count() {
        return count;
    }

    /** Bytes of buffer per mbuf, headroom included. */
    public int dataRoom() {
        return dataRoom;
    }

    int cacheSize() {
        return cacheSize;
    }

    long address() {
        checkOpen();
        return address;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("pool " + name + " is closed");
        }
    }

    /**
     * Frees the pool. Before {@link Eal#close} there is no need to, and after net_af_xdp there is no way: that
     * driver keeps mbufs when its port is closed.
     *
     * @throws IllegalStateException if mbufs are still in use: freeing the memory under them would corrupt it
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        final int missing = count - availableCount();
        if (missing != 0) {
            throw new IllegalStateException("pool " + name + " has " + missing + " of " + count
                    + " mbufs in use; free them and close the ports that hold some first");
        }
        closed = true;
        try {
            FREE.invokeExact(address);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
