package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9293 section 3.5 and 3.10.7.3, with the options of RFC 7323 and 2018. */
class HandshakeTest {
    private final ScriptedPeer peer = new ScriptedPeer(
            TcpConfig.builder().receiveWindowScale(5).pools(2, 2).build());

    @Test
    @Requirement(rfc = 9293, id = "MUST-14", clause = "3.7.1")
    @Requirement(rfc = 9293, id = "SHLD-5", clause = "3.7.1")
    @Requirement(rfc = 9293, id = "MAY-3", clause = "3.7.1")
    @Requirement(rfc = 7323, id = "2.2-syn", clause = "2.2")
    @Requirement(rfc = 7323, id = "3.2-syn", clause = "3.2")
    @Requirement(rfc = 2018, id = "2-syn", clause = "2")
    void shouldOfferEverythingInTheSyn() {
        peer.connect();
        ScriptedPeer.Sent syn = peer.expect(Tcp.SYN, -1, 0);
        assertEquals(0, syn.rawAck);
        assertEquals(1000, syn.mss);
        assertEquals(5, syn.windowScale);
        assertTrue(syn.sackPermitted);
        assertTrue(syn.timestamps);
        assertEquals(40_000, syn.window, "the window of a SYN is not scaled");
        peer.expectState(TcpState.SYN_SENT);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.1-active", clause = "3.10.1")
    void shouldConnect() {
        peer.connect();
        peer.sent.clear();
        peer.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        ScriptedPeer.Sent ack = peer.expectAck(0);
        assertEquals(40_000 >> 5, ack.window);
        assertEquals(5_000, ack.tsEcr);
        assertEquals(List.of("connected"), peer.events);
        assertEquals(Long.MAX_VALUE, peer.deadlineNs);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-22", clause = "3.8.3")
    @Requirement(rfc = 9293, id = "MUST-23", clause = "3.8.3")
    void shouldRepeatTheSynWithBackoffAndGiveUpAfterThreeMinutes() {
        peer.connect();
        long began = peer.nowNs;
        peer.sent.clear();
        assertEquals(1_000, peer.toDeadline());
        peer.expect(Tcp.SYN, -1, 0);
        assertEquals(2_000, peer.toDeadline());
        assertEquals(4_000, peer.toDeadline());
        while (peer.tcb.state() == TcpState.SYN_SENT) {
            peer.toDeadline();
        }
        assertTrue(peer.nowNs - began >= 180_000 * ScriptedPeer.MS, "MUST-23");
        assertEquals(List.of("trouble", "terminated 2", "freed"), peer.events, "R1, then R2 (MUST-20)");
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-15", clause = "3.7.1")
    @Requirement(rfc = 7323, id = "2.2-syn-ack", clause = "2.2")
    @Requirement(rfc = 7323, id = "3.2-syn-ack", clause = "3.2")
    void shouldAcceptAndAnswerOnlyWhatWasOffered() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.segment.options.clear();
        peer.withTimestamps = false;
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        ScriptedPeer.Sent synAck = peer.expect(Tcp.SYN | Tcp.ACK, -1, 0);
        assertEquals(0, synAck.ack);
        assertEquals(-1, synAck.windowScale);
        assertFalse(synAck.sackPermitted);
        assertFalse(synAck.timestamps);
        peer.inject(Tcp.ACK, 0, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        assertEquals(536, peer.tcb.sndMss(), "MUST-15");
        assertEquals(List.of("accepted"), peer.events);
    }

    @Test
    void shouldRepeatTheSynAckForARepeatedSyn() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.SYN, -1, 0, 0);
        peer.expect(Tcp.SYN | Tcp.ACK, -1, 0);
        peer.expectNothing();
        peer.expectState(TcpState.SYN_RECEIVED);
    }

    @Test
    void shouldTakeDataWithTheHandshakesLastAck() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.inject(Tcp.ACK, 0, 0, 100);
        peer.expectState(TcpState.ESTABLISHED);
        assertEquals(List.of("accepted", "delivered 100"), peer.events);
        assertEquals(60_000 << 2, peer.tcb.sndWnd());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-10", clause = "3.5")
    @Requirement(rfc = 7323, id = "2.3-syn-unscaled", clause = "2.3")
    void shouldOpenSimultaneously() {
        peer.connect();
        peer.sent.clear();
        peer.inject(Tcp.SYN, -1, 0, 0);
        peer.expectState(TcpState.SYN_RECEIVED);
        peer.expect(Tcp.SYN | Tcp.ACK, -1, 0);
        peer.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        assertEquals(List.of("connected"), peer.events);
        assertEquals(60_000, peer.tcb.sndWnd(), "the window of a SYN is not scaled");
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.3-2nd", clause = "3.10.7.3")
    void shouldBeRefusedByAResetWithAnAcceptableAckOnly() {
        peer.connect();
        peer.inject(Tcp.RST, 0, 0, 0);
        peer.inject(Tcp.RST | Tcp.ACK, 0, 17, 0);
        peer.expectState(TcpState.SYN_SENT);
        peer.inject(Tcp.RST | Tcp.ACK, 0, 0, 0);
        assertEquals(List.of("terminated 3", "freed"), peer.events);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.3-1st", clause = "3.10.7.3")
    void shouldResetAnAckOfSomethingElse() {
        peer.connect();
        peer.sent.clear();
        peer.inject(Tcp.ACK, 50, 17, 0);
        ScriptedPeer.Sent rst = peer.expect(Tcp.RST, 17, 0);
        assertEquals(0, rst.rawAck);
        peer.expectState(TcpState.SYN_SENT);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-5th-syn-received", clause = "3.10.7.4")
    void shouldResetAWrongAckInSynReceived() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.ACK, 0, 99, 0);
        peer.expect(Tcp.RST, 99, 0);
        peer.expectState(TcpState.SYN_RECEIVED);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-11", clause = "3.5")
    void shouldForgetAPassiveOpenThatWasReset() {
        peer.prepare();
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        peer.inject(Tcp.RST, 0, 0, 0);
        assertEquals(List.of("terminated 1", "freed"), peer.events);
        assertEquals(4, peer.store.freeCount());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.1-closed", clause = "3.10.7.1")
    void shouldAnswerClosedTcpPorts() {
        TxSegment answer = new TxSegment();
        peer.fill(Tcp.RST, 5, 0, 0);
        assertFalse(peer.core.respondToClosed(peer.segment, answer));
        peer.fill(Tcp.SYN, 5, 0, 0);
        assertTrue(peer.core.respondToClosed(peer.segment, answer));
        assertEquals(Tcp.RST | Tcp.ACK, answer.flags);
        assertEquals(0, answer.seq);
        assertEquals(peer.segment.seq + 1, answer.ack);
        peer.fill(Tcp.ACK, 5, 77, 10);
        assertTrue(peer.core.respondToClosed(peer.segment, answer));
        assertEquals(Tcp.RST, answer.flags);
        assertEquals(peer.segment.ack, answer.seq);
    }
}
