package dev.toehold.perf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void shouldTakeTheMiddleOfAnOddNumber() {
        assertEquals(new Spread(1, 3, 9), Spread.of(9, 1, 3));
    }

    @Test
    void shouldTakeTheMeanOfTheMiddleTwoOfAnEvenNumber() {
        assertEquals(new Spread(1, 4, 10), Spread.of(10, 3, 5, 1));
    }

    @Test
    void shouldLeaveTheValuesInTheirOrder() {
        double[] rounds = {3, 1, 2};
        Spread.of(rounds);
        assertEquals(3, rounds[0]);
    }

    @Test
    void shouldRefuseNothingAndNotANumber() {
        assertThrows(IllegalArgumentException.class, Spread::of);
        assertThrows(IllegalArgumentException.class, () -> Spread.of(1, Double.NaN));
    }
}
