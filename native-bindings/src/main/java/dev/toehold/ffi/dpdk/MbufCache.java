package dev.toehold.ffi.dpdk;

/**
 * One lcore's cache of one pool ({@code struct rte_mempool_cache}): mbufs come from memory that only this lcore
 * touches, and from the pool's shared ring a cacheful at a time. Used by the lcore's thread only.
 */
public final class MbufCache {
    private static final int LEN;
    private static final int OBJS;
    private static final int CACHE_SIZEOF;
    private static final int LOCAL_CACHE;

    static {
        final DpdkLayout layout = Dpdk.load().layout();
        LEN = layout.offset("rte_mempool_cache.len", 4);
        OBJS = layout.offset("rte_mempool_cache.objs");
        CACHE_SIZEOF = layout.sizeof("rte_mempool_cache");
        LOCAL_CACHE = layout.offset("rte_mempool.local_cache", 8);
    }

    private final PktMbufPool pool;
    private final long cache;
    private final MbufArray one = new MbufArray(1);

    /**
     * The calling lcore's cache of {@code pool}.
     *
     * @throws IllegalStateException if {@code lcore} is not the calling thread
     * @throws IllegalArgumentException if the pool has no caches
     */
    public MbufCache(final PktMbufPool pool, final Lcore lcore) {
        if (!lcore.isCurrentThread()) {
            throw new IllegalStateException("lcore " + lcore.id() + " is not the calling thread");
        }
        if (pool.cacheSize() == 0) {
            throw new IllegalArgumentException("pool " + pool.name() + " was created with cacheSize=0");
        }
        this.pool = pool;
        cache = Memory.getLong(pool.address() + LOCAL_CACHE) + (long) lcore.id() * CACHE_SIZEOF;
    }

    /** An empty mbuf of one segment, or 0 if the pool is exhausted. */
    public long allocate() {
        int length = Memory.getInt(cache + LEN);
        if (length == 0) {
            length = refill(1);
            if (length == 0) {
                return 0;
            }
        }
        length--;
        final long mbuf = Memory.getLong(cache + OBJS + ((long) length << 3));
        Memory.putInt(cache + LEN, length);
        Mbuf.reset(mbuf);
        return mbuf;
    }

    /**
     * Allocates {@code count} mbufs into {@code into}, from {@code from} on: all or none.
     *
     * @param count at most the size of the lcore's cache
     * @return whether it did
     */
    public boolean allocate(final MbufArray into, final int from, final int count) {
        if (count > pool.cacheSize()) {
            throw new IllegalArgumentException("count exceeds the pool's cacheSize");
        }
        final long array = into.address(from, count);
        int length = Memory.getInt(cache + LEN);
        if (length < count) {
            length = refill(count);
            if (length < count) {
                return false;
            }
        }
        for (int i = 0; i < count; i++) {
            length--;
            final long mbuf = Memory.getLong(cache + OBJS + ((long) length << 3));
            Memory.putLong(array + ((long) i << 3), mbuf);
            Mbuf.reset(mbuf);
        }
        Memory.putInt(cache + LEN, length);
        return true;
    }

    /** Frees a packet with all its segments. */
    public void free(final long mbuf) {
        one.set(0, mbuf);
        PktMbufPool.free(one, 0, 1);
    }

    /** Frees packets with all their segments. */
    public void free(final MbufArray mbufs, final int from, final int count) {
        PktMbufPool.free(mbufs, from, count);
    }

    /** Dequeues a cacheful less what is there; near exhaustion, as the ring gives all or nothing, ever less. */
    private int refill(final int atLeast) {
        final int full = pool.cacheSize();
        int length = Memory.getInt(cache + LEN);
        int wanted = full - length;
        while (wanted > 0 && length < atLeast) {
            if (pool.dequeue(cache + OBJS + ((long) length << 3), wanted) == 0) {
                length += wanted;
                wanted = Math.min(wanted, full - length);
            } else {
                wanted >>= 1;
            }
        }
        Memory.putInt(cache + LEN, length);
        return length;
    }
}
