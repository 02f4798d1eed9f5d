package dev.toehold.perf.stress;

import dev.toehold.abi.QueuePairDescriptor;
import java.lang.foreign.MemorySegment;

/** Memory of a small queue pair, on the heap, so that jcstress can make many. */
final class QueuePairMemory {
    static final int ENTRIES = 16;
    private static final int LENGTH = (int) QueuePairDescriptor.length(ENTRIES, ENTRIES, ENTRIES);

    private QueuePairMemory() {}

    static MemorySegment create() {
        MemorySegment memory = MemorySegment.ofArray(new long[LENGTH / Long.BYTES]);
        QueuePairDescriptor.initialise(memory, ENTRIES, ENTRIES, ENTRIES, 0, 1);
        return memory;
    }
}
