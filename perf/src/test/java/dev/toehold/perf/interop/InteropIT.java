package dev.toehold.perf.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.perf.link.LinkCounters;
import dev.toehold.perf.link.LinkCounters.Count;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short matrix of interop with the kernel; {@code toehold bench interop} runs the whole one. */
class InteropIT {
    /** Pairs the mixes with the options differently from day to day; a failure names its seed. */
    private static final long SEED = Long.getLong("toehold.seed", System.currentTimeMillis() / (24 * 3_600_000L));

    @ParameterizedTest
    @ValueSource(ints = {1500, 9000})
    void shouldExchangeEveryByteWithTheKernel(int mtu) throws Exception {
        try (InteropRig rig = new InteropRig(mtu)) {
            LinkCounters total = null;
            for (InteropCase next : InteropCase.some(mtu, SEED)) {
                InteropRig.Outcome outcome = rig.run(next);
                System.out.println(next + ": " + outcome.link());
                assertTrue(outcome.link().get(Count.RECEIVED_BYTES) > outcome.bytes(), "it all passed the link");
                total = total == null ? outcome.link() : total.plus(outcome.link());
            }
            for (Count count : List.of(
                    Count.LOST,
                    Count.LOST_IN_BURSTS,
                    Count.DUPLICATED,
                    Count.REORDERED,
                    Count.CORRUPTED,
                    Count.QUEUE_FULL)) {
                assertTrue(total.get(count) > 0, count + " never struck: " + total);
            }
        }
    }

    @Test
    void shouldPairEveryMixWithEveryCombinationOfOptions() {
        Set<String> some = new HashSet<>();
        for (int day = 0; day < InteropCase.MIXES.size(); day++) {
            for (InteropCase next : InteropCase.some(1500, day)) {
                some.add(next.options() + " " + next.impairments());
            }
        }
        Set<String> all = new HashSet<>();
        for (InteropCase next : InteropCase.all(1500, 1)) {
            all.add(next.options() + " " + next.impairments());
        }
        assertEquals(8 * InteropCase.MIXES.size(), all.size());
        assertEquals(all, some);
    }
}
