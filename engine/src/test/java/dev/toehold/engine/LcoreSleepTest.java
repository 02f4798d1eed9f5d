package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.EventFd;
import dev.toehold.stack.Doorbell;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What wakes an lcore, and what a client can do to it. */
class LcoreSleepTest {
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(60);

    private final List<Integer> rung = new ArrayList<>();
    private final Doorbell doorbell = new Doorbell();
    private final LcoreSleep sleep = new LcoreSleep(doorbell, List.of(), rung::add, () -> {});
    private final EventFd one = EventFd.create();
    private final EventFd other = EventFd.create();

    @AfterEach
    void tearDown() {
        sleep.close();
        doorbell.close();
        one.close();
        other.close();
    }

    @Test
    void shouldWakeOncePerRing() {
        sleep.add(one, 1);
        assertEquals(0, sleep.await(0));
        one.signal();
        assertEquals(1, sleep.await(PATIENCE_NS));
        assertEquals(0, sleep.await(0), "nobody reads it, and it wakes no more");
        one.signal();
        assertEquals(1, sleep.await(PATIENCE_NS), "though it was full of the first ring");
        assertEquals(List.of(1, 1), rung, "and whose it was is told");
    }

    @Test
    void shouldNotLoseARingWhenAnotherClientDrainsItsDoorbell() {
        sleep.add(one, 1);
        sleep.add(other, 2);
        doorbell.arm();
        one.signal();
        other.signal();
        other.drain();
        doorbell.ring();
        assertTrue(sleep.await(PATIENCE_NS) > 0);
        doorbell.disarm();
        one.signal();
        while (other.drain()) {
            // a hostile client empties what it has
        }
        assertEquals(1, sleep.await(PATIENCE_NS));
    }

    @Test
    void shouldForgetADoorbellThatTheClientKeeps() {
        sleep.add(one, 1);
        try (EventFd kept = EventFd.adopt(one.fd().duplicate())) {
            sleep.remove(one);
            kept.signal();
            assertEquals(0, sleep.await(0));
        }
    }

    @Test
    void shouldIgnoreSessionsThatEndAfterTheLcore() {
        sleep.add(one, 1);
        sleep.close();
        sleep.remove(one);
        sleep.add(other, 2);
    }
}
