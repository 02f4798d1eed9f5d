package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Traces of the controllers against the formulas of RFC 5681, 9438 and 9406, written out a second time here. */
class CongestionControlTest {
    private static final int MSS = 1000;
    private static final long MS = 1_000_000;
    private final Tcb tcb = new Tcb(Arena.ofAuto().allocate(TcbLayout.LENGTH, 64));

    CongestionControlTest() {
        tcb.wrap(0).initialize();
        tcb.sndMss(MSS);
        tcb.srttUs(100_000);
    }

    @Test
    @Requirement(rfc = 5681, id = "3.1-avoidance", clause = "3.1")
    void shouldGrowRenoByASegmentARoundTrip() {
        Reno reno = new Reno();
        tcb.cwnd(20 * MSS);
        tcb.ssthresh(10 * MSS);
        for (int round = 1; round <= 10; round++) {
            int window = tcb.cwnd() / MSS;
            for (int i = 0; i < window; i++) {
                reno.onAcknowledged(tcb, MSS, true, 0);
            }
            assertEquals((20 + round) * MSS, tcb.cwnd());
        }
        reno.onLoss(tcb, 30 * MSS, 0);
        assertEquals(15 * MSS, tcb.ssthresh());
    }

    @Test
    @Requirement(rfc = 7661, id = "3-limited", clause = "3")
    void shouldNotGrowWhatIsNotInUse() {
        tcb.cwnd(20 * MSS);
        tcb.ssthresh(10 * MSS);
        new Reno().onAcknowledged(tcb, 20 * MSS, false, 0);
        new Cubic().onAcknowledged(tcb, 20 * MSS, false, 0);
        assertEquals(20 * MSS, tcb.cwnd());
    }

    /** After one recovery and before the next, much of what lies between sndUna and sndMax has arrived. */
    @Test
    void shouldReduceWhatWasOutAndNotWhatSelectiveAcksHaveCovered() {
        tcb.cwnd(10 * MSS);
        new Cubic().onLoss(tcb, 20 * MSS, 0);
        assertEquals(7 * MSS, tcb.ssthresh());
        new Reno().onLoss(tcb, 20 * MSS, 0);
        assertEquals(5 * MSS, tcb.ssthresh());
        new Cubic().onLoss(tcb, 6 * MSS, 0);
        assertEquals(4_200, tcb.ssthresh(), "the application had less out than cwnd allowed");
    }

    @Test
    @Requirement(rfc = 9438, id = "4.9-undo", clause = "4.9")
    void shouldRestoreAllOfTheCurveWhenAReductionWasForNothing() {
        Cubic cubic = new Cubic();
        tcb.cwnd(1000 * MSS);
        tcb.ssthresh(700 * MSS);
        tcb.wMax(1200 * MSS);
        tcb.wEst(800 * MSS);
        tcb.kMs(7_000);
        tcb.epochStartMs(12_345);
        cubic.onLoss(tcb, 1000 * MSS, 0);
        tcb.cwnd(tcb.ssthresh());
        cubic.onAcknowledged(tcb, MSS, true, 20_000 * MS);
        assertEquals(20_000, tcb.epochStartMs(), "a new curve has begun before anything was undone");
        cubic.onSpurious(tcb);
        assertEquals(
                "1000000 700000 1200000 800000 7000 12345",
                "%d %d %d %d %d %d"
                        .formatted(tcb.cwnd(), tcb.ssthresh(), tcb.wMax(), tcb.wEst(), tcb.kMs(), tcb.epochStartMs()));
        cubic.onTimeout(tcb, 1000 * MSS, false, 0);
        assertEquals(0, tcb.wMax());
        cubic.onSpurious(tcb);
        assertEquals(1200 * MSS, tcb.wMax());
        assertEquals(12_345, tcb.epochStartMs());
        assertEquals(1000 * MSS, tcb.cwnd());
    }

    @Test
    @Requirement(rfc = 9438, id = "4.9-undo", clause = "4.9")
    void shouldGoOnWithTheFirstSlowStartWhenItsEndWasForNothing() {
        Cubic cubic = new Cubic();
        tcb.cwnd(100 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        tcb.hystartLastRttUs(100_000);
        tcb.hystartRttUs(104_000);
        tcb.hystartBaselineUs(101_000);
        cubic.onLoss(tcb, 100 * MSS, 0);
        tcb.cwnd(tcb.ssthresh());
        cubic.onAcknowledged(tcb, MSS, true, 20_000 * MS);
        cubic.onSpurious(tcb);
        assertEquals(100 * MSS, tcb.cwnd());
        assertEquals(Integer.MAX_VALUE, tcb.ssthresh());
        assertEquals(0, tcb.wMax());
        assertEquals(
                "100000 104000 101000",
                tcb.hystartLastRttUs() + " " + tcb.hystartRttUs() + " " + tcb.hystartBaselineUs());
    }

    /** What the window has reached meanwhile is more than what would be restored. */
    @Test
    void shouldKeepAWindowThatHasGrownBeyond() {
        Cubic cubic = new Cubic();
        tcb.cwnd(10 * MSS);
        tcb.ssthresh(7 * MSS);
        cubic.onLoss(tcb, 10 * MSS, 0);
        tcb.cwnd(12 * MSS);
        tcb.epochStartMs(5_000);
        cubic.onSpurious(tcb);
        assertEquals(12 * MSS, tcb.cwnd());
        assertEquals(5_000, tcb.epochStartMs());
    }

    @Test
    @Requirement(rfc = 9438, id = "4.2-cubic", clause = "4.2")
    @Requirement(rfc = 9293, id = "MAY-18", clause = "3.8.2")
    void shouldFollowTheCubicCurve() {
        Cubic cubic = new Cubic();
        tcb.cwnd(1000 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        cubic.onLoss(tcb, 1000 * MSS, 0);
        assertEquals(700 * MSS, tcb.ssthresh());
        assertEquals(1000 * MSS, tcb.wMax());
        tcb.cwnd(tcb.ssthresh());
        double k = Math.cbrt((1000 - 700) / 0.4);
        double rtt = 0.1;
        for (int round = 0; round < 150; round++) {
            double now = round * rtt;
            int acks = tcb.cwnd() / MSS;
            for (int i = 0; i < acks; i++) {
                cubic.onAcknowledged(tcb, MSS, true, (long) ((now + rtt * i / acks) * 1e9) + MS);
            }
            double target = 0.4 * Math.pow(now + 2 * rtt - k, 3) + 1000;
            double reno = 700 + 0.529 * (round + 1);
            double expected = Math.max(target, reno);
            assertEquals(expected, tcb.cwnd() / (double) MSS, 0.02 * expected, "round " + round);
        }
        assertTrue(tcb.cwnd() > 1000 * MSS);
    }

    @Test
    @Requirement(rfc = 9438, id = "4.7-fast", clause = "4.7")
    @Requirement(rfc = 9438, id = "4.8-timeout", clause = "4.8")
    void shouldConvergeFaster() {
        Cubic cubic = new Cubic();
        tcb.wMax(1000 * MSS);
        tcb.cwnd(800 * MSS);
        tcb.ssthresh(500 * MSS);
        cubic.onLoss(tcb, 800 * MSS, 0);
        assertEquals(680 * MSS, tcb.wMax());
        cubic.onTimeout(tcb, 800 * MSS, false, 0);
        assertEquals(MSS, tcb.cwnd());
    }

    @Test
    @Requirement(rfc = 9438, id = "4.3-reno", clause = "4.3")
    void shouldBeAtLeastAsFastAsRenoWhereWindowsAreSmall() {
        Cubic cubic = new Cubic();
        tcb.cwnd(10 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        cubic.onLoss(tcb, 10 * MSS, 0);
        tcb.cwnd(tcb.ssthresh());
        for (int round = 0; round < 20; round++) {
            int acks = tcb.cwnd() / MSS;
            for (int i = 0; i < acks; i++) {
                cubic.onAcknowledged(tcb, MSS, true, MS + 10L * round * MS);
            }
        }
        assertTrue(tcb.cwnd() >= 7 * MSS + (int) (0.5 * 15 * MSS), "cwnd=" + tcb.cwnd());
    }

    @Test
    @Requirement(rfc = 9406, id = "4.2-css", clause = "4.2")
    void shouldLeaveSlowStartWhenTheRoundTripGrows() {
        Cubic cubic = new Cubic();
        tcb.cwnd(10 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        long position = 0;
        int rounds = 0;
        int conservativeSince = 0;
        while (tcb.ssthresh() == Integer.MAX_VALUE && rounds < 30) {
            rounds++;
            int rttUs = rounds < 6 ? 100_000 : 120_000;
            int window = tcb.cwnd();
            tcb.sndNxt(position + window);
            for (int i = 0; i < window / MSS; i++) {
                position += MSS;
                tcb.sndUnaRelease(position);
                tcb.sndNxt(position + tcb.cwnd());
                cubic.onRttSample(tcb, rttUs);
                cubic.onAcknowledged(tcb, MSS, true, 100L * rounds * MS);
            }
            if (conservativeSince == 0 && tcb.hystartBaselineUs() != 0) {
                conservativeSince = rounds;
            }
            assertTrue(window <= 1 << 29);
        }
        assertTrue(conservativeSince == 6 || conservativeSince == 7, "CSS since round " + conservativeSince);
        assertEquals(5, rounds - conservativeSince, 1, "rounds=" + rounds);
    }

    @Test
    @Requirement(rfc = 9406, id = "4.2-css", clause = "4.2")
    void shouldGoBackToSlowStartWhenTheDelayWasJitter() {
        tcb.cwnd(10 * MSS);
        tcb.ssthresh(Integer.MAX_VALUE);
        tcb.hystartLastRttUs(100_000);
        for (int i = 0; i < 8; i++) {
            SlowStart.onRttSample(tcb, 130_000);
        }
        assertEquals(130_000, tcb.hystartBaselineUs());
        SlowStart.onRttSample(tcb, 101_000);
        assertEquals(0, tcb.hystartBaselineUs());
    }
}
