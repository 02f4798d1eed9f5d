package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;

/** Nagle, cork, silly windows, probes of a closed window, the initial window, keepalive. */
class SendingTest {
    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    @Test
    @Requirement(rfc = 6928, id = "2-iw", clause = "2")
    @Requirement(rfc = 5681, id = "3.1-slow-start", clause = "3.1")
    void shouldSendTheInitialWindowOfTenSegments() {
        peer.core.send(peer.tcb, 50_000, false, peer.nowNs);
        assertEquals(10, peer.sent.size());
        peer.ack(2000);
        assertEquals(14, peer.sent.size(), "slow start: two for the room, two for the growth");
    }

    @Test
    void shouldGrowTheWindowByEveryAckOfABurst() {
        peer.core.send(peer.tcb, 100_000, false, peer.nowNs);
        peer.sent.clear();
        for (long ack = 2000; ack <= 10_000; ack += 2000) {
            peer.arrive(Tcp.ACK, 0, ack, 0);
        }
        peer.burstEnd();
        assertEquals(20_000, peer.tcb.cwnd(), "the window was full when the burst began");
        assertEquals(20, peer.sent.size());
    }

    @Test
    void shouldNotGrowTheWindowThatTheApplicationLeavesOpen() {
        peer.core.send(peer.tcb, 9_000, false, peer.nowNs);
        peer.ack(9_000);
        assertEquals(10_000, peer.tcb.cwnd());
        peer.core.send(peer.tcb, 10_000, false, peer.nowNs);
        peer.ack(19_000);
        assertEquals(10_000, peer.tcb.cwnd(), "a full window with nothing behind it: not cwnd held it");
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-7", clause = "3.7.4")
    void shouldHoldASmallSegmentWhileSomethingIsInFlight() {
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        assertTrue(peer.expect(Tcp.ACK, 0, 10).has(Tcp.PSH));
        peer.core.send(peer.tcb, 20, false, peer.nowNs);
        peer.core.send(peer.tcb, 30, false, peer.nowNs);
        peer.expectNothing();
        peer.ack(10);
        peer.expect(Tcp.ACK, 10, 20);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-17", clause = "3.7.4")
    void shouldNotHoldItWithNoDelay() {
        peer.core.setNoDelay(peer.tcb, true, peer.nowNs);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        peer.core.send(peer.tcb, 20, false, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 10);
        peer.expect(Tcp.ACK, 10, 10);
    }

    @Test
    @Requirement(rfc = 9293, id = "MAY-16", clause = "3.9.1.2")
    @Requirement(rfc = 9293, id = "MAY-14", clause = "3.9.1.7")
    void shouldCorkUntilAFlush() {
        peer.core.send(peer.tcb, 1500, true, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 1000);
        peer.expectNothing();
        peer.ack(1000);
        peer.expectNothing();
        assertEquals(peer.nowNs + 200 * ScriptedPeer.MS, peer.deadlineNs, "the cork's, nothing else waits");
        peer.core.flush(peer.tcb, peer.nowNs);
        peer.expect(Tcp.ACK, 1000, 500);
        assertFalse(peer.tcb.has(TcbFlags.FLUSHING));
    }

    @Test
    void shouldProbeAClosedWindowForCorkedTextThatWasFlushed() {
        peer.window = 0;
        peer.ack(0);
        peer.core.send(peer.tcb, 500, true, peer.nowNs);
        assertEquals(Long.MAX_VALUE, peer.tcb.rexmtDeadline());
        peer.core.flush(peer.tcb, peer.nowNs);
        assertTrue(peer.tcb.rexmtDeadline() < Long.MAX_VALUE, "the update that opens the window may be lost");
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-36", clause = "3.8.6.1")
    @Requirement(rfc = 9293, id = "MUST-37", clause = "3.8.6.1")
    @Requirement(rfc = 9293, id = "SHLD-30", clause = "3.8.6.1")
    void shouldProbeAClosedWindowForAsLongAsThePeerAnswers() {
        peer.window = 0;
        peer.ack(0);
        peer.core.send(peer.tcb, 5000, false, peer.nowNs);
        peer.expectNothing();
        long last = 0;
        for (int i = 0; i < 40; i++) {
            long waited = peer.toDeadline();
            assertTrue(waited >= last && waited <= 120_000, "growing intervals: " + waited);
            last = waited;
            peer.expect(Tcp.ACK, 0, 1);
            peer.ack(0);
            peer.expectState(TcpState.ESTABLISHED);
        }
        peer.window = 60_000;
        peer.ack(0);
        peer.expect(Tcp.ACK, 0, 1000);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-20", clause = "3.8.3")
    void shouldGiveUpProbingAPeerThatIsSilent() {
        peer.window = 0;
        peer.ack(0);
        peer.core.send(peer.tcb, 5000, false, peer.nowNs);
        for (int i = 0; i < 100 && peer.tcb.state() == TcpState.ESTABLISHED; i++) {
            peer.toDeadline();
        }
        assertTrue(peer.events.contains("terminated 2"));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-38", clause = "3.8.6.2.1")
    void shouldWaitForASensibleWindowAndOverrideAfterAWhile() {
        peer.window = 2000;
        peer.ack(0);
        peer.core.send(peer.tcb, 2000, false, peer.nowNs);
        peer.sent.clear();
        peer.core.send(peer.tcb, 5000, false, peer.nowNs);
        peer.window = 100;
        peer.ack(2000);
        peer.expectNothing();
        peer.toDeadline();
        peer.expect(Tcp.ACK, 2000, 100);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-38", clause = "3.8.6.2.1")
    void shouldNotSendBeyondTheWindow() {
        peer.window = 1500;
        peer.ack(0);
        peer.core.send(peer.tcb, 9000, false, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 1000);
        peer.expectNothing();
        peer.ack(1000);
        peer.expect(Tcp.ACK, 1000, 1000);
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-5th-window", clause = "3.10.7.4")
    void shouldIgnoreAnOldWindow() {
        peer.inject(Tcp.ACK, 0, 0, 10);
        peer.inject(Tcp.ACK, 10, 0, 10);
        peer.window = 5;
        peer.arrive(Tcp.ACK, 0, 0, 30);
        peer.burstEnd();
        assertEquals(60_000, peer.tcb.sndWnd());
    }

    @Test
    @Requirement(rfc = 9293, id = "MAY-5", clause = "3.8.4")
    @Requirement(rfc = 9293, id = "MUST-24", clause = "3.8.4")
    @Requirement(rfc = 9293, id = "MUST-26", clause = "3.8.4")
    @Requirement(rfc = 9293, id = "MUST-27", clause = "3.8.4")
    @Requirement(rfc = 9293, id = "MUST-29", clause = "3.8.4")
    void shouldProbeAnIdleConnectionAndEndADeadOne() {
        ScriptedPeer alive = new ScriptedPeer(ScriptedPeer.plain()
                        .keepalive(10_000 * ScriptedPeer.MS, 1_000 * ScriptedPeer.MS, 3)
                        .build())
                .established();
        alive.core.setKeepalive(alive.tcb, true, alive.nowNs);
        assertEquals(10_000, alive.toDeadline());
        assertEquals(-1, alive.expectAck(0).seq);
        alive.ack(0);
        alive.toDeadline();
        alive.expectNothing();
        alive.toDeadline();
        for (int i = 0; i < 20 && alive.tcb.state() == TcpState.ESTABLISHED; i++) {
            alive.toDeadline();
        }
        assertEquals(4, alive.counters.get(TcpCounters.KEEPALIVES_SENT));
        assertTrue(alive.events.contains("terminated 2"));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-21", clause = "3.8.3")
    @Requirement(rfc = 5482, id = "3.1-close", clause = "3.1")
    void shouldObeyTheUserTimeout() {
        peer.core.setUserTimeout(peer.tcb, 5_000);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        long began = peer.nowNs;
        while (peer.tcb.state() == TcpState.ESTABLISHED) {
            peer.toDeadline();
        }
        long tookMs = (peer.nowNs - began) / ScriptedPeer.MS;
        assertTrue(tookMs >= 5_000 && tookMs < 15_000, "ms=" + tookMs);
        assertTrue(peer.events.contains("terminated 2"));
    }

    @Test
    @Requirement(rfc = 1191, id = "6.4-resend", clause = "6.4")
    @Requirement(rfc = 1191, id = "3-minimum", clause = "3")
    @Requirement(rfc = 5927, id = "4.1-sequence", clause = "4.1")
    @Requirement(rfc = 5927, id = "5.2-soft", clause = "5.2")
    @Requirement(rfc = 5927, id = "7-minimum", clause = "7")
    @Requirement(rfc = 9293, id = "MUST-54", clause = "3.9.2.2")
    void shouldSendSmallerSegmentsWhenThePathSaysSo() {
        peer.core.send(peer.tcb, 2000, false, peer.nowNs);
        peer.sent.clear();
        int seq = peer.tcb.sendSequence(0);
        peer.core.onIcmp(peer.tcb, TcpCore.IcmpKind.TOO_BIG, 800, seq + 100_000, peer.nowNs);
        peer.expectNothing();
        peer.core.onIcmp(peer.tcb, TcpCore.IcmpKind.TOO_BIG, 800, seq, peer.nowNs);
        peer.expect(Tcp.ACK, 0, 760);
        peer.expect(Tcp.ACK, 760, 760);
        peer.expect(Tcp.ACK, 1520, 480);
        peer.core.onIcmp(peer.tcb, TcpCore.IcmpKind.TOO_BIG, 68, seq, peer.nowNs);
        assertEquals(512, peer.tcb.sndMss(), "no router makes us send tiny segments");
        peer.core.onIcmp(peer.tcb, TcpCore.IcmpKind.HARD, 0, seq, peer.nowNs);
        peer.expectState(TcpState.ESTABLISHED);
    }
}
