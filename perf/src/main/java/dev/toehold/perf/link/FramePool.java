package dev.toehold.perf.link;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory for frames in slots of one size. */
final class FramePool {
    private final MemorySegment memory;
    private final int slotLength;
    private final int[] free;
    private int freeCount;

    FramePool(Arena arena, int slotCount, int slotLength) {
        this.slotLength = slotLength;
        memory = arena.allocate((long) slotCount * slotLength, 64);
        free = new int[slotCount];
        for (int slot = 0; slot < slotCount; slot++) {
            free[slot] = slotCount - 1 - slot;
        }
        freeCount = slotCount;
    }

    int freeCount() {
        return freeCount;
    }

    int slotLength() {
        return slotLength;
    }

    /** A free slot; there must be one. */
    int take() {
        return free[--freeCount];
    }

    void giveBack(int slot) {
        free[freeCount++] = slot;
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where in {@link #memory} a slot begins. */
    long offset(int slot) {
        return (long) slot * slotLength;
    }
}
