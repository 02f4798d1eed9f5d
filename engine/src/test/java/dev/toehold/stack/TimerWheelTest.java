package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TimerWheelTest {
    private static final long START = -12_345_678_901L;
    private static final long TICK = 1L << TimerWheel.TICK_SHIFT;
    private static final long SECOND = 1_000_000_000L;

    private final TimerWheel wheel = new TimerWheel(64, START);
    private final List<Integer> fired = new ArrayList<>();

    private int poll(long nowNs) {
        return wheel.poll(nowNs, Integer.MAX_VALUE, (id, now) -> fired.add(id));
    }

    @Test
    void shouldNotFireBeforeDeadlineNorATickLate() {
        long deadline = START + 10 * SECOND + 7;
        wheel.armNoLaterThan(3, deadline);
        assertEquals(0, poll(deadline - 1));
        assertEquals(1, poll(deadline + TICK));
        assertEquals(List.of(3), fired);
        assertEquals(TimerWheel.NEVER, wheel.nextDeadlineNs());
    }

    @Test
    void shouldKeepEarlierDeadlineWhenArmedForLater() {
        wheel.armNoLaterThan(1, START + SECOND);
        wheel.armNoLaterThan(1, START + 5 * SECOND);
        assertEquals(1, poll(START + SECOND + TICK));
        wheel.armNoLaterThan(1, START + 9 * SECOND);
        wheel.armNoLaterThan(1, START + 3 * SECOND);
        assertEquals(1, poll(START + 3 * SECOND + TICK));
        assertEquals(0, wheel.armedCount());
    }

    @Test
    void shouldFireRearmedTimersOnlyInALaterTick() {
        wheel.armNoLaterThan(5, START + TICK);
        int count = wheel.poll(START + 2 * TICK, 100, (id, now) -> wheel.armNoLaterThan(id, now - 10 * TICK));
        assertTrue(count <= 2, () -> "count=" + count);
        assertTrue(wheel.isArmed(5));
    }

    @Test
    void shouldGoOnWhereTheLimitStoppedIt() {
        for (int id = 0; id < 10; id++) {
            wheel.armNoLaterThan(id, START + 1);
        }
        assertEquals(4, wheel.poll(START + SECOND, 4, (id, now) -> fired.add(id)));
        assertTrue(wheel.nextDeadlineNs() <= START + SECOND);
        assertEquals(6, poll(START + SECOND));
        assertEquals(10, fired.stream().distinct().count());
    }

    @Test
    void shouldAgreeWithMapUnderRandomUse() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        Map<Integer, Long> model = new HashMap<>();
        long now = START;
        for (int step = 0; step < 200_000; step++) {
            int id = random.nextInt(64);
            switch (random.nextInt(4)) {
                case 0, 1 -> {
                    // Spans every level, and deadlines in the past.
                    long deadline = now - TICK + (1L << random.nextInt(47)) + random.nextInt(1 << 20);
                    // One that is past already counts from when it was armed.
                    model.merge(id, Math.max(deadline, now), Math::min);
                    wheel.armNoLaterThan(id, deadline);
                }
                case 2 -> {
                    model.remove(id);
                    wheel.cancel(id);
                }
                default -> {
                    now += 1L << random.nextInt(random.nextInt(20) == 0 ? 46 : 24);
                    fired.clear();
                    poll(now);
                    checkFired(model, now, seed);
                }
            }
            checkNext(model, now, seed);
            assertEquals(model.size(), wheel.armedCount());
        }
    }

    private void checkFired(Map<Integer, Long> model, long now, long seed) {
        for (int id : fired) {
            long deadline = model.remove(id);
            assertTrue(deadline <= now, () -> "early: seed=" + seed + " id=" + id + " by=" + (deadline - now));
        }
        model.forEach((id, deadline) -> assertTrue(
                deadline > now - TICK, () -> "late: seed=" + seed + " id=" + id + " by=" + (now - deadline)));
    }

    /** Sleeping until nextDeadlineNs must never oversleep a timer by more than a tick. */
    private void checkNext(Map<Integer, Long> model, long now, long seed) {
        long first = model.values().stream().mapToLong(Long::longValue).min().orElse(Long.MAX_VALUE);
        long next = wheel.nextDeadlineNs();
        if (first == Long.MAX_VALUE) {
            assertEquals(TimerWheel.NEVER, next);
        } else {
            assertTrue(next <= Math.max(first, now) + 2 * TICK, () -> "seed=" + seed + " by=" + (next - first));
        }
    }
}
