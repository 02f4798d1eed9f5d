package dev.toehold.perf.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImpairmentsTest {
    @Test
    void shouldReadEverySetting() {
        Impairments read = Impairments.parse(Impairments.SYNTAX);
        assertEquals(
                new Impairments(0.01, 0.001, 0.2, 0.01, 0.01, 3, 0.001, 10_000_000, 1_000_000, 100_000_000, 128 << 10),
                read);
        assertEquals(read, Impairments.parse(read.toString()));
    }

    @Test
    void shouldReadAndWriteAWire() {
        assertEquals(Impairments.NONE, Impairments.parse("none"));
        assertEquals("none", Impairments.NONE.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "loss",
                "loss=x",
                "loss=101%",
                "loss=-1%",
                "burst=1%:0",
                "delay=3",
                "delay=1ms,jitter=2ms",
                "reorder=1%:65",
                "reorder=1%:0",
                "weight=1",
                "rate=-1",
                "queue=0",
                "loss=NaN",
                "loss=1%,",
            })
    void shouldRefuseWhatIsWrong(String text) {
        assertThrows(IllegalArgumentException.class, () -> Impairments.parse(text));
    }
}
