package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import java.lang.foreign.MemorySegment;

/**
 * The engine's mbufs as one lcore takes, reads and frees them. All ports and lcores share one pool, so one memory segment covers every
 * packet and an offset in it names its bytes: nothing is allocated per packet.
 */
public abstract class PacketBuffers {
    private final MemorySegment memory;
    private final long base;

    /** @param memory in which every mbuf and its data lie */
    protected PacketBuffers(MemorySegment memory) {
        this.memory = memory;
        base = memory.address();
    }

    public final MemorySegment memory() {
        return memory;
    }

    /** Where the data of an mbuf begins in {@link #memory}. */
    public final long offset(long mbuf) {
        return Mbuf.dataAddress(mbuf) - base;
    }

    /** Bytes that fit behind {@link #offset} of an mbuf just allocated. */
    public final int room(long mbuf) {
        return Mbuf.bufferLength(mbuf) - Mbuf.dataOffset(mbuf);
    }

    /** An empty mbuf, or 0. */
    public abstract long allocate();

    public abstract void free(long mbuf);

    /** Frees those that are not 0. */
    public abstract void free(MbufArray mbufs, int from, int count);
}
