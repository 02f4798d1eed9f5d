package dev.toehold.engine;

import dev.toehold.ffi.dpdk.DmaDev;
import dev.toehold.placement.CopyChannel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a copy costs the lcore: made by the CPU, its length counts; by a copy engine, giving it and taking note of its end. The time in which the
 * engine is at work is nobody's cost here.
 *
 * @param leastLength bytes from which on the engine is cheaper, {@link #NEVER} = at no length of a packet
 * @param engineNs of one copy by the engine, given in bursts
 * @param cpuNs of one copy of the longest packet by the CPU
 */
record CopyCost(int leastLength, long engineNs, long cpuNs) {
    static final int NEVER = Integer.MAX_VALUE;

    private static final int BURST = 16;
    private static final int ROUNDS = 2000;
    private static final int SHORTEST = 256;
    private static final int LONGEST = 16 << 10;
    private static final int PAGE = 4096;
    private static final long PATIENCE_NS = 1_000_000_000L;

    static CopyCost measure(DmaDev device, CopyChannel channel) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(2L * BURST * LONGEST, PAGE);
            memory.fill((byte) 1);
            boolean isMapped = !device.hasSharedVirtualAddressing();
            if (isMapped && !device.map(memory).isEmpty()) {
                return new CopyCost(NEVER, Long.MAX_VALUE, 0);
            }
            try {
                long engineNs = engineNs(memory, channel);
                long cpuNs = 0;
                for (int length = SHORTEST; length <= LONGEST; length *= 2) {
                    cpuNs = cpuNs(memory, length);
                    if (cpuNs > engineNs) {
                        return new CopyCost(length, engineNs, cpuNs);
                    }
                }
                return new CopyCost(NEVER, engineNs, cpuNs);
            } finally {
                if (isMapped) {
                    device.unmap(memory);
                }
            }
        }
    }

    private static long engineNs(MemorySegment memory, CopyChannel channel) {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < BURST; i++) {
                long at = 2L * i * LONGEST;
                if (!channel.copy(memory, at, memory, at + LONGEST, SHORTEST)) {
                    return Long.MAX_VALUE;
                }
            }
            channel.submit();
            long given = System.nanoTime();
            int ended = 0;
            long last = 0;
            while (ended < BURST) {
                long before = System.nanoTime();
                ended += channel.completed(BURST - ended);
                last = System.nanoTime() - before;
                if (channel.takeFailure() || before - given > PATIENCE_NS) {
                    return Long.MAX_VALUE;
                }
            }
            best = Math.min(best, (given - start + last) / BURST);
        }
        return best;
    }

    private static long cpuNs(MemorySegment memory, int length) {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < BURST; i++) {
                long at = 2L * i * LONGEST;
                MemorySegment.copy(memory, at, memory, at + LONGEST, length);
            }
            best = Math.min(best, (System.nanoTime() - start) / BURST);
        }
        return best;
    }

    @Override
    public String toString() {
        return engineNs == Long.MAX_VALUE
                ? "it made no copy"
                : "a copy costs the lcore " + engineNs + " ns by it, and " + cpuNs + " ns for " + LONGEST
                        + " bytes by the CPU";
    }
}
