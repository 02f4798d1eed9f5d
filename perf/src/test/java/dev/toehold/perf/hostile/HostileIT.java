package dev.toehold.perf.hostile;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A short run of `bench hostile`: it throws if the engine dies, a victim notices something, or anything does not come back. */
class HostileIT {
    private static final int OPERATIONS = 8_000;
    private static final int WARM_UP = 4_000;

    @Test
    void shouldLeaveEngineAndVictimsAsTheyWere() throws Exception {
        long seed = System.nanoTime() & 0xffff;
        StringWriter text = new StringWriter();
        try {
            new HostileRun(OPERATIONS, WARM_UP, seed, new PrintWriter(text)).run();
        } finally {
            System.out.println("seed=" + seed + "\n" + text);
        }
    }
}
