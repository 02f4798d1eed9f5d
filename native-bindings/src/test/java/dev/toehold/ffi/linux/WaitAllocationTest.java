package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a poll loop calls must not allocate: neither doorbell nor wait. */
class WaitAllocationTest {
    private static final int ROUNDS = 20_000;
    private static final int TRIES = 50;

    @Test
    void shouldAllocateNothingPerWaitAndSignalWhenCompiled() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        WakeSocket[] pair = WakeSocket.pair();
        try (Epoll epoll = Epoll.create(8);
                EventFd doorbell = EventFd.create();
                WakeSocket one = pair[0];
                WakeSocket two = pair[1]) {
            epoll.add(doorbell.fd(), Epoll.IN, 1);
            long allocated = Long.MAX_VALUE;
            // The interpreter allocates; how long compilation takes is up to the machine.
            for (int i = 0; i < TRIES && allocated >= ROUNDS; i++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                ring(epoll, doorbell, one, two);
                allocated = threads.getCurrentThreadAllocatedBytes() - before;
            }
            // Less than a byte a round: what is left is the measurement's own.
            assertTrue(allocated < ROUNDS, "allocated=" + allocated + " bytes in " + ROUNDS + " rounds");
        }
    }

    private static void ring(Epoll epoll, EventFd doorbell, WakeSocket one, WakeSocket two) {
        long sum = 0;
        for (int i = 0; i < ROUNDS; i++) {
            doorbell.signal();
            sum += epoll.await(1000) * epoll.data(0);
            doorbell.drain();
            epoll.await(0);
            one.signal();
            two.drain();
        }
        assertTrue(sum == ROUNDS, "sum=" + sum);
    }
}
