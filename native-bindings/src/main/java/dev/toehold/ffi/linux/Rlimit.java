package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A resource limit of this process (getrlimit(2)).
 *
 * @param soft what counts now; {@link #UNLIMITED} or 0 and more
 * @param hard how far the soft limit may be raised without CAP_SYS_RESOURCE
 */
public record Rlimit(long soft, long hard) {
    /** No limit: unsigned, the largest value. */
    public static final long UNLIMITED = ProcessH.RLIM_INFINITY;

    /** What is limited. */
    public enum Resource {
        /** Descriptors: their numbers stay below the limit. */
        NOFILE(ProcessH.RLIMIT_NOFILE),
        /** Bytes of locked memory. */
        MEMLOCK(ProcessH.RLIMIT_MEMLOCK);

        private final int number;

        Resource(int number) {
            this.number = number;
        }
    }

    public static Rlimit get(Resource resource) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(RlimitDescriptor.LAYOUT);
            int result = ProcessCalls.getrlimit(resource.number, limit);
            if (result < 0) {
                throw LinuxException.of("getrlimit(" + resource + ")", result);
            }
            return new Rlimit(
                    limit.get(JAVA_LONG, RlimitDescriptor.CUR_OFFSET),
                    limit.get(JAVA_LONG, RlimitDescriptor.MAX_OFFSET));
        }
    }

    /**
     * Sets the limit.
     *
     * @throws LinuxException EPERM if the hard limit would rise without CAP_SYS_RESOURCE, EINVAL if soft exceeds hard
     */
    public void set(Resource resource) {
        Check.range("soft", soft, UNLIMITED, Long.MAX_VALUE);
        Check.range("hard", hard, UNLIMITED, Long.MAX_VALUE);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocate(RlimitDescriptor.LAYOUT);
            limit.set(JAVA_LONG, RlimitDescriptor.CUR_OFFSET, soft);
            limit.set(JAVA_LONG, RlimitDescriptor.MAX_OFFSET, hard);
            int result = ProcessCalls.setrlimit(resource.number, limit);
            if (result < 0) {
                throw LinuxException.of("setrlimit(" + resource + ", soft=" + soft + ", hard=" + hard + ")", result);
            }
        }
    }
}
