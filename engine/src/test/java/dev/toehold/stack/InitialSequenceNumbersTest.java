package dev.toehold.stack;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.toehold.tcp.Requirement;
import org.junit.jupiter.api.Test;

class InitialSequenceNumbersTest {
    private static final long SECOND_NS = 1_000_000_000;
    private final InitialSequenceNumbers numbers = new InitialSequenceNumbers(5, 6);

    private long hash(InitialSequenceNumbers of, int remotePort) {
        return of.hash(0, 1, 0, 2, 80, remotePort);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-8", clause = "3.4.1")
    @Requirement(rfc = 6528, id = "3-isn", clause = "3")
    void shouldTickEveryFourMicroseconds() {
        long f = hash(numbers, 1000);
        int first = InitialSequenceNumbers.isn(f, 7 * SECOND_NS);
        assertEquals(first + 1, InitialSequenceNumbers.isn(f, 7 * SECOND_NS + 4_000));
        assertEquals(first + 250_000, InitialSequenceNumbers.isn(f, 8 * SECOND_NS));
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-1", clause = "3.4.1")
    @Requirement(rfc = 9293, id = "MUST-9", clause = "3.4.1")
    void shouldDependOnTheTupleAndOnTheSecret() {
        assertEquals(hash(numbers, 1000), hash(new InitialSequenceNumbers(5, 6), 1000));
        assertNotEquals((int) hash(numbers, 1000), (int) hash(numbers, 1001));
        assertNotEquals((int) hash(numbers, 1000), (int) hash(new InitialSequenceNumbers(5, 7), 1000));
    }
}
