package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;

/** RFC 5961, PAWS of RFC 7323, and what else an attacker off the path tries. */
class HostilePeerTest {
    private ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    @Test
    @Requirement(rfc = 5961, id = "3.2-exact", clause = "3.2")
    @Requirement(rfc = 5961, id = "3.2-challenge", clause = "3.2")
    @Requirement(rfc = 5961, id = "3.2-outside", clause = "3.2")
    void shouldResetOnlyAtTheExactSequence() {
        peer.inject(Tcp.RST, 40_001, 0, 0);
        peer.expectNothing();
        peer.inject(Tcp.RST, -1, 0, 0);
        peer.expectNothing();
        peer.inject(Tcp.RST, 1, 0, 0);
        peer.expectAck(0);
        peer.expectState(TcpState.ESTABLISHED);
        peer.inject(Tcp.RST, 0, 0, 0);
        assertTrue(peer.events.contains("terminated 1"));
    }

    @Test
    @Requirement(rfc = 5961, id = "4.2-syn", clause = "4.2")
    void shouldChallengeASyn() {
        peer.inject(Tcp.SYN, 0, 0, 0);
        peer.expectAck(0);
        peer.inject(Tcp.SYN, 500_000, 0, 0);
        peer.expectAck(0);
        peer.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        peer.expectAck(0);
        peer.expectState(TcpState.ESTABLISHED);
    }

    @Test
    @Requirement(rfc = 5961, id = "7-limit", clause = "7")
    void shouldLimitChallengeAcks() {
        for (int i = 0; i < 100; i++) {
            peer.inject(Tcp.RST, 1, 0, 0);
        }
        assertEquals(10, peer.sent.size());
        assertEquals(90, peer.counters.get(TcpCounters.CHALLENGE_ACKS_LIMITED));
        peer.advance(1_000);
        peer.inject(Tcp.RST, 1, 0, 0);
        assertEquals(11, peer.sent.size());
    }

    @Test
    @Requirement(rfc = 5961, id = "5.2-ack", clause = "5.2")
    @Requirement(rfc = 9293, id = "3.10.7.4-5th-beyond", clause = "3.10.7.4")
    void shouldDropAcksOutsideOfWhatWasSent() {
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.ACK, 0, 101, 10);
        peer.expectAck(0);
        peer.inject(Tcp.ACK, 0, -60_002, 10);
        peer.expectAck(0);
        assertEquals(0, peer.tcb.rcvNxt());
        peer.inject(Tcp.ACK, 0, -5, 10);
        assertEquals(10, peer.tcb.rcvNxt(), "an old ACK within MAX.SND.WND does no harm");
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-5th-no-ack", clause = "3.10.7.4")
    void shouldDropASegmentWithoutAck() {
        peer.inject(0, 0, 0, 10);
        assertEquals(0, peer.tcb.rcvNxt());
        assertEquals(1, peer.counters.get(TcpCounters.NO_ACK_DROPS));
    }

    @Test
    @Requirement(rfc = 7323, id = "5.3-r1", clause = "5.3")
    @Requirement(rfc = 7323, id = "5.5-outdated", clause = "5.5")
    void shouldDropOldDuplicatesByTimestamp() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build()).established();
        peer.tsVal = 6_000;
        peer.inject(Tcp.ACK, 0, 0, 10);
        peer.sent.clear();
        peer.tsVal = 5_999;
        peer.inject(Tcp.ACK, 10, 0, 10);
        assertEquals(10, peer.tcb.rcvNxt());
        assertEquals(6_000, peer.expectAck(10).tsEcr);
        assertEquals(1, peer.counters.get(TcpCounters.PAWS_DROPS));
        peer.advance(25L * 86_400_000);
        peer.inject(Tcp.ACK, 10, 0, 10);
        assertEquals(20, peer.tcb.rcvNxt(), "a TS.Recent of 25 days ago is void");
    }

    @Test
    @Requirement(rfc = 7323, id = "3.2-missing", clause = "3.2")
    @Requirement(rfc = 7323, id = "5.3-rst", clause = "5.3")
    void shouldDropASegmentThatLacksItsTimestamp() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build()).established();
        peer.withTimestamps = false;
        peer.inject(Tcp.ACK, 0, 0, 10);
        assertEquals(0, peer.tcb.rcvNxt());
        peer.expectNothing();
        peer.inject(Tcp.RST, 0, 0, 0);
        assertTrue(peer.events.contains("terminated 1"), "a RST is exempt");
    }

    @Test
    @Requirement(rfc = 7323, id = "4.3-update", clause = "4.3")
    void shouldNotLetASegmentBeyondAHoleMoveTsRecent() {
        peer = new ScriptedPeer(ScriptedPeer.plain().timestamps(true).build()).established();
        peer.tsVal = 7_000;
        peer.inject(Tcp.ACK, 100, 0, 10);
        assertEquals(5_000, peer.expectAck(0).tsEcr);
        peer.tsVal = 6_000;
        peer.inject(Tcp.ACK, 0, 0, 100);
        assertEquals(6_000, peer.expectAck(110).tsEcr);
    }

    @Test
    void shouldNotGrowWithoutBoundFromForgedDuplicateAcks() {
        peer.core.send(peer.tcb, 20_000, false, peer.nowNs);
        for (int i = 0; i < 5_000; i++) {
            peer.ack(0);
        }
        assertTrue(peer.tcb.cwnd() > 0 && peer.tcb.cwnd() <= SlowStart.MAX_CWND);
    }

    @Test
    @Requirement(rfc = 2018, id = "5-sender", clause = "5")
    void shouldIgnoreSenselessSackBlocks() {
        peer = new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();
        peer.core.send(peer.tcb, 5_000, false, peer.nowNs);
        peer.ack(0, 9_000, 10_000, 3_000, 2_000, 4_000, 4_000);
        assertEquals(0, peer.core.context.scoreboard.sackedBytes(peer.tcb));
        peer.ack(1_000, 500, 2_000);
        assertEquals(0, peer.core.context.scoreboard.sackedBytes(peer.tcb));
    }
}
