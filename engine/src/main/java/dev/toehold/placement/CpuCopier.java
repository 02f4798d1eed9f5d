package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/** Copies at once, by the lcore itself. */
public final class CpuCopier implements Copier {
    private final PlacementCounters counters;

    public CpuCopier(PlacementCounters counters) {
        this.counters = counters;
    }

    @Override
    public long copy(
            MemorySegment source,
            long sourceOffset,
            RegionTable regions,
            int region,
            long offset,
            int length,
            boolean isUrgent) {
        MemorySegment.copy(source, sourceOffset, regions.memory(region), offset, length);
        counters.cpuCopiedBytes += length;
        return DONE;
    }

    @Override
    public long completed() {
        return DONE;
    }

    @Override
    public int poll(long nowNs) {
        return 0;
    }

    @Override
    public void finish(long ticket) {}

    @Override
    public boolean isIdle() {
        return true;
    }

    @Override
    public void close() {}
}
