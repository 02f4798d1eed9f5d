package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/**
 * Has a copy engine copy what is long enough to be worth it, into regions that cannot fault; the CPU copies the rest, and whatever the
 * engine has no room for or fails at. A packet is kept until its payload is copied, so nothing is lost with a copy that fails.
 *
 * <pre>
 *    ended          begun           given
 *   --------|----------------|----------------|-------&gt; tickets
 *       completed        submitted           last
 * </pre>
 */
public final class EngineCopier implements Copier {
    /** An engine that ends nothing for so long is broken: it is stopped, and the CPU copies from then on. */
    static final long BROKEN_NS = 1_000_000_000L;

    private final CopyChannel channel;
    private final PayloadFrames frames;
    private final int leastLength;
    private final PlacementCounters counters;
    private final Copier cpu;
    private final int mask;
    private final int capacity;
    private final long[] frame;
    private final MemorySegment[] source;
    private final long[] sourceOffset;
    private final RegionTable[] regions;
    private final int[] region;
    private final long[] offset;
    private final int[] length;
    private long last;
    private long submitted;
    private long completed;
    private long progressNs;
    private boolean isStopped;

    /** @param leastLength bytes from which on the engine is used */
    public EngineCopier(CopyChannel channel, PayloadFrames frames, int leastLength, PlacementCounters counters) {
        this.channel = channel;
        this.frames = frames;
        this.leastLength = leastLength;
        this.counters = counters;
        cpu = new CpuCopier(counters);
        capacity = channel.capacity();
        int slots = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        mask = slots - 1;
        frame = new long[slots];
        source = new MemorySegment[slots];
        sourceOffset = new long[slots];
        regions = new RegionTable[slots];
        region = new int[slots];
        offset = new long[slots];
        length = new int[slots];
    }

    @Override
    public long copy(
            MemorySegment from,
            long fromOffset,
            RegionTable toRegions,
            int toRegion,
            long toOffset,
            int count,
            boolean isUrgent) {
        if (isUrgent
                || count < leastLength
                || isStopped
                || last - completed >= capacity
                || !toRegions.isForCopyEngine(toRegion)) {
            return cpu.copy(from, fromOffset, toRegions, toRegion, toOffset, count, isUrgent);
        }
        long kept = frames.retain(from);
        if (kept == PayloadFrames.NONE
                || !channel.copy(from, fromOffset, toRegions.memory(toRegion), toOffset, count)) {
            if (kept != PayloadFrames.NONE) {
                frames.release(kept);
            }
            return cpu.copy(from, fromOffset, toRegions, toRegion, toOffset, count, isUrgent);
        }
        int slot = (int) last & mask;
        frame[slot] = kept;
        source[slot] = from;
        sourceOffset[slot] = fromOffset;
        regions[slot] = toRegions;
        region[slot] = toRegion;
        offset[slot] = toOffset;
        length[slot] = count;
        counters.engineCopiedBytes += count;
        last++;
        return last;
    }

    @Override
    public long completed() {
        return completed;
    }

    @Override
    public boolean isIdle() {
        return last == completed;
    }

    @Override
    public int poll(long nowNs) {
        if (last == completed) {
            return 0;
        }
        if (submitted == completed) {
            progressNs = nowNs; // nothing was under way: the time begins here
        }
        int ended = poll();
        if (ended > 0) {
            progressNs = nowNs;
        } else if (nowNs - progressNs > BROKEN_NS) {
            ended = giveUp();
        }
        return ended;
    }

    private int poll() {
        if (submitted != last) {
            channel.submit();
            submitted = last;
        }
        long before = completed;
        boolean isMore = true;
        while (isMore && completed != submitted) {
            int well = channel.completed((int) (submitted - completed));
            for (int i = 0; i < well; i++) {
                end();
            }
            isMore = completed != submitted && channel.takeFailure();
            if (isMore) {
                copyAgain();
                end();
            }
        }
        return (int) (completed - before);
    }

    private void end() {
        int slot = (int) completed & mask;
        frames.release(frame[slot]);
        regions[slot] = null;
        completed++;
    }

    /** The oldest copy was not made: the CPU makes it. */
    private void copyAgain() {
        int slot = (int) completed & mask;
        counters.engineCopyFailures++;
        try {
            MemorySegment.copy(
                    source[slot], sourceOffset[slot], regions[slot].memory(region[slot]), offset[slot], length[slot]);
        } catch (InternalError e) {
            regions[slot].noteFault();
        }
    }

    private int giveUp() {
        channel.stop();
        isStopped = true;
        int left = (int) (last - completed);
        while (last != completed) {
            copyAgain();
            end();
        }
        submitted = last;
        return left;
    }

    @Override
    public void finish(long ticket) {
        if (ticket <= completed) {
            return;
        }
        poll();
        long untilNs = System.nanoTime() + BROKEN_NS;
        while (completed < ticket) {
            channel.await();
            if (poll() == 0 && System.nanoTime() - untilNs > 0) {
                giveUp();
            }
        }
    }

    @Override
    public void close() {
        if (!isStopped) {
            channel.stop();
            isStopped = true;
        }
        while (last != completed) {
            end();
        }
    }
}
