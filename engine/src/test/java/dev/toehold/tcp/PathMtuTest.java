package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathMtuTest {
    private static final long MINUTE_MS = 60_000;

    private static ScriptedPeer peer(boolean sack) {
        return new ScriptedPeer(ScriptedPeer.plain().sack(sack).build()).established();
    }

    private static void tooBig(ScriptedPeer peer, int mtu) {
        int seq = peer.tcb.sendSequence(peer.tcb.sndUna());
        peer.core.onIcmp(peer.tcb, TcpCore.IcmpKind.TOO_BIG, mtu, seq, peer.nowNs);
    }

    /** Timers run until a retransmission timeout has happened, tail loss probes aside. */
    private static void toTimeout(ScriptedPeer peer) {
        int before = peer.tcb.timeouts();
        while (peer.tcb.timeouts() == before) {
            peer.sent.clear();
            peer.toDeadline();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFindItsWayThroughABlackHole(boolean sack) {
        ScriptedPeer peer = peer(sack);
        peer.core.send(peer.tcb, 3000, false, peer.nowNs);
        for (int i = 0; i < 2; i++) {
            toTimeout(peer);
            peer.expect(Tcp.ACK, 0, 1000);
        }
        assertEquals(0, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES), "so far a loss");
        toTimeout(peer);
        assertEquals(1, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES));
        peer.expect(Tcp.ACK, 0, 966);
        toTimeout(peer);
        peer.expect(Tcp.ACK, 0, 512);
        toTimeout(peer);
        toTimeout(peer);
        assertEquals(512, peer.tcb.sndMss(), "no less");
        assertEquals(2, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES));
        peer.sent.clear();
        long acked = 512;
        while (peer.tcb.sndUna() < 3000) {
            peer.nowNs += 50 * ScriptedPeer.MS;
            peer.ack(acked);
            while (!peer.sent.isEmpty()) {
                ScriptedPeer.Sent sent = peer.sent.poll();
                assertTrue(sent.length <= 512, sent::toString);
                acked = Math.max(acked, sent.seq + sent.length);
            }
            if (acked == peer.tcb.sndUna() && acked < 3000) {
                peer.toDeadline();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotBlameTheSizeOfShortSegments(boolean sack) {
        ScriptedPeer peer = peer(sack);
        peer.core.send(peer.tcb, 300, false, peer.nowNs);
        for (int i = 0; i < 5; i++) {
            toTimeout(peer);
        }
        assertEquals(0, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES));
        assertEquals(1000, peer.tcb.sndMss());
    }

    @Test
    void shouldJudgeTheSegmentThatTimedOutAndNotTheFlight() {
        ScriptedPeer peer = peer(true);
        peer.core.setNoDelay(peer.tcb, true, peer.nowNs);
        for (int i = 1; i <= 15; i++) {
            peer.core.send(peer.tcb, 100L * i, false, peer.nowNs);
            peer.nowNs += ScriptedPeer.MS;
        }
        for (int i = 0; i < 5; i++) {
            toTimeout(peer);
            peer.expect(Tcp.ACK, 0, 100);
        }
        assertEquals(0, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldNotBlameTheSizeOfWhatTheWindowCutShort(boolean sack) {
        ScriptedPeer peer = peer(sack);
        peer.core.send(peer.tcb, 3000, false, peer.nowNs);
        peer.window = 300;
        peer.ack(0);
        for (int i = 0; i < 5; i++) {
            toTimeout(peer);
            peer.expect(Tcp.ACK, 0, 300);
        }
        assertEquals(0, peer.counters.get(TcpCounters.PMTU_BLACK_HOLES));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldTryThePortsMtuAgainAfterTenMinutes(boolean sack) {
        ScriptedPeer peer = peer(sack);
        peer.core.send(peer.tcb, 1000, false, peer.nowNs);
        tooBig(peer, 640);
        assertEquals(600, peer.tcb.sndMss());
        peer.ack(1000);
        peer.sent.clear();
        peer.nowNs += 9 * MINUTE_MS * ScriptedPeer.MS;
        peer.core.send(peer.tcb, 2200, false, peer.nowNs);
        peer.expect(Tcp.ACK, 1000, 600);
        peer.expect(Tcp.ACK, 1600, 600);
        peer.ack(2200);
        peer.nowNs += 2 * MINUTE_MS * ScriptedPeer.MS;
        peer.core.send(peer.tcb, 3200, false, peer.nowNs);
        peer.expect(Tcp.ACK, 2200, 1000);
        tooBig(peer, 640);
        assertEquals(600, peer.tcb.sndMss(), "and learns again");
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 6})
    void shouldGoBelowNoMinimum(int family) {
        ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build());
        peer.established();
        peer.tcb.family(family);
        peer.tcb.ourMss(1400);
        peer.tcb.peerMss(1400);
        MaximumSegment.update(peer.tcb);
        peer.core.send(peer.tcb, 1000, false, peer.nowNs);
        tooBig(peer, 68);
        assertEquals(family == 4 ? 552 - 40 : 1280 - 60, peer.tcb.sndMss());
    }
}
