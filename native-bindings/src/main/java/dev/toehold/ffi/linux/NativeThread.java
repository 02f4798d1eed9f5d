package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The kernel's view of the calling thread; only meaningful on a platform thread. */
public final class NativeThread {
    private static final int MAX_NAME_BYTES = 15;

    private NativeThread() {}

    /** The kernel's id of the calling thread (gettid(2)). */
    public static int id() {
        return ProcessCalls.gettid();
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
