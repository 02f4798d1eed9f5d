package dev.toehold.perf.simulation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Fixed seeds of the simulation in every build; {@code toehold bench simulate} runs as many others as one likes. */
class EngineSimulationTest {
    private static final int SEEDS = Integer.getInteger("toehold.simulation.seeds", 2_000);
    private static final int LEAST_STRIKES = 20;
    private static final int THREADS = 2;

    @Test
    void shouldKeepEveryPromiseOverAFaultyLink() throws InterruptedException {
        SimulationRun run = new SimulationRun(3);
        boolean isGood = run.run(1, SEEDS, THREADS);
        run.print(new PrintWriter(System.out, false, StandardCharsets.UTF_8));
        assertTrue(isGood, () -> run.failures().getFirst().getMessage());
        if (SEEDS >= 1_000) {
            for (Fault fault : Fault.values()) {
                assertTrue(run.faults().of(fault) >= LEAST_STRIKES, () -> fault + " struck too seldom");
            }
        }
    }

    @Test
    void shouldDoTheSameAgainWithTheSameSeed() {
        for (long seed = 7; seed < 12; seed++) {
            assertArrayEquals(trace(seed), trace(seed));
        }
    }

    private static byte[] trace(long seed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SimulationRun run = new SimulationRun(1);
        assertTrue(run.trace(seed, out), () -> run.failures().getFirst().getMessage());
        return out.toByteArray();
    }
}
