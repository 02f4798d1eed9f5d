package dev.toehold.perf.micro;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The one copy of a segment's payload, from a pool of packet buffers to consecutive places of a client's memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PlacementBenchmark {
    private static final int TEXT_LENGTH = 1460;
    private static final int HEADERS_LENGTH = 54;
    private static final int BUFFER_LENGTH = 2048;
    private static final int BUFFER_COUNT = 256;

    /** Bytes of client memory gone through in turn: what stays in the second-level cache, and what does not. */
    @Param({"262144", "67108864"})
    public int regionBytes;

    private final MemorySegment buffers = Arena.global().allocate((long) BUFFER_LENGTH * BUFFER_COUNT, 64);
    private MemorySegment region;
    private int buffer;
    private long position;

    /** Makes the memory and touches all of it. */
    @Setup
    public void allocate() {
        region = Arena.global().allocate(regionBytes, 64).fill((byte) 1);
        buffers.fill((byte) 2);
    }

    /** One segment. */
    @Benchmark
    public long place() {
        long source = (long) buffer * BUFFER_LENGTH + HEADERS_LENGTH;
        MemorySegment.copy(buffers, source, region, position, TEXT_LENGTH);
        buffer = buffer + 1 & BUFFER_COUNT - 1;
        position += TEXT_LENGTH;
        if (position + TEXT_LENGTH > regionBytes) {
            position = 0;
        }
        return position;
    }
}
