package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RingIT {
    private static final long ENTRIES = 8_000_000;
    private static final int BURST = 32;

    private static Eal eal;

    @BeforeAll
    static void startEal() {
        eal = Eal.init(EalConfig.ofMegabytes(32).withHugepages(EalConfig.Hugepages.NEVER));
    }

    @AfterAll
    static void stopEal() {
        eal.close();
    }

    @Test
    void shouldFillAndDrain() {
        try (Ring ring = Ring.create("fill", 8, PktMbufPool.SOCKET_ANY)) {
            assertEquals(7, ring.capacity());
            final MbufArray array = new MbufArray(16);
            for (int round = 0; round < 100; round++) {
                for (int i = 0; i < 16; i++) {
                    array.set(i, 1000L * round + i + 1);
                }
                assertEquals(7, ring.enqueueBurst(array, 0, 16));
                assertFalse(ring.enqueue(1));
                assertEquals(7, ring.count());
                assertEquals(1000L * round + 1, ring.dequeue());
                assertTrue(ring.enqueue(99));
                assertEquals(7, ring.dequeueBurst(array, 4, 12));
                assertEquals(1000L * round + 2, array.get(4));
                assertEquals(99, array.get(10));
                assertEquals(0, ring.dequeue());
                assertEquals(0, ring.dequeueBurst(array, 0, 16));
            }
        }
    }

    @Test
    void shouldKeepOrderBetweenTwoThreads() throws InterruptedException {
        try (Ring ring = Ring.create("order", 1024, PktMbufPool.SOCKET_ANY)) {
            final AtomicReference<Throwable> failure = new AtomicReference<>();
            final Thread producer = Thread.ofPlatform()
                    .uncaughtExceptionHandler((thread, e) -> failure.set(e))
                    .start(() -> produce(ring));
            final MbufArray array = new MbufArray(BURST);
            long expected = 1;
            while (expected <= ENTRIES && (producer.isAlive() || ring.count() > 0)) {
                final int n = ring.dequeueBurst(array, 0, BURST);
                if (n == 0) {
                    LockSupport.parkNanos(1000);
                }
                for (int i = 0; i < n; i++) {
                    assertEquals(expected, array.get(i));
                    expected++;
                }
            }
            producer.join();
            assertEquals(null, failure.get());
            assertEquals(ENTRIES + 1, expected);
        }
    }

    private static void produce(final Ring ring) {
        final MbufArray array = new MbufArray(BURST);
        long next = 1;
        while (next <= ENTRIES) {
            final int n = (int) Math.min(1 + next % BURST, ENTRIES + 1 - next);
            for (int i = 0; i < n; i++) {
                array.set(i, next + i);
            }
            final int taken = next % 3 == 0 ? (ring.enqueue(next) ? 1 : 0) : ring.enqueueBurst(array, 0, n);
            if (taken == 0) {
                LockSupport.parkNanos(1000);
            }
            next += taken;
        }
    }
}
