package dev.toehold.perf.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DelayLineTest {
    private static final int LENGTH = 1250; // 10,000 bits
    private static final long MS = 1_000_000;

    private static DelayLine line(String impairments) {
        return new DelayLine(Impairments.parse(impairments), 64);
    }

    private static List<Integer> take(DelayLine line, long nowNs) {
        List<Integer> slots = new ArrayList<>();
        while (line.isDue(nowNs)) {
            slots.add(line.slot());
            line.remove();
        }
        return slots;
    }

    @Test
    void shouldPassAtOnceOnAWire() {
        DelayLine line = line("none");
        line.add(5, LENGTH, 100, 0, 0);
        assertEquals(List.of(5), take(line, 100));
        assertEquals(Long.MAX_VALUE, line.nextDueNs());
        assertEquals(0, line.count());
    }

    @Test
    void shouldDelay() {
        DelayLine line = line("delay=2ms");
        line.add(5, LENGTH, 0, 0, 0);
        assertEquals(2 * MS, line.nextDueNs());
        assertEquals(List.of(), take(line, 2 * MS - 1));
        assertEquals(List.of(5), take(line, 2 * MS));
    }

    @Test
    void shouldKeepTheOrderUnderJitter() {
        DelayLine line = line("delay=2ms,jitter=1ms");
        line.add(1, LENGTH, 0, MS, 0);
        line.add(2, LENGTH, 0, -MS, 0);
        assertEquals(List.of(), take(line, 3 * MS - 1));
        assertEquals(List.of(1, 2), take(line, 3 * MS));
    }

    @Test
    void shouldSendAtTheRateAndDropWhatTheQueueCannotHold() {
        DelayLine line = line("rate=10M,queue=2500"); // a frame takes 1 ms; two wait besides the one that is being sent
        for (int slot = 1; slot <= 2; slot++) {
            assertTrue(line.hasRoom(LENGTH, 0));
            line.add(slot, LENGTH, 0, 0, 0);
        }
        assertFalse(line.hasRoom(LENGTH, 0));
        assertEquals(List.of(), take(line, MS - 1));
        assertEquals(List.of(1), take(line, MS));
        assertTrue(line.hasRoom(LENGTH, MS));
        assertEquals(List.of(2), take(line, 2 * MS));
        // An idle line saves nothing up.
        line.add(3, LENGTH, 10 * MS, 0, 0);
        line.add(4, LENGTH, 10 * MS, 0, 0);
        assertEquals(List.of(3), take(line, 11 * MS));
        assertEquals(List.of(4), take(line, 12 * MS));
    }

    @Test
    void shouldLetOthersOvertake() {
        DelayLine line = line("none");
        line.add(1, LENGTH, 0, 0, 2);
        line.add(2, LENGTH, 0, 0, 0);
        assertEquals(List.of(2), take(line, 0));
        line.add(3, LENGTH, 0, 0, 0);
        assertEquals(List.of(3, 1), take(line, 0));
    }

    @Test
    void shouldCountTheOvertakingOfEachHeldFrame() {
        DelayLine line = line("none");
        line.add(1, LENGTH, 0, 0, 3);
        line.add(2, LENGTH, 0, 0, 1);
        for (int slot = 3; slot <= 5; slot++) {
            line.add(slot, LENGTH, 0, 0, 0);
        }
        assertEquals(List.of(3, 2, 4, 5, 1), take(line, 0));
    }

    @Test
    void shouldNotHoldAFrameThatNothingFollows() {
        DelayLine line = line("delay=1ms");
        line.add(1, LENGTH, 0, 0, 3);
        long releaseNs = MS + DelayLine.LONGEST_HOLD_NS;
        assertEquals(releaseNs, line.nextDueNs());
        assertEquals(List.of(), take(line, releaseNs - 1));
        assertEquals(1, line.count());
        assertEquals(List.of(1), take(line, releaseNs));
        assertEquals(0, line.count());
    }

    @Test
    void shouldNotHoldMoreThanItCan() {
        DelayLine line = new DelayLine(Impairments.NONE, 128);
        for (int slot = 0; slot < Impairments.MAX_REORDER_DISTANCE; slot++) {
            line.add(slot, LENGTH, 0, 0, 60);
        }
        assertEquals(List.of(), take(line, 0));
        line.add(100, LENGTH, 0, 0, 60);
        assertEquals(List.of(100), take(line, 0));
    }

    @Test
    void shouldGiveEverythingBackWhenDrained() {
        DelayLine line = line("delay=1ms");
        line.add(1, LENGTH, 0, 0, 3);
        line.add(2, LENGTH, 0, 0, 0);
        List<Integer> slots = new ArrayList<>();
        for (int i = line.count(); i > 0; i--) {
            slots.add(line.drain());
        }
        slots.sort(null);
        assertEquals(List.of(1, 2), slots);
        assertEquals(0, line.count());
    }
}
