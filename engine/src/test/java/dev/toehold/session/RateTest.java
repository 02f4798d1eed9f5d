package dev.toehold.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RateTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long START_NS = 5_000 * SECOND_NS;

    @Test
    void shouldGiveNoMoreThanTheRateAndABurst() {
        Rate rate = new Rate(1000, SECOND_NS / 10);
        SplittableRandom random = new SplittableRandom(7);
        long nowNs = START_NS;
        int taken = 0;
        while (nowNs < START_NS + 10 * SECOND_NS) {
            int most = rate.available(1 + random.nextInt(64), nowNs);
            rate.take(most, nowNs);
            taken += most;
            nowNs += random.nextLong(3_000_000);
        }
        assertTrue(taken <= 10_000 + 100, "taken=" + taken);
        assertTrue(taken >= 9_900, "taken=" + taken);
    }

    @Test
    void shouldSayWhenTheNextMayCome() {
        Rate rate = new Rate(10, 0);
        assertEquals(1, rate.available(64, START_NS));
        rate.take(1, START_NS);
        assertEquals(0, rate.available(1, START_NS + SECOND_NS / 10 - 1));
        assertEquals(START_NS + SECOND_NS / 10, rate.nextNs());
        assertEquals(1, rate.available(1, rate.nextNs()));
    }

    @Test
    void shouldNotBoundWithoutARate() {
        Rate rate = new Rate(0, SECOND_NS);
        rate.take(Integer.MAX_VALUE, START_NS);
        assertEquals(64, rate.available(64, START_NS));
    }

    @Test
    void shouldBearRingsThatAreLateAndNotThoseForNothing() {
        DoorbellRings rings = new DoorbellRings();
        long nowNs = START_NS;
        for (int i = 0; i < 100_000; i++) {
            assertTrue(rings.isBearable(true, nowNs), "work");
            rings.onRing();
            assertTrue(rings.isBearable(false, nowNs), "its ring comes behind it");
            nowNs += 1000;
        }
        int empty = 0;
        do {
            rings.onRing();
            nowNs += 10_000;
        } while (rings.isBearable(false, nowNs) && ++empty < 100_000);
        assertTrue(empty > 500 && empty < 3_000, "empty=" + empty);
        DoorbellRings slow = new DoorbellRings();
        for (int i = 0; i < 100_000; i++) {
            slow.onRing();
            assertTrue(slow.isBearable(false, START_NS + i * SECOND_NS / 50));
        }
        assertFalse(empty == 0);
    }
}
