package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 5482, and R1 and R2 of RFC 9293 section 3.8.3. */
class UserTimeoutTest {
    private ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain()
            .timestamps(true)
            .sack(true)
            .userTimeoutOption(true)
            .build());

    private void established() {
        peer.connect();
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.inject(Tcp.SYN | Tcp.ACK, -1, 0, 0);
    }

    @Test
    void shouldBeInTheSynAndInTheFirstSegmentAfterIt() {
        established();
        assertEquals(900, peer.expect(Tcp.SYN, -1, 0).userTimeout);
        assertEquals(900, peer.expectAck(0).userTimeout);
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        assertEquals(-1, peer.expect(Tcp.ACK, 0, 100).userTimeout);
    }

    @Test
    void shouldLeaveRoomForItInText() {
        established();
        peer.core.setUserTimeout(peer.tcb, 7_000);
        peer.sent.clear();
        peer.core.send(peer.tcb, 5_000, false, peer.nowNs);
        ScriptedPeer.Sent first = peer.sent.getFirst();
        assertEquals(7, first.userTimeout);
        assertEquals(ScriptedPeer.MSS - 12 - 4, first.length);
        assertEquals(
                ScriptedPeer.MSS - 12, peer.sent.stream().skip(1).findFirst().orElseThrow().length);
    }

    @ParameterizedTest
    @CsvSource({"1200, 1200", "5, 900", "32767, 3600", "33768, 60000", "0, 0"})
    void shouldTakeTheLongerWithinBounds(int option, int expectedSeconds) {
        established();
        peer.userTimeout = option;
        peer.inject(Tcp.ACK, 0, 0, 0);
        // 33768 = 1000 minutes, more than the bound.
        int expected = Math.min(expectedSeconds, 3600);
        assertEquals(expected * 1000, peer.tcb.userTimeoutMs());
    }

    @Test
    void shouldTakeItFromASynAndAnswerWithOurs() {
        peer.prepare();
        peer.userTimeout = 1500;
        peer.fill(Tcp.SYN, -1, 0, 0);
        peer.core.passiveOpen(peer.tcb, peer.segment, peer.nowNs);
        assertEquals(900, peer.expect(Tcp.SYN | Tcp.ACK, -1, 0).userTimeout);
        assertEquals(1_500_000, peer.tcb.userTimeoutMs());
    }

    @Test
    void shouldPreferWhatTheApplicationSays() {
        established();
        peer.core.setUserTimeout(peer.tcb, 20_000);
        peer.userTimeout = 1200;
        peer.inject(Tcp.ACK, 0, 0, 0);
        assertEquals(20_000, peer.tcb.userTimeoutMs());
    }

    @Test
    void shouldIgnoreItUnlessConfigured() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.userTimeout = 1200;
        peer.inject(Tcp.ACK, 0, 0, 0);
        assertEquals(0, peer.tcb.userTimeoutMs());
    }

    @Test
    void shouldTellTheHostOfTroubleAfterThreeTimeouts() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        peer.toDeadline();
        peer.toDeadline();
        assertTrue(!peer.events.contains("trouble"));
        peer.toDeadline();
        assertTrue(peer.events.contains("trouble"), "MUST-20");
        peer.expectState(TcpState.ESTABLISHED);
    }

    @Test
    void shouldKeepALimitOfItsOwnForAnActiveOpening() {
        peer.prepare();
        peer.tcb.userTimeoutMs(10_000);
        long began = peer.nowNs;
        peer.core.activeOpen(peer.tcb, peer.nowNs);
        while (peer.tcb.state() == TcpState.SYN_SENT) {
            peer.toDeadline();
        }
        assertTrue(peer.nowNs - began <= 11_100 * ScriptedPeer.MS);
        assertTrue(peer.events.contains("terminated 2"));
    }

    @Test
    void shouldOverrideSillyWindowAvoidanceWithinASecond() {
        peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();
        peer.core.send(peer.tcb, 100, false, peer.nowNs);
        peer.nowNs += 2_000 * ScriptedPeer.MS;
        peer.window = 200;
        peer.ack(100);
        peer.core.send(peer.tcb, 5_000, false, peer.nowNs);
        peer.sent.clear();
        long waited = peer.toDeadline();
        assertTrue(waited >= 100 && waited <= 1_000, "waited=" + waited);
        peer.expect(Tcp.ACK, 100, 200);
    }
}
