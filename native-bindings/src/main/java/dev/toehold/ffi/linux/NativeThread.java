package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The kernel's view of the calling thread; only meaningful on a platform thread. */
public final class NativeThread {
    private static final int MAX_NAME_BYTES = 15;
    private static final int CALLING_THREAD = 0;

    private NativeThread() {}

    /** The kernel's id of the calling thread (gettid(2)). */
    public static int id() {
        return ProcessCalls.gettid();
    }

    /**
     * Asks the kernel's fair scheduler for time slices of this length for the calling thread. The shorter they are, the sooner it runs after
     * it was woken, and the sooner a thread that it woke runs instead of it; its share of the CPU stays the same. Kernels before 6.12 know
     * one length only.
     *
     * @param ns 100,000 to 100,000,000; the kernel rounds into that
     * @return whether the kernel took it: not where the thread has another policy than SCHED_OTHER or a sandbox forbids the call
     */
    public static boolean setTimeSlice(long ns) {
        Check.range("ns", ns, 0, Integer.MAX_VALUE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(SchedH.SCHED_ATTR_LENGTH, Long.BYTES);
            if (ProcessCalls.schedGetattr(CALLING_THREAD, attributes) < 0
                    || attributes.get(ValueLayout.JAVA_INT, SchedH.SCHED_ATTR_POLICY) != SchedH.SCHED_OTHER) {
                return false;
            }
            attributes.set(ValueLayout.JAVA_LONG, SchedH.SCHED_ATTR_RUNTIME, ns);
            return ProcessCalls.schedSetattr(CALLING_THREAD, attributes) >= 0;
        }
    }

    /**
     * Names the calling thread for {@code ps -L}, {@code top -H} and {@code perf}; what is beyond 15 bytes is cut off.
     */
    public static void setName(String name) {
        Check.cString("name", name, Check.MAX_PATH_BYTES);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cName = arena.allocate(MAX_NAME_BYTES + 1); // ends in a zero
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, cName, 0, Math.min(bytes.length, MAX_NAME_BYTES));
            int result = ProcessCalls.prctlPointer(ProcessH.PR_SET_NAME, cName, 0, 0, 0);
            if (result < 0) {
                throw LinuxException.of("prctl(PR_SET_NAME, name=" + name + ")", result);
            }
        }
    }
}
