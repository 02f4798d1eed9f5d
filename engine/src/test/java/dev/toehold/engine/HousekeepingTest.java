package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.toehold.ffi.linux.Affinity;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The CPUs of lcores are left to them, by threads that run already and by later ones, until the engine ends. */
final class HousekeepingTest {
    @Test
    void shouldKeepEveryThreadOffAnLcoresCpu() throws Exception {
        BitSet before = Affinity.get();
        assumeTrue(before.cardinality() > 1, "one CPU only");
        int lcore = before.nextSetBit(0);
        BitSet others = (BitSet) before.clone();
        others.clear(lcore);
        try (ExecutorService early = Executors.newSingleThreadExecutor();
                ExecutorService late = Executors.newSingleThreadExecutor()) {
            assertEquals(before, early.submit(Affinity::get).get());
            try (Housekeeping _ = Housekeeping.keepOff(List.of(lcore))) {
                assertEquals(others, early.submit(Affinity::get).get());
                assertEquals(others, late.submit(Affinity::get).get());
            }
            assertEquals(before, early.submit(Affinity::get).get());
            assertEquals(before, late.submit(Affinity::get).get());
        }
    }

    @Test
    void shouldBePossibleOnlyBesideOtherCpus() {
        BitSet all = Affinity.get();
        assertTrue(Housekeeping.isPossible(List.of()));
        assertFalse(Housekeeping.isPossible(all.stream().boxed().toList()));
        assertEquals(all.cardinality() > 1, Housekeeping.isPossible(List.of(all.nextSetBit(0))));
    }
}
