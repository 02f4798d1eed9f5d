package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlowTableTest {
    private record Tuple(long remoteLow, int remotePort) {}

    private final Tuple[] tuples = new Tuple[64];
    private final FlowTable table = new FlowTable(
            tuples.length,
            (index, localHi, localLo, remoteHi, remoteLo, localPort, remotePort) -> tuples[index] != null
                    && tuples[index].remoteLow == remoteLo
                    && tuples[index].remotePort == remotePort);

    private int find(int hash, Tuple tuple) {
        return table.find(hash, 0, 1, 0, tuple.remoteLow, 80, tuple.remotePort);
    }

    /** With few hash values nearly everything collides, so clusters run together, wrap around and break up again. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 16, 1 << 30})
    void shouldAgreeWithMapUnderRandomUse(int hashes) {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed + " hashes=" + hashes);
        Random random = new Random(seed);
        Map<Tuple, Integer> model = new HashMap<>();
        for (int step = 0; step < 20_000; step++) {
            Tuple tuple = new Tuple(random.nextInt(20), random.nextInt(20));
            int hash = new Random(tuple.hashCode() ^ seed).nextInt(hashes) - hashes / 2;
            Integer expected = model.get(tuple);
            assertEquals(expected == null ? FlowTable.NONE : expected, find(hash, tuple), () -> "seed=" + seed);
            int free = freeIndex();
            if (expected != null && random.nextBoolean()) {
                assertTrue(table.remove(hash, expected));
                assertFalse(table.remove(hash, expected));
                tuples[expected] = null;
                model.remove(tuple);
            } else if (expected == null && free >= 0) {
                tuples[free] = tuple;
                assertTrue(table.add(hash, free));
                model.put(tuple, free);
            }
            assertEquals(model.size(), table.size());
        }
    }

    @Test
    void shouldRefuseWhenFull() {
        for (int i = 0; i < tuples.length; i++) {
            assertTrue(table.add(7, i));
        }
        assertFalse(table.add(7, 0));
    }

    private int freeIndex() {
        for (int i = 0; i < tuples.length; i++) {
            if (tuples[i] == null) {
                return i;
            }
        }
        return -1;
    }
}
