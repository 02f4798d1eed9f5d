package dev.toehold.perf.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.abi.ResultCode;
import org.junit.jupiter.api.Test;

class AttackCountsTest {
    @Test
    void shouldTellByALineWhatItHolds() {
        AttackCounts counts = new AttackCounts();
        counts.made(Attack.VERB);
        counts.made(Attack.HUGETLB);
        counts.answered(Attack.HUGETLB, ResultCode.DENIED);
        counts.ended("BAD_INDEX");
        AttackCounts again = AttackCounts.parse(counts.toString());
        assertEquals(counts.toString(), again.toString());
        again.add(counts);
        assertEquals(4, again.total());
        assertEquals(4, again.totalPassed());
    }

    @Test
    void shouldNotCountAsPastTheFirstCheckWhatIsNotMeantToBeOrWasStale() {
        AttackCounts counts = new AttackCounts();
        counts.made(Attack.HANDLE);
        counts.made(Attack.VERB);
        counts.made(Attack.FIELD);
        counts.answered(Attack.FIELD, ResultCode.STALE);
        counts.answered(Attack.VERB, ResultCode.INVALID);
        assertEquals(3, counts.total());
        assertEquals(1, counts.totalPassed());
    }
}
