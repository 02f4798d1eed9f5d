package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** Compiled, the way of a packet through bursts, mbufs, pool and ring allocates nothing. */
class FastPathAllocationIT {
    private static final int BURST = 32;
    private static final int ROUNDS_PER_SLICE = 20_000;
    /** Slices within which the compiler must have done its work. */
    private static final int MAX_SLICES = 100;

    private long sum;

    @Test
    void shouldAllocateNothing() {
        try (Eal eal = Eal.init(EalConfig.ofMegabytes(32).withHugepages(EalConfig.Hugepages.NEVER));
                PktMbufPool pool = PktMbufPool.create("pool", 1023, 64, PktMbufPool.DEFAULT_DATA_ROOM, -1);
                Lcore lcore = Lcore.register();
                Ring ring = Ring.create("ring", 64, PktMbufPool.SOCKET_ANY);
                EthDev dev = EthDev.probe("net_ring0")) {
            assertEquals(0, eal.drainLog().size());
            dev.configure(1, 1, 0, 0, 0);
            dev.setupRxQueue(0, 256, pool);
            dev.setupTxQueue(0, 256);
            dev.start();
            final MbufCache cache = new MbufCache(pool, lcore);
            final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            final MbufArray mbufs = new MbufArray(BURST);
            final RxQueue rx = dev.rxQueue(0, true);
            final TxQueue tx = dev.txQueue(0, false);
            long allocated = 1;
            for (int slice = 0; allocated != 0 && slice < MAX_SLICES; slice++) {
                final long before = threads.getCurrentThreadAllocatedBytes();
                for (int round = 0; round < ROUNDS_PER_SLICE; round++) {
                    pass(pool, rx, tx, ring, cache, mbufs);
                }
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            assertEquals(0, allocated, "bytes in " + ROUNDS_PER_SLICE + " rounds, sum=" + sum);
        }
    }

    private void pass(
            final PktMbufPool pool,
            final RxQueue rx,
            final TxQueue tx,
            final Ring ring,
            final MbufCache cache,
            final MbufArray mbufs) {
        cache.allocate(mbufs, 0, BURST - 1);
        mbufs.set(BURST - 1, cache.allocate());
        for (int i = 0; i < BURST; i++) {
            final long mbuf = mbufs.get(i);
            Mbuf.setLength(mbuf, 64);
            pool.memory().set(JAVA_LONG_UNALIGNED, pool.dataOffset(mbuf), i);
        }
        ring.enqueueBurst(mbufs, 0, BURST);
        tx.burst(mbufs, 0, ring.dequeueBurst(mbufs, 0, BURST));
        final int n = rx.burst(mbufs, 0, BURST);
        for (int i = 0; i < n; i++) {
            final long mbuf = mbufs.get(i);
            sum += pool.memory().get(JAVA_LONG_UNALIGNED, pool.dataOffset(mbuf)) + Mbuf.dataLength(mbuf);
        }
        cache.free(mbufs, 0, n);
    }
}
