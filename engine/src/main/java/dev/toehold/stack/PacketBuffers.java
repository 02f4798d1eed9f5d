package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.MbufCache;
import dev.toehold.ffi.dpdk.PktMbufPool;
import java.lang.foreign.MemorySegment;

/**
 * The engine's mbufs as one lcore takes, reads and frees them. All ports and lcores share one pool, so one memory segment covers every
 * packet and an offset in it names its bytes: nothing is allocated per packet.
 */
final class PacketBuffers {
    private final MbufCache cache;
    private final MemorySegment memory;
    private final long base;

    /** Called on the lcore's own thread. */
    PacketBuffers(PktMbufPool pool, Lcore lcore) {
        cache = new MbufCache(pool, lcore);
        memory = pool.memory();
        base = memory.address();
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the data of an mbuf begins in {@link #memory}. */
    long offset(long mbuf) {
        return Mbuf.dataAddress(mbuf) - base;
    }

    /** Bytes that fit behind {@link #offset} of an mbuf just allocated. */
    int room(long mbuf) {
        return Mbuf.bufferLength(mbuf) - Mbuf.dataOffset(mbuf);
    }

    /** An empty mbuf, or 0. */
    long allocate() {
        return cache.allocate();
    }

    void free(long mbuf) {
        cache.free(mbuf);
    }

    /** Frees those that are not 0. */
    void free(MbufArray mbufs, int from, int count) {
        if (count > 0) {
            cache.free(mbufs, from, count);
        }
    }
}
