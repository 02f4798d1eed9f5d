package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;

/** Mbufs of a DPDK pool, through the lcore's cache of it. */
public final class PoolBuffers extends PacketBuffers {
    private final MbufCache cache;

    /** Called on the lcore's own thread. */
    public PoolBuffers(PktMbufPool pool, Lcore lcore) {
        super(pool.memory());
        cache = new MbufCache(pool, lcore);
    }

    @Override
    public long allocate() {
        return cache.allocate();
    }

    @Override
    public void free(long mbuf) {
        cache.free(mbuf);
    }

    @Override
    public void free(MbufArray mbufs, int from, int count) {
        if (count > 0) {
            cache.free(mbufs, from, count);
        }
    }
}
