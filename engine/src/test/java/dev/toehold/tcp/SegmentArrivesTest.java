package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Corners of RFC 9293 section 3.10.7 and of what amends it: each test names the rule. */
class SegmentArrivesTest {
    private ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build());

    @Test
    void shouldTakeTextAndFinOfASynAck() {
        peer.connect();
        peer.sent.clear();
        peer.inject(Tcp.SYN | Tcp.ACK | Tcp.FIN, -1, 0, 100);
        assertEquals(List.of("connected", "delivered 100", "end of stream 100"), peer.events);
        peer.expectAck(101);
        peer.expectState(TcpState.CLOSE_WAIT);
    }

    @Test
    void shouldTakeAResetThatCarriesText() {
        peer.established();
        peer.inject(Tcp.RST, 0, 0, 50);
        assertTrue(peer.events.contains("terminated 1"), "SHLD-2");
    }

    @Test
    void shouldTakeAResetInAClosedWindow() {
        peer.established();
        peer.inject(Tcp.ACK, 0, 0, 40_000);
        assertEquals(peer.tcb.rcvNxt(), peer.tcb.rcvEdge());
        peer.inject(Tcp.RST, 40_001, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        peer.inject(Tcp.RST, 40_000, 0, 1);
        assertTrue(peer.events.contains("terminated 1"), "MUST-66");
    }

    @Test
    void shouldDropAResetAtTheRightEdge() {
        peer.established();
        peer.inject(Tcp.RST, 40_000, 0, 0);
        peer.expectNothing();
        peer.inject(Tcp.RST, 39_999, 0, 0);
        peer.expectAck(0);
    }

    @Test
    void shouldChallengeTheSynOfAPeerThatRestartedWithoutTimestamps() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build()).established();
        peer.fill(Tcp.SYN, 777_777, 0, 0);
        peer.segment.options.clear();
        peer.core.onSegment(peer.tcb, peer.segment, peer.nowNs);
        peer.burstEnd();
        peer.expectAck(0);
        peer.expectState(TcpState.ESTABLISHED);
    }

    @Test
    void shouldLimitChallengesOfSynsAndOfAllConnectionsTogether() {
        peer = new ScriptedPeer(ScriptedPeer.plain()
                        .challengeAcksPerSecond(250)
                        .totalChallengeAcksPerSecond(100)
                        .build())
                .established();
        for (int i = 0; i < 500; i++) {
            peer.inject(Tcp.SYN, 90_000, 0, 0);
        }
        assertTrue(peer.sent.size() >= 50 && peer.sent.size() <= 100, "sent=" + peer.sent.size());
        assertEquals(500 - peer.sent.size(), peer.counters.get(TcpCounters.CHALLENGE_ACKS_LIMITED));
    }

    @Test
    void shouldNotTakeASynAckForTheHandshakesEndOfAPassiveOpening() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        peer.expectState(TcpState.SYN_RECEIVED);
        peer.inject(Tcp.ACK, 0, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
    }

    @Test
    void shouldEchoTheTimestampOfTheLatestSyn() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build());
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.sent.clear();
        peer.tsVal = 6_000;
        peer.inject(Tcp.SYN, -1, 0, 0);
        assertEquals(6_000, peer.expect(Tcp.SYN | Tcp.ACK, -1, 0).tsEcr);
    }

    private void timeWait() {
        peer.established();
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.inject(Tcp.ACK | Tcp.FIN, 0, 1, 0);
        peer.expectState(TcpState.TIME_WAIT);
    }

    private boolean mayReuse(long seq) {
        peer.fill(Tcp.SYN, seq, 0, 0);
        return peer.core.mayReuse(peer.tcb, peer.segment);
    }

    @Test
    void shouldReuseTimeWaitBySequenceNumber() {
        timeWait();
        assertFalse(mayReuse(-1));
        assertFalse(mayReuse(1), "the FIN's own number was used");
        assertTrue(mayReuse(2));
    }

    @Test
    void shouldReuseTimeWaitByTimestamp() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build());
        timeWait();
        peer.tsVal++;
        assertTrue(mayReuse(-500), "RFC 6191: a later timestamp says enough");
        peer.tsVal -= 2;
        assertFalse(mayReuse(5_000), "an earlier one too");
        peer.tsVal++;
        assertFalse(mayReuse(-500));
        assertTrue(mayReuse(5_000), "the same one leaves it to the sequence number");
    }

    @Test
    void shouldBoundTheWorkThatTinySegmentsCause() {
        peer.established();
        for (int i = 0; i < 100_000; i++) {
            peer.arrive(Tcp.ACK, 1 + 2L * (i % 19_000), 0, 1);
        }
        peer.burstEnd();
        assertEquals(ReassemblyRanges.MAX_RANGES, peer.core.context.ranges.count(peer.tcb));
        assertTrue(peer.counters.get(TcpCounters.REASSEMBLY_EXHAUSTED) > 90_000);
        peer.inject(Tcp.ACK, 0, 0, 1000);
        assertTrue(peer.tcb.rcvNxt() >= 1000, "text in order goes on");
    }
}
