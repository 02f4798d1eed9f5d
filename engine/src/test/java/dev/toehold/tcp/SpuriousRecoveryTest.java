package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recoveries that turn out to be for nothing: F-RTO (RFC 5682) with and without SACK, D-SACK (RFC 2883, 3708). */
class SpuriousRecoveryTest {
    private ScriptedPeer peer;
    private int cwnd;

    /** Text in flight, more to send, and a timeout of the first segment, which is sent again. */
    private void timeOut(boolean sack) {
        peer = new ScriptedPeer(ScriptedPeer.plain().sack(sack).build()).established();
        peer.core.send(peer.tcb, 40_000, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(2000);
        cwnd = peer.tcb.cwnd();
        while (peer.tcb.recovery() != RecoveryPhase.LOSS) {
            peer.sent.clear();
            peer.toDeadline();
        }
        peer.expect(Tcp.ACK, 2000, 1000);
        peer.expectNothing();
        assertTrue(peer.tcb.cwnd() < cwnd);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendTwoNewSegmentsAndUndoWhenOriginalsAreAcknowledged(boolean sack) {
        timeOut(sack);
        long max = peer.tcb.sndMax();
        peer.ack(3000);
        peer.expect(Tcp.ACK, max, 1000);
        peer.expect(Tcp.ACK, max + 1000, 1000);
        peer.expectNothing();
        assertEquals(RecoveryPhase.LOSS, peer.tcb.recovery());
        peer.ack(4000);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertEquals(1, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
        assertTrue(peer.tcb.cwnd() >= cwnd);
        assertTrue(peer.sent.stream().allMatch(s -> s.seq >= max), "nothing old is sent again");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGoOnConventionallyWhenADuplicateFollows(boolean sack) {
        timeOut(sack);
        long max = peer.tcb.sndMax();
        peer.ack(3000);
        peer.sent.clear();
        if (sack) {
            peer.ack(3000, max, max + 1000);
        } else {
            peer.ack(3000);
        }
        assertEquals(RecoveryPhase.LOSS, peer.tcb.recovery());
        peer.expect(Tcp.ACK, 3000, 1000);
        peer.expect(Tcp.ACK, 4000, 1000);
        assertEquals(0, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
        assertEquals(3000, peer.tcb.cwnd(), "step 3 (a)");
    }

    @Test
    void shouldGoOnConventionallyWithoutNewText() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.core.send(peer.tcb, 5000, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.toDeadline();
        peer.sent.clear();
        peer.ack(1000);
        peer.expect(Tcp.ACK, 1000, 1000);
        assertFalse(peer.tcb.has(TcbFlags.MAYBE_SPURIOUS));
    }

    @Test
    void shouldTakeARepeatedTimeoutForReal() {
        timeOut(false);
        peer.toDeadline();
        assertFalse(peer.tcb.has(TcbFlags.MAYBE_SPURIOUS));
        peer.sent.clear();
        peer.ack(3000);
        peer.expect(Tcp.ACK, 3000, 1000);
    }

    @Test
    void shouldDecideAtOnceWhenAnOriginalIsSacked() {
        timeOut(true);
        peer.ack(2000, 4000, 5000);
        assertEquals(1, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
    }

    private void fastRetransmit() {
        peer = new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();
        peer.core.send(peer.tcb, 40_000, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1000);
        cwnd = peer.tcb.cwnd();
        peer.nowNs += 10 * ScriptedPeer.MS;
        peer.ack(1000, 2000, 5000);
        assertEquals(RecoveryPhase.RECOVERY, peer.tcb.recovery());
        assertEquals(1000, peer.tcb.undoRetransmitted());
    }

    @Test
    void shouldUndoWhenAllThatWasSentAgainIsReportedTwiceWithinTheRecovery() {
        fastRetransmit();
        peer.ack(5000);
        assertEquals(RecoveryPhase.RECOVERY, peer.tcb.recovery());
        peer.ack(5000, 1000, 2000);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertEquals(1, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
        assertTrue(peer.tcb.cwnd() >= cwnd && peer.tcb.ssthresh() == Integer.MAX_VALUE);
        assertEquals(1, peer.tcb.rackReoMultiplier(), "RFC 8985 section 6.2 step 4");
    }

    @Test
    void shouldUndoAfterTheRecoveryAndWithNothingInFlight() {
        fastRetransmit();
        while (peer.tcb.sndUna() < 40_000) {
            peer.nowNs += 10 * ScriptedPeer.MS;
            peer.ack(peer.tcb.sndMax());
        }
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertTrue(peer.tcb.scoreboardIndex() < 0);
        peer.ack(40_000, 1000, 2000);
        assertEquals(1, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
        assertTrue(peer.tcb.cwnd() >= cwnd);
        assertEquals(1, peer.tcb.rackReoMultiplier());
    }

    @Test
    void shouldNotUndoForADuplicateOfSomethingElse() {
        fastRetransmit();
        peer.ack(5000);
        peer.ack(5000, 0, 1000);
        assertEquals(RecoveryPhase.RECOVERY, peer.tcb.recovery());
        assertEquals(0, peer.counters.get(TcpCounters.SPURIOUS_RECOVERIES));
    }

    @Test
    void shouldWidenTheReorderingWindowOnceARoundTrip() {
        fastRetransmit();
        peer.ack(5000, 0, 500);
        peer.ack(5000, 0, 500);
        assertEquals(1, peer.tcb.rackReoMultiplier());
        peer.core.send(peer.tcb, 60_000, false, peer.nowNs);
        peer.ack(peer.tcb.sndMax());
        peer.ack(peer.tcb.sndUna(), 0, 500);
        assertEquals(2, peer.tcb.rackReoMultiplier());
    }
}
