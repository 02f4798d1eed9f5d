package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 3168: section 6.1.1 in the handshake, 6.1.2 of the sender, 6.1.3 of the receiver, 6.1.4 to 6.1.6 of what must not be marked. */
class EcnTest {
    private static final int SETUP = Tcp.ECE | Tcp.CWR;
    private ScriptedPeer peer =
            new ScriptedPeer(ScriptedPeer.plain().ecn(TcpConfig.EcnMode.OFFER).build());

    private void established() {
        peer.connect();
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.inject(Tcp.SYN | Tcp.ACK | Tcp.ECE, -1, 0, 0);
        assertTrue(peer.tcb.has(TcbFlags.ECN));
        peer.sent.clear();
    }

    private void passive(TcpConfig.EcnMode mode, int flags, int codepoint) {
        peer = new ScriptedPeer(ScriptedPeer.plain().ecn(mode).build());
        peer.prepare();
        peer.fill(flags, -1, 0, 0);
        peer.segment.ecn = codepoint;
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.1-syn", clause = "6.1.1")
    void shouldOfferInTheSyn() {
        peer.connect();
        ScriptedPeer.Sent syn = peer.expect(Tcp.SYN | SETUP, -1, 0);
        assertEquals(Ecn.NOT_ECT, syn.ecn, "a SYN is never ECN-capable");
        peer.inject(Tcp.SYN | Tcp.ACK | Tcp.ECE, -1, 0, 0);
        assertTrue(peer.tcb.has(TcbFlags.ECN));
        assertEquals(Ecn.NOT_ECT, peer.expectAck(0).ecn);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, Tcp.CWR, SETUP})
    @Requirement(rfc = 3168, id = "6.1.1-reflect", clause = "6.1.1")
    void shouldNotUseItWithoutAProperAnswer(int bits) {
        peer.connect();
        peer.inject(Tcp.SYN | Tcp.ACK | bits, -1, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        assertFalse(peer.tcb.has(TcbFlags.ECN));
        peer.sent.clear();
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        assertEquals(Ecn.NOT_ECT, peer.expect(Tcp.ACK, 0, 100).ecn);
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.1.1-fallback", clause = "6.1.1.1")
    void shouldFallBackWhenTheSynIsLost() {
        peer.connect();
        peer.sent.clear();
        peer.toDeadline();
        peer.expect(Tcp.SYN, -1, 0);
        peer.inject(Tcp.SYN | Tcp.ACK | Tcp.ECE, -1, 0, 0);
        assertFalse(peer.tcb.has(TcbFlags.ECN), "who sent a SYN without must not use it");
    }

    @ParameterizedTest
    @CsvSource({"ACCEPT,true", "OFFER,true", "OFF,false"})
    @Requirement(rfc = 3168, id = "6.1.1-syn-ack", clause = "6.1.1")
    void shouldAcceptAsConfigured(TcpConfig.EcnMode mode, boolean agreed) {
        passive(mode, Tcp.SYN | SETUP, 0);
        peer.expect(Tcp.SYN | Tcp.ACK | (agreed ? Tcp.ECE : 0), -1, 0);
        assertEquals(agreed, peer.tcb.has(TcbFlags.ECN));
    }

    @Test
    void shouldAcceptNoHalfOfferAndNoSynWithACodepoint() {
        passive(TcpConfig.EcnMode.ACCEPT, Tcp.SYN | Tcp.ECE, 0);
        peer.expect(Tcp.SYN | Tcp.ACK, -1, 0);
        passive(TcpConfig.EcnMode.ACCEPT, Tcp.SYN | SETUP, Ecn.ECT_0);
        peer.expect(Tcp.SYN | Tcp.ACK, -1, 0);
    }

    @Test
    void shouldOnlyAcceptByDefault() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build());
        peer.connect();
        peer.expect(Tcp.SYN, -1, 0);
    }

    @Test
    void shouldAgreeInASimultaneousOpening() {
        peer.connect();
        peer.sent.clear();
        peer.inject(Tcp.SYN | SETUP, -1, 0, 0);
        peer.expect(Tcp.SYN | Tcp.ACK | Tcp.ECE, -1, 0);
        peer.inject(Tcp.SYN | Tcp.ACK | Tcp.ECE, -1, 0, 0);
        peer.expectState(TcpState.ESTABLISHED);
        assertTrue(peer.tcb.has(TcbFlags.ECN));
        assertEquals(0, peer.counters.get(TcpCounters.ECN_REDUCTIONS));
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.4-acks", clause = "6.1.4")
    @Requirement(rfc = 3168, id = "6.1.5-rexmt", clause = "6.1.5")
    void shouldMarkNewTextOnly() {
        established();
        peer.core.send(peer.tcb, 1000, false, peer.nowNs);
        assertEquals(Ecn.ECT_0, peer.expect(Tcp.ACK, 0, 1000).ecn);
        peer.toDeadline();
        ScriptedPeer.Sent again = peer.expect(Tcp.ACK, 0, 1000);
        assertEquals(Ecn.NOT_ECT, again.ecn, "what is sent again");
        peer.inject(Tcp.ACK, 0, 1000, 10);
        peer.sent.clear();
        peer.advance(40);
        assertEquals(Ecn.NOT_ECT, peer.sent.getLast().ecn, "a pure ACK");
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.6-probe", clause = "6.1.6")
    void shouldNotMarkAWindowProbe() {
        established();
        peer.window = 0;
        peer.inject(Tcp.ACK, 0, 0, 0);
        peer.core.send(peer.tcb, 1500, false, peer.nowNs);
        peer.expectNothing();
        peer.toDeadline();
        assertEquals(Ecn.NOT_ECT, peer.expect(Tcp.ACK, 0, 1).ecn);
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.3-echo", clause = "6.1.3")
    void shouldEchoUntilTheSenderHasReduced() {
        established();
        peer.ecn = Ecn.CE;
        peer.inject(Tcp.ACK, 0, 0, 1000);
        peer.ecn = Ecn.ECT_0;
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        peer.expect(Tcp.ACK | Tcp.ECE, 0, 0);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        peer.expect(Tcp.ACK | Tcp.ECE, 0, 10);
        peer.inject(Tcp.ACK | Tcp.CWR, 2000, 10, 1000);
        peer.inject(Tcp.ACK, 3000, 10, 1000);
        peer.expectAck(4000);
        peer.ecn = Ecn.CE;
        peer.inject(Tcp.ACK | Tcp.CWR, 4000, 10, 1000);
        peer.inject(Tcp.ACK, 5000, 10, 1000);
        peer.expect(Tcp.ACK | Tcp.ECE, 10, 0);
    }

    @Test
    void shouldNotEchoWhatLiesOutsideOfTheWindow() {
        established();
        peer.ecn = Ecn.CE;
        peer.inject(Tcp.ACK, 50_000, 0, 1000);
        peer.expectAck(0);
        peer.inject(Tcp.ACK, -1000, 0, 1000);
        peer.expectAck(0);
        peer.inject(Tcp.ACK, 0, 0, 0);
        assertFalse(peer.tcb.has(TcbFlags.ECN_ECHO), "pure ACKs are not ECN-capable");
    }

    @Test
    @Requirement(rfc = 3168, id = "6.1.2-reduce", clause = "6.1.2")
    @Requirement(rfc = 3168, id = "6.1.2-cwr", clause = "6.1.2")
    @Requirement(rfc = 9293, id = "SHLD-8", clause = "3.8.2")
    void shouldReduceOnceAWindow() {
        established();
        peer.core.send(peer.tcb, 50_000, false, peer.nowNs);
        int cwnd = peer.tcb.cwnd();
        peer.sent.clear();
        peer.inject(Tcp.ACK | Tcp.ECE, 0, 1000, 0);
        assertEquals(cwnd / 2, peer.tcb.ssthresh());
        assertEquals(cwnd / 2, peer.tcb.cwnd());
        peer.expectNothing();
        long window = peer.tcb.sndMax();
        for (long ack = 2000; ack <= window; ack += 1000) {
            peer.inject(Tcp.ACK | Tcp.ECE, 0, ack, 0);
        }
        assertEquals(cwnd / 2, peer.tcb.cwnd(), "neither smaller nor larger");
        assertEquals(1, peer.counters.get(TcpCounters.ECN_REDUCTIONS));
        assertTrue(peer.sent.getFirst().has(Tcp.CWR), "the first new text says it");
        assertEquals(1, peer.sent.stream().filter(s -> s.has(Tcp.CWR)).count());
        peer.inject(Tcp.ACK | Tcp.ECE, 0, window + 1000, 0);
        assertEquals(2, peer.counters.get(TcpCounters.ECN_REDUCTIONS));
        assertEquals(cwnd / 4, peer.tcb.cwnd());
    }

    @Test
    void shouldSayThatALossReducedToo() {
        established();
        peer.core.send(peer.tcb, 50_000, false, peer.nowNs);
        for (int i = 0; i < 3; i++) {
            peer.ack(0);
        }
        peer.sent.clear();
        peer.inject(Tcp.ACK | Tcp.ECE, 0, 5000, 0);
        assertEquals(0, peer.counters.get(TcpCounters.ECN_REDUCTIONS), "the loss has reduced this window already");
        peer.ack(peer.tcb.sndMax());
        assertTrue(peer.sent.stream().anyMatch(s -> s.has(Tcp.CWR) && s.ecn == Ecn.ECT_0));
    }

    @Test
    void shouldIgnoreAnEchoThatNobodyAgreedOn() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.core.send(peer.tcb, 5_000, false, peer.nowNs);
        int cwnd = peer.tcb.cwnd();
        peer.inject(Tcp.ACK | Tcp.ECE, 0, 1000, 0);
        assertTrue(peer.tcb.cwnd() >= cwnd);
    }
}
