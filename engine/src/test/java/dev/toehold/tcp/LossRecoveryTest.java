package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;

/** RFC 6298, 5681, 6582, 3042 without SACK; RFC 8985, 6937, 5682 with it. */
class LossRecoveryTest {
    private ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    private void withSack() {
        peer = new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();
    }

    /** Sends {@code bytes} and lets 100 ms pass: what comes back then is a sample of 100 ms. */
    private void inFlight(long bytes) {
        peer.core.send(peer.tcb, peer.tcb.submitted() + 1000, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(peer.tcb.sndMax());
        peer.core.send(peer.tcb, peer.tcb.submitted() + bytes, false, peer.nowNs);
        peer.sent.clear();
        peer.nowNs += 100 * ScriptedPeer.MS;
    }

    private static void assertNear(long expected, long actual, long tolerance) {
        assertTrue(Math.abs(expected - actual) <= tolerance, "expected=" + expected + " actual=" + actual);
    }

    @Test
    @Requirement(rfc = 6298, id = "2.2", clause = "2")
    @Requirement(rfc = 6298, id = "2.3", clause = "2")
    void shouldComputeTheTimeoutOfRfc6298() {
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.tcb.srttUs(0);
        peer.ack(100);
        assertEquals(100_000, peer.tcb.srttUs());
        assertEquals(50_000, peer.tcb.rttvarUs());
        assertEquals(300_000, peer.tcb.rtoUs());
        peer.core.send(peer.tcb, 200, false, peer.nowNs);
        peer.nowNs += 180 * ScriptedPeer.MS;
        peer.ack(200);
        assertEquals(110_000, peer.tcb.srttUs());
        assertEquals(57_500, peer.tcb.rttvarUs());
        assertEquals(340_000, peer.tcb.rtoUs());
    }

    @Test
    @Requirement(rfc = 6298, id = "5.5", clause = "5")
    @Requirement(rfc = 6298, id = "3-karn", clause = "3")
    @Requirement(rfc = 9293, id = "MUST-18", clause = "3.8.1")
    void shouldBackOffAndTakeNoSampleFromARetransmission() {
        inFlight(1000);
        int srtt = peer.tcb.srttUs();
        long first = peer.toDeadline();
        peer.expect(Tcp.ACK, 1000, 1000);
        assertNear(2 * (first + 100), peer.toDeadline(), 2);
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.ack(2000);
        assertEquals(srtt, peer.tcb.srttUs(), "Karn");
        assertEquals(2, peer.tcb.backoff(), "kept until there is a sample");
        peer.core.send(peer.tcb, 2100, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(2100);
        assertEquals(0, peer.tcb.backoff());
    }

    @Test
    @Requirement(rfc = 5681, id = "3.1-timeout", clause = "3.1")
    @Requirement(rfc = 9293, id = "MUST-19", clause = "3.8.2")
    void shouldShrinkToOneSegmentAndGoBackAfterATimeout() {
        inFlight(5000);
        peer.toDeadline();
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.expectNothing();
        assertEquals(1000, peer.tcb.cwnd());
        assertEquals(2500, peer.tcb.ssthresh());
        peer.ack(2000);
        peer.expect(Tcp.ACK, 2000, 1000);
        peer.expect(Tcp.ACK, 3000, 1000);
    }

    @Test
    @Requirement(rfc = 5681, id = "3.2-retransmit", clause = "3.2")
    @Requirement(rfc = 3042, id = "2-new", clause = "2")
    @Requirement(rfc = 6582, id = "3.2-partial", clause = "3.2")
    void shouldRetransmitOnTheThirdDuplicateAndSendOneNewForEachOfTheFirstTwo() {
        inFlight(20_000);
        long max = peer.tcb.sndMax();
        peer.ack(1000);
        peer.expect(Tcp.ACK, max, 1000);
        peer.ack(1000);
        peer.expect(Tcp.ACK, max + 1000, 1000);
        peer.ack(1000);
        peer.expect(Tcp.ACK, 1000, 1000);
        assertEquals(RecoveryPhase.RECOVERY, peer.tcb.recovery());
        peer.sent.clear();
        peer.ack(3000);
        peer.expect(Tcp.ACK, 3000, 1000);
        peer.ack(peer.tcb.recover());
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertTrue(peer.tcb.cwnd() <= peer.tcb.ssthresh() + 1000);
    }

    @Test
    @Requirement(rfc = 5681, id = "2-duplicate", clause = "2")
    void shouldNotTakeWindowUpdatesForDuplicates() {
        inFlight(20_000);
        for (int i = 0; i < 6; i++) {
            peer.window = 50_000 + i;
            peer.ack(1000);
        }
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
    }

    @Test
    @Requirement(rfc = 6675, id = "5-recovery", clause = "5")
    @Requirement(rfc = 8985, id = "6.2-dupthresh", clause = "6.2")
    @Requirement(rfc = 2018, id = "5-sender", clause = "5")
    void shouldSendTheHoleAfterThreeSegmentsWereSacked() {
        withSack();
        inFlight(10_000);
        peer.ack(1000, 2000, 3000);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        peer.ack(1000, 2000, 4000);
        peer.ack(1000, 2000, 5000);
        assertEquals(RecoveryPhase.RECOVERY, peer.tcb.recovery());
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.expectNothing();
        peer.ack(peer.tcb.sndMax());
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertEquals(5000, peer.tcb.ssthresh());
        assertEquals(0, peer.core.boundSlots());
    }

    @Test
    @Requirement(rfc = 6937, id = "3.1-prr", clause = "3.1")
    void shouldReduceInProportion() {
        withSack();
        inFlight(10_000);
        peer.core.send(peer.tcb, peer.tcb.submitted() + 30_000, false, peer.nowNs);
        peer.sent.clear();
        long max = peer.tcb.sndMax();
        int sent = 0;
        for (int i = 1; i <= 9; i++) {
            peer.ack(1000, 2000, 2000 + 1000L * i);
            sent += peer.sent.size();
            peer.sent.clear();
        }
        int flight = (int) (max - 1000) / 1000;
        assertTrue(sent >= flight / 2 - 2 && sent <= flight / 2 + 2, "sent=" + sent + " of flight=" + flight);
    }

    @Test
    @Requirement(rfc = 8985, id = "6.2-reo", clause = "6.2")
    @Requirement(rfc = 8985, id = "6.2-detect", clause = "6.2")
    void shouldFindALossByTimeWhereTooFewWereSacked() {
        withSack();
        inFlight(3_000);
        peer.ack(1000, 3000, 4000);
        peer.expectNothing();
        assertTrue(peer.tcb.has(TcbFlags.REORDERING_TIMER));
        assertNear(25, peer.toDeadline(), 1);
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.expectNothing();
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(2000, 3000, 4000);
        peer.expect(Tcp.ACK, 2000, 1000);
    }

    @Test
    @Requirement(rfc = 8985, id = "6.2-detect", clause = "6.2")
    void shouldSendALostRetransmissionAgain() {
        withSack();
        inFlight(10_000);
        peer.ack(1000, 2000, 5000);
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.sent.clear();
        peer.core.send(peer.tcb, peer.tcb.submitted() + 20_000, false, peer.nowNs);
        peer.nowNs += 10 * ScriptedPeer.MS;
        peer.ack(1000, 2000, 10_000);
        long fresh = peer.sent.peekLast().seq;
        peer.sent.clear();
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1000, fresh, fresh + 1000);
        assertTrue(
                peer.sent.stream().anyMatch(s -> s.seq == 1000), "the hole goes out a third time, without a timeout");
        assertEquals(0, peer.counters.get(TcpCounters.RETRANSMISSION_TIMEOUTS));
    }

    @Test
    @Requirement(rfc = 8985, id = "7.2-pto", clause = "7.2")
    @Requirement(rfc = 8985, id = "7.3-last", clause = "7.3")
    void shouldProbeTheTailAfterTwoRoundTrips() {
        withSack();
        inFlight(3_000);
        peer.nowNs -= 100 * ScriptedPeer.MS;
        assertTrue(peer.tcb.has(TcbFlags.PROBE_TIMER));
        long waited = peer.toDeadline();
        assertNear(2L * peer.tcb.srttUs() / 1000, waited, 1);
        peer.expect(Tcp.ACK, 3000, 1000);
        assertEquals(1, peer.counters.get(TcpCounters.TAIL_LOSS_PROBES));
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1000, 3000, 4000);
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(2000, 3000, 4000);
        peer.expect(Tcp.ACK, 2000, 1000);
        assertEquals(0, peer.counters.get(TcpCounters.RETRANSMISSION_TIMEOUTS));
    }

    @Test
    @Requirement(rfc = 5682, id = "3.1-undo", clause = "3.1")
    void shouldUndoATimeoutThatWasSpurious() {
        withSack();
        inFlight(8_000);
        peer.tcb.tlpEnd(peer.tcb.sndMax());
        peer.toDeadline();
        peer.toDeadline();
        assertEquals(RecoveryPhase.LOSS, peer.tcb.recovery());
        int before = peer.tcb.undoCwnd();
        peer.ack(4000);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertTrue(peer.tcb.cwnd() >= before);
        assertEquals(1, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
    }

    @Test
    @Requirement(rfc = 2018, id = "8-sender", clause = "8")
    void shouldSurviveAReceiverThatTakesBackItsSacks() {
        withSack();
        inFlight(6_000);
        peer.ack(1000, 2000, 7000);
        peer.sent.clear();
        peer.ack(2000);
        while (peer.tcb.recovery() != RecoveryPhase.LOSS) {
            peer.toDeadline();
        }
        assertEquals(0, peer.core.context.scoreboard.sackedBytes(peer.tcb), "reneging is legal");
        peer.ack(3000);
        peer.ack(7000);
        assertEquals(7000, peer.tcb.sndUna());
    }
}
