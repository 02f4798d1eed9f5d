package dev.toehold.perf.simulation;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.stack.PacketBuffers;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Mbufs in plain memory, last in first out, which run out when a seed wants them to. Used for one seed after the other. */
final class PlainBuffers extends PacketBuffers {
    static final int COUNT = 1024;

    /** A jumbo frame behind the headroom. */
    private static final int DATA_ROOM = 9344;

    private static final int STRIDE = Mbuf.SIZE + DATA_ROOM;

    private final long[] all = new long[COUNT];
    private final long[] free = new long[COUNT];
    private int freeCount;
    private SplittableRandom random;
    private double dry;
    private FaultCounts faults;

    PlainBuffers() {
        this(Arena.ofAuto().allocate((long) COUNT * STRIDE, 64));
    }

    private PlainBuffers(MemorySegment memory) {
        super(memory);
        for (int i = 0; i < COUNT; i++) {
            all[i] = memory.address() + (long) i * STRIDE;
            Mbuf.initialise(all[i], all[i] + Mbuf.SIZE, DATA_ROOM);
        }
    }

    /** Before a seed: every mbuf is free, in the order in which it always is. */
    void begin(SplittableRandom seeded, double dryProbability, FaultCounts counts) {
        faults = counts;
        System.arraycopy(all, 0, free, 0, COUNT);
        freeCount = COUNT;
        random = seeded;
        dry = dryProbability;
    }

    int freeCount() {
        return freeCount;
    }

    @Override
    public long allocate() {
        if (dry > 0 && random.nextDouble() < dry) {
            faults.strike(Fault.NO_MBUF);
            return 0;
        }
        return take();
    }

    /** For what the port receives: a driver has its own mbufs in its ring. */
    long take() {
        if (freeCount == 0) {
            return 0;
        }
        freeCount--;
        Mbuf.reset(free[freeCount]);
        return free[freeCount];
    }

    @Override
    public void free(long mbuf) {
        if (Mbuf.referenceCount(mbuf) > 1) {
            Mbuf.release(mbuf);
            return;
        }
        if (freeCount == COUNT) {
            throw new SimulationFailure("an mbuf was freed twice");
        }
        free[freeCount] = mbuf;
        freeCount++;
    }

    @Override
    public void free(MbufArray mbufs, int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (mbufs.get(i) != 0) {
                free(mbufs.get(i));
            }
        }
    }
}
