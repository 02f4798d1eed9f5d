package dev.toehold.perf.simulation;

import dev.toehold.placement.CopyChannel;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.SplittableRandom;

/**
 * A copy engine on virtual time. Each copy is made when its time has come and not a byte of it before, so what is told or
 * acknowledged too early is found as wrong bytes. Some copies fail.
 */
final class SimulatedCopyEngine implements CopyChannel {
    private static final int CAPACITY = 32;
    private static final int FAILS_ONE_IN = 64;

    private final SplittableRandom random;
    private final FaultCounts faults;
    private final long mostDelayNs;
    private final ArrayDeque<Copy> given = new ArrayDeque<>();
    private final ArrayDeque<Copy> begun = new ArrayDeque<>();
    private long nowNs;

    private record Copy(MemorySegment source, MemorySegment destination, boolean isFailing, long endNs) {}

    SimulatedCopyEngine(SplittableRandom random, FaultCounts faults) {
        this.random = random;
        this.faults = faults;
        mostDelayNs = 1L << random.nextInt(10, 19);
    }

    long mostDelayNs() {
        return mostDelayNs;
    }

    void now(long value) {
        nowNs = Math.max(nowNs, value);
    }

    @Override
    public int capacity() {
        return CAPACITY;
    }

    @Override
    public boolean copy(
            MemorySegment source, long sourceOffset, MemorySegment destination, long destinationOffset, int length) {
        long endNs = nowNs + random.nextLong(mostDelayNs);
        boolean isFailing = random.nextInt(FAILS_ONE_IN) == 0;
        given.add(new Copy(
                source.asSlice(sourceOffset, length),
                destination.asSlice(destinationOffset, length),
                isFailing,
                begun.isEmpty() ? endNs : Math.max(endNs, begun.getLast().endNs)));
        return true;
    }

    @Override
    public void submit() {
        begun.addAll(given);
        given.clear();
    }

    @Override
    public int completed(int most) {
        int count = 0;
        while (count < most && hasEnded() && !begun.peek().isFailing) {
            Copy copy = begun.poll();
            copy.destination.copyFrom(copy.source);
            count++;
        }
        return count;
    }

    private boolean hasEnded() {
        return !begun.isEmpty() && begun.peek().endNs <= nowNs;
    }

    @Override
    public boolean takeFailure() {
        if (!hasEnded() || !begun.peek().isFailing) {
            return false;
        }
        begun.poll();
        faults.strike(Fault.COPY_FAILED);
        return true;
    }

    @Override
    public void await() {
        if (!begun.isEmpty()) {
            nowNs = Math.max(nowNs, begun.peek().endNs);
        }
    }

    @Override
    public void stop() {
        given.clear();
        begun.clear();
    }
}
