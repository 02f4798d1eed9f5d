package dev.toehold.ffi.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.stream.Stream;

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
        set(CALLING_THREAD, cpus);
    }

    private static void set(int thread, BitSet cpus) {
        if (cpus.isEmpty() || cpus.length() > MAX_CPUS) {
            throw new IllegalArgumentException("cpus=" + cpus + ": one or more of 0 to " + (MAX_CPUS - 1) + " allowed");
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mask = arena.allocate(MAX_CPUS / Byte.SIZE, Long.BYTES);
            mask.copyFrom(MemorySegment.ofArray(cpus.toLongArray()));
            int result = ProcessCalls.schedSetaffinity(thread, mask.byteSize(), mask);
            if (result < 0 && (thread == CALLING_THREAD || !Errno.ESRCH.is(result))) { // a thread may end any time
                throw LinuxException.of(
                        "sched_setaffinity(cpus=" + cpus + ")", result, "this process may use cpus=" + get());
            }
        }
    }

    /**
     * Lets every thread that this process has now run on these CPUs only, the JVM's own included. Later ones inherit it from the thread
     * that starts them.
     *
     * @throws LinuxException EINVAL if none of them is online and allowed (cpuset) for this process
     */
    public static void setAll(BitSet cpus) {
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            int[] ids = threads.mapToInt(
                            thread -> Integer.parseInt(thread.getFileName().toString()))
                    .toArray();
            for (int id : ids) {
                set(id, cpus);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the threads of this process", e);
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
