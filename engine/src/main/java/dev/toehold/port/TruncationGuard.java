package dev.toehold.port;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Drops what net_af_packet cut to the size of its frames: packets that the sender's kernel left unsegmented, and IP
 * datagrams that the receiving kernel put together from fragments before the driver saw them. The driver itself
 * does not say so. One per receive queue, used by its thread; the counter is for all.
 */
public final class TruncationGuard {
    private static final VarHandle TRUNCATED;

    static {
        try {
            TRUNCATED = MethodHandles.lookup().findVarHandle(TruncationGuard.class, "truncated", long.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int truncatedLength;
    private final MbufArray one = new MbufArray(1);

    private long truncated;

    /** @param truncatedLength of a frame that is as long as the driver has room for, and so was cut, in bytes */
    public TruncationGuard(final int truncatedLength) {
        this.truncatedLength = truncatedLength;
    }

    /** Frees the packets that were cut, closes the gaps and returns how many are left. */
    public int filter(final MbufArray mbufs, final int from, final int count) {
        int kept = from;
        for (int i = from; i < from + count; i++) {
            final long mbuf = mbufs.get(i);
            if (Mbuf.packetLength(mbuf) < truncatedLength) {
                mbufs.set(kept, mbuf);
                kept++;
            } else {
                one.set(0, mbuf);
                PktMbufPool.free(one, 0, 1);
                TRUNCATED.setOpaque(this, truncated + 1);
            }
        }
        return kept - from;
    }

    long truncatedOpaque() {
        return (long) TRUNCATED.getOpaque(this);
    }
}
