package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.net.Ethernet;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

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

    /**
     * Sets the length of a frame that was written, padded with zeros to Ethernet's minimum: not every driver pads, and what an mbuf held before is
     * nobody's to read.
     *
     * @return false if it is longer than the mbuf
     */
    public boolean setFrameLength(long mbuf, int length) {
        int missing = Ethernet.MIN_FRAME_LENGTH - length;
        if (missing <= 0) {
            return Mbuf.setLength(mbuf, length);
        }
        for (int i = 0; i < missing; i++) {
            memory.set(ValueLayout.JAVA_BYTE, offset(mbuf) + length + i, (byte) 0);
        }
        return Mbuf.setLength(mbuf, Ethernet.MIN_FRAME_LENGTH);
    }

    /** An empty mbuf, or 0. */
    public abstract long allocate();

    /** It takes one {@link #free} more to free the mbuf. */
    final void retain(long mbuf) {
        Mbuf.retain(mbuf);
    }

    public abstract void free(long mbuf);

    /** Frees those that are not 0. */
    public abstract void free(MbufArray mbufs, int from, int count);
}
