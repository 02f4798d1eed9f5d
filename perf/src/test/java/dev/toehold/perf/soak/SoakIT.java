package dev.toehold.perf.soak;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

/** A short run of `bench soak`: it throws if anybody is disturbed who was not killed, or anything does not come back. */
class SoakIT {
    @Test
    void shouldDisturbNobodyWhenClientsAreKilled() throws Exception {
        StringWriter text = new StringWriter();
        try {
            new SoakRun(4, 25, 5, 1_000, System.nanoTime(), new PrintWriter(text)).run();
        } finally {
            System.out.println(text);
        }
    }
}
