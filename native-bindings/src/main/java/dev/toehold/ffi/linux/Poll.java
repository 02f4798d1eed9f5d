package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Waiting for one descriptor, for callers without an {@link Epoll}. */
final class Poll {
    private Poll() {}

    /**
     * Waits until one of {@code events}, an error or a hang-up.
     *
     * @param timeoutNs longest wait, 0 or more
     * @return whether there is something
     */
    static boolean await(Fd fd, short events, long timeoutNs) {
        Check.range("timeoutNs", timeoutNs, 0, Long.MAX_VALUE);
        long startNs = System.nanoTime();
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(PollfdDescriptor.LAYOUT);
            pollfd.set(JAVA_INT, PollfdDescriptor.FD_OFFSET, number);
            pollfd.set(JAVA_SHORT, PollfdDescriptor.EVENTS_OFFSET, events);
            MemorySegment timeout = arena.allocate(TimespecDescriptor.LAYOUT);
            int result;
            do {
                TimespecDescriptor.set(timeout, Math.max(0, timeoutNs - (System.nanoTime() - startNs)));
                result = EventCalls.ppoll(pollfd, 1, timeout);
            } while (Errno.EINTR.is(result));
            if (result < 0) {
                throw LinuxException.of("ppoll(fd=" + number + ")", result);
            }
            return result > 0;
        } finally {
            fd.release();
        }
    }
}
