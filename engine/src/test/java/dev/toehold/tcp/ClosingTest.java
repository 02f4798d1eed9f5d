package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** RFC 9293 sections 3.6, 3.10.4, 3.10.5 and figures 12 and 13. */
class ClosingTest {
    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    @Test
    @Requirement(rfc = 9293, id = "MUST-13", clause = "3.6.1")
    @Requirement(rfc = 9293, id = "3.10.4-close", clause = "3.10.4")
    void shouldCloseFirst() {
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.expect(Tcp.FIN | Tcp.ACK, 0, 0);
        peer.expectState(TcpState.FIN_WAIT_1);
        peer.inject(Tcp.ACK, 0, 1, 0);
        peer.expectState(TcpState.FIN_WAIT_2);
        peer.inject(Tcp.ACK, 0, 1, 10);
        peer.inject(Tcp.FIN | Tcp.ACK, 10, 1, 0);
        peer.expectState(TcpState.TIME_WAIT);
        peer.expectAck(11);
        assertEquals(60_000, peer.toDeadline());
        assertEquals(List.of("connected", "delivered 10", "end of stream 10", "terminated 5", "freed"), peer.events);
    }

    @Test
    void shouldCloseSecond() {
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 0, 0);
        peer.expectState(TcpState.CLOSE_WAIT);
        peer.expectAck(1);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 10);
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.expectState(TcpState.LAST_ACK);
        peer.expect(Tcp.FIN | Tcp.ACK, 10, 0);
        peer.inject(Tcp.ACK, 1, 11, 0);
        assertEquals(List.of("connected", "end of stream 0", "acknowledged 10", "terminated 5", "freed"), peer.events);
        assertEquals(4, peer.store.freeCount());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-5th-fin-acked", clause = "3.10.7.4")
    void shouldCloseSimultaneously() {
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 0, 0);
        peer.expectState(TcpState.CLOSING);
        peer.expectAck(1);
        peer.inject(Tcp.ACK, 1, 1, 0);
        peer.expectState(TcpState.TIME_WAIT);
    }

    @Test
    void shouldEnterTimeWaitWithOneSegmentThatAcksAndEnds() {
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 1, 0);
        peer.expectState(TcpState.TIME_WAIT);
    }

    @Test
    void shouldAcknowledgeARepeatedFinInTimeWaitAndStartAgain() {
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 1, 0);
        peer.sent.clear();
        peer.advance(50_000);
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 1, 0);
        peer.expectAck(1);
        assertEquals(60_000, peer.toDeadline());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.8-rexmt", clause = "3.10.8")
    void shouldRepeatALostFin() {
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.sent.clear();
        peer.ack(10);
        peer.toDeadline();
        peer.expect(Tcp.FIN | Tcp.ACK, 10, 0);
        peer.ack(11);
        peer.expectState(TcpState.FIN_WAIT_2);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-8th", clause = "3.10.7.4")
    void shouldTakeAFinThatOvertookItsText() {
        peer.inject(Tcp.FIN | Tcp.ACK, 10, 0, 5);
        peer.expectState(TcpState.ESTABLISHED);
        peer.expectAck(0);
        peer.inject(Tcp.ACK, 0, 0, 10);
        peer.expectState(TcpState.CLOSE_WAIT);
        peer.expectAck(16);
        assertEquals(List.of("connected", "delivered 15", "end of stream 15"), peer.events);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-59", clause = "3.10.7.4")
    void shouldAcknowledgeTheFinOnlyAtTheEndOfTheBurst() {
        peer.arrive(Tcp.FIN | Tcp.ACK, 0, 0, 5);
        peer.expectNothing();
        assertEquals(-1, peer.tcb.finReceived());
        peer.burstEnd();
        peer.expectAck(6);
    }

    @Test
    @Requirement(rfc = 9293, id = "MAY-1", clause = "3.6.1")
    @Requirement(rfc = 9293, id = "3.10.4-close", clause = "3.10.4")
    void shouldSendWhatWasSubmittedBeforeTheFinOfAClose() {
        peer.window = 1000;
        peer.ack(0);
        peer.core.send(peer.tcb, 2500, false, peer.nowNs);
        peer.core.close(peer.tcb, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 1000);
        peer.expectNothing();
        peer.ack(1000);
        peer.expect(Tcp.ACK, 1000, 1000);
        peer.ack(2000);
        peer.expect(Tcp.FIN | Tcp.ACK, 2000, 500);
        peer.ack(2501);
        peer.expectState(TcpState.FIN_WAIT_2);
        assertEquals(60_000, peer.toDeadline(), "nobody is left to read: FIN-WAIT-2 ends");
        assertTrue(peer.events.contains("freed"));
    }

    /** Whoever answers window probes for ever keeps no record of a connection that its application has given up. */
    @Test
    void shouldNotWaitForEverForAWindowThatKeepsOnlyTheFinBack() {
        peer.window = 0;
        peer.ack(0);
        peer.core.close(peer.tcb, peer.nowNs);
        peer.expectNothing();
        long startNs = peer.nowNs;
        while (peer.tcb.state() > TcpState.CLOSED && peer.nowNs - startNs < 300_000_000_000L) {
            peer.sent.clear();
            peer.toDeadline();
            if (peer.tcb.state() > TcpState.CLOSED) {
                peer.expect(Tcp.FIN | Tcp.ACK, 0, 0);
                peer.ack(0);
            }
        }
        peer.expect(Tcp.RST | Tcp.ACK, 0, 0);
        assertEquals(List.of("connected", "terminated 2", "freed"), peer.events);
        assertTrue(peer.nowNs - startNs >= 60_000_000_000L, "the linger time is the peer's");
    }

    @Test
    void shouldSendTheFinWhenTheWindowOpensAfterAll() {
        peer.window = 0;
        peer.ack(0);
        peer.core.close(peer.tcb, peer.nowNs);
        for (int i = 0; i < 3; i++) {
            peer.toDeadline();
            peer.ack(0);
        }
        peer.sent.clear();
        peer.window = 1_000;
        peer.ack(0);
        peer.expect(Tcp.FIN | Tcp.ACK, 0, 0);
        peer.ack(1);
        peer.expectState(TcpState.FIN_WAIT_2);
        assertEquals(60_000, peer.toDeadline(), "counted from the ACK of the FIN");
    }

    /** Text and FIN of the peer find an open window, so that it learns of the end: by a RST, or by the ACK of its FIN. */
    @Test
    void shouldOpenTheWindowForThePeersEnd() {
        ScriptedPeer closed = new ScriptedPeer(ScriptedPeer.plain().build());
        closed.prepare();
        closed.tcb.rcvGrant(0);
        closed.core.activeOpen(closed.tcb, closed.nowNs);
        closed.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
        closed.sent.clear();
        assertEquals(0, closed.tcb.rcvEdge());
        closed.core.close(closed.tcb, closed.nowNs);
        assertTrue(closed.expect(Tcp.ACK, 0, 0).window >= closed.tcb.ourMss());
        closed.expect(Tcp.FIN | Tcp.ACK, 0, 0);
        closed.inject(Tcp.FIN | Tcp.ACK, 0, 1, 0);
        closed.expectState(TcpState.TIME_WAIT);
    }

    @Test
    void shouldResetAtTheEdgeOfAWindowThatRefusedTheProbe() {
        peer.window = 0;
        peer.ack(0);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        peer.toDeadline();
        peer.expect(Tcp.ACK, 0, 1);
        peer.ack(0);
        peer.core.abort(peer.tcb, peer.nowNs);
        peer.expect(Tcp.RST | Tcp.ACK, 0, 0);
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-3", clause = "3.6.1")
    void shouldResetTextThatNobodyWillRead() {
        peer.core.close(peer.tcb, peer.nowNs);
        peer.sent.clear();
        peer.inject(Tcp.ACK, 0, 1, 10);
        peer.expect(Tcp.RST | Tcp.ACK, 1, 0);
        assertEquals(List.of("connected", "terminated 1", "freed"), peer.events);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.5-abort", clause = "3.10.5")
    void shouldAbortWithAReset() {
        peer.core.abort(peer.tcb, peer.nowNs);
        peer.expect(Tcp.RST | Tcp.ACK, 0, 0);
        assertEquals(List.of("connected", "terminated 6", "freed"), peer.events);
    }

    @Test
    @Requirement(rfc = 9293, id = "MAY-2", clause = "3.6.1")
    @Requirement(rfc = 6191, id = "2-sequence", clause = "2")
    void shouldLetASynReuseTimeWaitBeyondTheOldSequence() {
        peer.core.shutdown(peer.tcb, peer.nowNs);
        peer.inject(Tcp.FIN | Tcp.ACK, 0, 1, 0);
        peer.fill(Tcp.SYN, 0, 0, 0);
        assertFalse(peer.core.mayReuse(peer.tcb, peer.segment));
        peer.fill(Tcp.SYN, 100_000, 0, 0);
        assertTrue(peer.core.mayReuse(peer.tcb, peer.segment));
        peer.fill(Tcp.SYN | Tcp.ACK, 100_000, 1, 0);
        assertFalse(peer.core.mayReuse(peer.tcb, peer.segment));
    }
}
