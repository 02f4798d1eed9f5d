package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/**
 * On which CPUs the calling thread may run. Only for platform threads: on a virtual one it would change its carrier.
 * Threads inherit it from the thread that starts them.
 */
public final class Affinity {
    /** Highest CPU number plus one that is dealt with: {@code CONFIG_NR_CPUS} is 8192 at most. */
    private static final int MAX_CPUS = 8192;

    private static final int CALLING_THREAD = 0;

    private Affinity() {}

    /** CPUs that the calling thread may run on. */
    public static BitSet get() {
        checkPlatformThread();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            int result = ProcessCalls.schedGetaffinity(CALLING_THREAD, mask.byteSize(), mask);
            if (result < 0) {
                throw LinuxException.of("sched_getaffinity()", result);
            }
            return BitSet.valueOf(mask.toArray(ValueLayout.JAVA_LONG));
        }
    }

    /**
     * Lets the calling thread run on these CPUs only.
     *
     * @throws LinuxException EINVAL if none of them is online and allowed (cpuset) for this process
     */
    public static void set(BitSet cpus) {
        checkPlatformThread();
        if (cpus.isEmpty() || cpus.length() > MAX_CPUS) {
            throw new IllegalArgumentException("cpus=" + cpus + ": one or more of 0 to " + (MAX_CPUS - 1) + " allowed");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            mask.copyFrom(MemorySegment.ofArray(cpus.toLongArray()));
            int result = ProcessCalls.schedSetaffinity(CALLING_THREAD, mask.byteSize(), mask);
            if (result < 0) {
                throw LinuxException.of(
                        "sched_setaffinity(cpus=" + cpus + ")", result, "this process may use cpus=" + get());
            }
        }
    }

    /** Lets the calling thread run on one CPU only. */
    public static void pin(int cpu) {
        Check.range("cpu", cpu, 0, MAX_CPUS - 1);
        BitSet cpus = new BitSet();
        cpus.set(cpu);
        set(cpus);
    }

    private static void checkPlatformThread() {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("the calling thread is virtual: affinity belongs to platform threads");
        }
    }
}
