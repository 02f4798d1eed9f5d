package dev.toehold.perf.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameFateTest {
    private static final int FRAMES = 100_000;
    private static final int LENGTH = 1514;
    private static final Impairments ALL =
            Impairments.parse("loss=2%,burst=0.5%:20%,duplicate=3%,reorder=4%:5,corrupt=1%,delay=1ms,jitter=1ms");

    private record Fate(boolean lost, boolean burst, boolean duplicated, int overtakers, long bit, long jitterNs) {}

    private static List<Fate> fates(Impairments impairments, long seed, int direction) {
        FrameFate fate = new FrameFate(impairments, seed, direction);
        List<Fate> fates = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            fates.add(new Fate(
                    fate.isLost(),
                    fate.isLostInBurst(i),
                    fate.isDuplicated(),
                    fate.overtakers(),
                    fate.corruptedBit(FrameView.ETHERNET_HEADER_LENGTH, LENGTH),
                    fate.jitterNs()));
        }
        return fates;
    }

    private static double share(List<Fate> fates, java.util.function.Predicate<Fate> is) {
        return (double) fates.stream().filter(is).count() / FRAMES;
    }

    @Test
    void shouldDecideTheSameBySameSeed() {
        assertEquals(fates(ALL, 7, 0), fates(ALL, 7, 0));
        assertNotEquals(fates(ALL, 7, 0), fates(ALL, 8, 0));
        assertNotEquals(fates(ALL, 7, 0), fates(ALL, 7, 1));
    }

    @Test
    void shouldLoseTheSameFramesWhateverElseHappensToThem() {
        List<Boolean> alone = fates(Impairments.parse("loss=2%"), 7, 1).stream()
                .map(Fate::lost)
                .toList();
        assertEquals(alone, fates(ALL, 7, 1).stream().map(Fate::lost).toList());
    }

    @Test
    void shouldStrikeAsOftenAsItShould() {
        List<Fate> fates = fates(ALL, 1, 0);
        assertEquals(0.02, share(fates, Fate::lost), 0.002);
        assertEquals(0.03, share(fates, Fate::duplicated), 0.003);
        assertEquals(0.04, share(fates, fate -> fate.overtakers() > 0), 0.004);
        assertEquals(0.01, share(fates, fate -> fate.bit() >= 0), 0.002);
        for (int overtakers = 1; overtakers <= 5; overtakers++) {
            int count = overtakers;
            assertEquals(0.008, share(fates, fate -> fate.overtakers() == count), 0.002);
        }
        for (Fate fate : fates) {
            assertTrue(fate.overtakers() <= 5);
            assertTrue(Math.abs(fate.jitterNs()) <= 1_000_000);
            assertTrue(fate.bit() == -1 || (fate.bit() >= 14 * 8 && fate.bit() < LENGTH * 8));
        }
    }

    @Test
    void shouldLoseBurstsOfTheRightLength() {
        List<Fate> fates = fates(ALL, 1, 0);
        int bursts = 0;
        for (int i = 1; i < FRAMES; i++) {
            if (fates.get(i).burst() && !fates.get(i - 1).burst()) {
                bursts++;
            }
        }
        double lost = FRAMES * share(fates, Fate::burst);
        assertEquals(5, lost / bursts, 0.6); // 1 / 20 %
        assertEquals(0.005 * (FRAMES - lost), bursts, 60);
    }

    @Test
    void shouldEndABurstByTime() {
        FrameFate fate = new FrameFate(Impairments.parse("burst=100%:0.1%"), 1, 0);
        assertTrue(fate.isLostInBurst(0));
        assertTrue(fate.isLostInBurst(FrameFate.LONGEST_BURST_NS - 1));
        assertFalse(fate.isLostInBurst(FrameFate.LONGEST_BURST_NS));
    }

    @Test
    void shouldDoNothingOnAWire() {
        assertEquals(
                List.of(new Fate(false, false, false, 0, -1, 0)),
                fates(Impairments.NONE, 1, 0).stream().distinct().toList());
    }
}
