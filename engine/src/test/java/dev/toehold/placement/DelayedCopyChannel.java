package dev.toehold.placement;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.function.IntPredicate;
import java.util.function.LongSupplier;

/** A copy engine on virtual time: each copy is made a fixed time after it was begun, not a byte of it before. */
public final class DelayedCopyChannel implements CopyChannel {
    private final int capacity;
    private final long delayNs;
    private final LongSupplier clock;
    private final IntPredicate fails;
    private final ArrayDeque<Job> given = new ArrayDeque<>();
    private final ArrayDeque<Job> begun = new ArrayDeque<>();
    private long dueNs = Long.MIN_VALUE;
    public int copies;
    public boolean isStopped;
    /** Ends nothing any more. */
    public boolean isStuck;

    private static final class Job {
        private final MemorySegment source;
        private final MemorySegment destination;
        private final boolean fails;
        private long dueNs;

        private Job(MemorySegment source, MemorySegment destination, boolean fails) {
            this.source = source;
            this.destination = destination;
            this.fails = fails;
        }
    }

    /** @param fails which copies, counted from 0, the engine does not make */
    public DelayedCopyChannel(int capacity, long delayNs, LongSupplier clock, IntPredicate fails) {
        this.capacity = capacity;
        this.delayNs = delayNs;
        this.clock = clock;
        this.fails = fails;
    }

    @Override
    public int capacity() {
        return capacity;
    }

    @Override
    public boolean copy(
            MemorySegment source, long sourceOffset, MemorySegment destination, long destinationOffset, int length) {
        if (given.size() + begun.size() == capacity) {
            return false;
        }
        given.add(new Job(
                source.asSlice(sourceOffset, length),
                destination.asSlice(destinationOffset, length),
                fails.test(copies)));
        copies++;
        return true;
    }

    @Override
    public void submit() {
        for (Job job = given.poll(); job != null; job = given.poll()) {
            job.dueNs = clock.getAsLong() + delayNs;
            begun.add(job);
        }
    }

    private boolean isDue(Job job) {
        return job != null && !isStuck && job.dueNs <= Math.max(dueNs, clock.getAsLong());
    }

    @Override
    public int completed(int most) {
        int count = 0;
        while (count < most && isDue(begun.peek()) && !begun.peek().fails) {
            Job job = begun.poll();
            job.destination.copyFrom(job.source);
            count++;
        }
        return count;
    }

    @Override
    public boolean takeFailure() {
        if (isDue(begun.peek()) && begun.peek().fails) {
            begun.poll();
            return true;
        }
        return false;
    }

    @Override
    public void await() {
        if (!begun.isEmpty()) {
            dueNs = Math.max(dueNs, begun.peek().dueNs);
        }
    }

    @Override
    public void stop() {
        isStopped = true;
        given.clear();
        begun.clear();
    }
}
