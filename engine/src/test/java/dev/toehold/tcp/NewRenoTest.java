package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;

/** RFC 6582 with its guards, limited transmit (RFC 3042) and byte counting (RFC 3465) without SACK. */
class NewRenoTest {
    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    private void inFlight(long bytes) {
        peer.core.send(peer.tcb, bytes, false, peer.nowNs);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.sent.clear();
    }

    private void duplicates(int count, long ack) {
        for (int i = 0; i < count; i++) {
            peer.ack(ack);
        }
    }

    @Test
    void shouldNotCountLimitedTransmitInFlightSize() {
        inFlight(40_000);
        assertEquals(10_000, peer.tcb.sndMax());
        duplicates(2, 0);
        assertEquals(12_000, peer.tcb.sndMax(), "limited transmit");
        duplicates(1, 0);
        assertEquals(5_000, peer.tcb.ssthresh(), "RFC 5681 section 3.2 step 2");
        assertEquals(5_000 + 3_000, peer.tcb.cwnd(), "step 3");
    }

    @Test
    void shouldNotRetransmitFastForDuplicatesOfWhatARecoverySentAgain() {
        inFlight(20_000);
        duplicates(3, 0);
        long recover = peer.tcb.recover();
        peer.ack(recover);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        peer.sent.clear();
        duplicates(5, recover);
        assertEquals(RecoveryPhase.OPEN, peer.tcb.recovery());
        assertEquals(1, peer.counters.get(TcpCounters.FAST_RECOVERIES));
    }

    @Test
    void shouldRestartTheTimerWithTheFirstPartialAckOnly() {
        inFlight(20_000);
        duplicates(3, 0);
        peer.nowNs += 50 * ScriptedPeer.MS;
        peer.ack(2000);
        long deadline = peer.deadlineNs;
        assertTrue(deadline > peer.nowNs + 150 * ScriptedPeer.MS);
        peer.nowNs += 50 * ScriptedPeer.MS;
        peer.ack(4000);
        assertEquals(deadline, peer.deadlineNs);
    }

    @Test
    void shouldGrowByBytesWhateverTheNumberOfAcks() {
        inFlight(40_000);
        int before = peer.tcb.cwnd();
        for (int ack = 10; ack <= 2000; ack += 10) {
            peer.ack(ack);
        }
        assertEquals(before + 2000, peer.tcb.cwnd(), "split ACKs gain nothing");
    }

    @Test
    void shouldGrowByASegmentAnAckAfterATimeout() {
        inFlight(40_000);
        peer.toDeadline();
        peer.toDeadline();
        assertEquals(1000, peer.tcb.cwnd());
        peer.ack(6000);
        assertEquals(2000, peer.tcb.cwnd(), "RFC 3465 section 2.3: L = 1");
    }

    @Test
    void shouldNotGrowAWindowThatTheApplicationDoesNotUse() {
        int cwnd = peer.tcb.cwnd();
        for (int i = 1; i <= 50; i++) {
            peer.core.send(peer.tcb, 2000L * i, false, peer.nowNs);
            peer.nowNs += 50 * ScriptedPeer.MS;
            peer.ack(2000L * i);
        }
        assertEquals(cwnd, peer.tcb.cwnd());
    }

    @Test
    void shouldGrowWithEveryAckOfABurst() {
        inFlight(100_000);
        for (int i = 1; i <= 10; i++) {
            peer.arrive(Tcp.ACK, 0, 1000L * i, 0);
        }
        assertEquals(20_000, peer.tcb.cwnd(), "all of the ten acknowledge a window that was full");
    }
}
