package dev.toehold.client;

import java.lang.foreign.MemorySegment;

/** Provided buffers of one size: buffer id lies at base + id * bufferSize of the region's memory. */
final class BufferGroup {
    static final byte IDLE = 0;
    static final byte LENT = 1;
    static final byte RETURNED = 2;

    final int group;
    final int region;
    final MemorySegment memory;
    final long base;
    final int bufferSize;
    final int count;

    /** Of each buffer: who has it. A buffer belongs to one queue pair for good, so its cell has one writer. */
    final byte[] state;

    /** Of each buffer: bytes that were delivered in it and not consumed yet. */
    final int[] unconsumed;

    BufferGroup(int group, int region, MemorySegment memory, long base, int bufferSize, int count) {
        this.group = group;
        this.region = region;
        this.memory = memory;
        this.base = base;
        this.bufferSize = bufferSize;
        this.count = count;
        this.state = new byte[count];
        this.unconsumed = new int[count];
    }

    long offset(int id) {
        return base + (long) id * bufferSize;
    }
}
