package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.Requirement;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SequenceNumberTest {
    @Property
    void shouldOrderAcrossTheWrap(@ForAll int start, @ForAll @IntRange(min = 1) int distance) {
        int later = start + distance;
        assertTrue(SequenceNumber.lt(start, later));
        assertTrue(SequenceNumber.leq(start, later));
        assertTrue(SequenceNumber.gt(later, start));
        assertTrue(SequenceNumber.geq(later, start));
        assertFalse(SequenceNumber.lt(later, start));
        assertFalse(SequenceNumber.leq(later, start));
        assertFalse(SequenceNumber.gt(start, later));
        assertFalse(SequenceNumber.geq(start, later));
        assertEquals(distance, SequenceNumber.diff(later, start));
        assertEquals(-distance, SequenceNumber.diff(start, later));
        assertEquals(later, SequenceNumber.max(start, later));
        assertEquals(later, SequenceNumber.max(later, start));
        assertEquals(start, SequenceNumber.min(start, later));
        assertEquals(start, SequenceNumber.min(later, start));
        assertFalse(SequenceNumber.inWindow(later, start, distance));
        assertTrue(SequenceNumber.inWindow(later - 1, start, distance));
    }

    @Property
    void shouldHoldANumberEqualToItself(@ForAll int value) {
        assertFalse(SequenceNumber.lt(value, value));
        assertTrue(SequenceNumber.leq(value, value));
        assertTrue(SequenceNumber.geq(value, value));
        assertFalse(SequenceNumber.gt(value, value));
        assertFalse(SequenceNumber.inWindow(value, value, 0));
        assertTrue(SequenceNumber.inWindow(value, value, 1));
    }

    @Test
    @Requirement(rfc = 9293, id = "3.4-modulo", clause = "3.4")
    void shouldOrderTheWrapItself() {
        assertTrue(SequenceNumber.lt(0xFFFF_FFFF, 0));
        assertTrue(SequenceNumber.gt(5, 0xFFFF_FFF0));
        assertTrue(SequenceNumber.inWindow(3, 0xFFFF_FFFE, 6));
        assertFalse(SequenceNumber.inWindow(4, 0xFFFF_FFFE, 6));
        assertFalse(SequenceNumber.inWindow(0xFFFF_FFFD, 0xFFFF_FFFE, 6));
    }
}
