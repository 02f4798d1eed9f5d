package dev.toehold.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of the stress tests: the queue pair holds, and the mutants show that the tests can fail. */
@Timeout(600)
class StressIT {
    private static final int ITERATIONS = 2;
    private static final int ITERATION_MS = 500;

    @Test
    void shouldHoldAndCatchMutants() {
        StringWriter text = new StringWriter();
        new StressTests(new PrintWriter(text), ITERATIONS, ITERATION_MS).run();
        List<String> lines = text.toString().lines().toList();
        assertEquals(4, lines.size(), text::toString);
        assertTrue(lines.get(1).startsWith("mutant NoFence: caught"), text::toString);
        assertTrue(lines.get(2).startsWith("mutant OneFence: caught"), text::toString);
    }
}
