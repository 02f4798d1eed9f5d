package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.SipHash;
import dev.toehold.net.Tcp;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SynCookiesTest {
    private static final long SECOND = 1_000_000_000;
    private final SynCookies cookies = new SynCookies(new SipHash(2, 4, 1, 2), new SipHash(2, 4, 3, 4));

    @Test
    @Requirement(rfc = 4987, id = "3.6-mss", clause = "3.6")
    @Requirement(rfc = 4987, id = "3.6-age", clause = "3.6")
    void shouldGiveBackTheMssForAMinuteAndNotForThree() {
        int[][] expected = {{100, 64}, {536, 536}, {1000, 966}, {1460, 1460}, {1500, 1460}, {9000, 8940}};
        for (int[] pair : expected) {
            int cookie = cookies.encode(0, 1, 0, 2, 0x1234_0050, 77, pair[0], 1000 * SECOND);
            assertEquals(pair[1], cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1000 * SECOND));
            assertEquals(pair[1], cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1060 * SECOND));
            assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1180 * SECOND));
        }
    }

    @Test
    @Requirement(rfc = 4987, id = "3.6-cookie", clause = "3.6")
    void shouldHoldForItsOwnTupleOnly() {
        int cookie = cookies.encode(0, 1, 0, 2, 0x1234_0050, 77, 1460, SECOND);
        assertEquals(-1, cookies.decode(0, 9, 0, 2, 0x1234_0050, 77, cookie, SECOND));
        assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1235_0050, 77, cookie, SECOND));
        assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1234_0050, 78, cookie + 1 + (1 << 26), SECOND));
    }

    @Test
    @Requirement(rfc = 4987, id = "3.6-cookie", clause = "3.6")
    void shouldBeHardToGuess() {
        SplittableRandom random = new SplittableRandom(5);
        int hits = 0;
        for (int i = 0; i < 1_000_000; i++) {
            hits += cookies.decode(0, 1, 0, 2, 3, 4, random.nextInt(), 500 * SECOND) >= 0 ? 1 : 0;
        }
        assertTrue(hits <= 2, "of a million guesses hits=" + hits + ", one in 2^28 is right");
    }

    private static TxSegment answer(ScriptedPeer peer) {
        TxSegment answer = new TxSegment();
        peer.core.answerWithCookie(peer.segment, answer, ScriptedPeer.ISS, 1460, 50_000, 77_000, peer.nowNs);
        assertEquals(ScriptedPeer.ISS, answer.seq);
        assertEquals(ScriptedPeer.IRS + 1, answer.ack);
        assertEquals(50_000, answer.window);
        return answer;
    }

    private static void open(ScriptedPeer peer) {
        peer.prepare();
        peer.fill(Tcp.ACK, 0, 0, 20);
        peer.core.passiveOpenFromCookie(peer.tcb, peer.segment, 966, peer.nowNs);
        peer.core.onSegment(peer.tcb, peer.segment, peer.nowNs);
        peer.burstEnd();
        peer.expectState(TcpState.ESTABLISHED);
        assertEquals(966, peer.tcb.sndMss());
        assertEquals(List.of("accepted", "delivered 20"), peer.events);
    }

    @Test
    void shouldAgreeOnNothingWithoutTimestamps() {
        ScriptedPeer peer = new ScriptedPeer(TcpConfig.builder().pools(2, 2).build());
        peer.fill(Tcp.SYN | Tcp.ECE | Tcp.CWR, -1, 0, 0);
        peer.segment.options.clear();
        TxSegment answer = answer(peer);
        assertEquals(Tcp.SYN | Tcp.ACK, answer.flags);
        assertEquals(4, answer.optionsLength(), "the MSS alone");
        peer.withTimestamps = false;
        open(peer);
        assertEquals(60_000, peer.tcb.sndWnd());
        assertFalse(peer.tcb.has(TcbFlags.TIMESTAMPS | TcbFlags.WINDOW_SCALE | TcbFlags.SACK_PERMITTED | TcbFlags.ECN));
    }

    @Test
    void shouldKeepOptionsInTheTimestamp() {
        ScriptedPeer peer = new ScriptedPeer(TcpConfig.builder().pools(2, 2).build());
        peer.fill(Tcp.SYN | Tcp.ECE | Tcp.CWR, -1, 0, 0);
        TxSegment answer = answer(peer);
        assertEquals(Tcp.SYN | Tcp.ACK | Tcp.ECE, answer.flags);
        assertEquals(7, answer.windowScale);
        assertTrue(answer.sackPermitted && answer.timestamps);
        assertEquals(5_000, answer.tsEcr);
        int clock = (int) (peer.nowNs / 1_000_000) + 77_000;
        assertTrue(answer.tsVal <= clock && answer.tsVal > clock - 128, "PAWS");
        peer.tsEcr = answer.tsVal;
        open(peer);
        assertEquals(60_000 << 2, peer.tcb.sndWnd());
        assertEquals(2, peer.tcb.sndWscale());
        assertEquals(7, peer.tcb.rcvWscale());
        assertTrue(peer.tcb.has(TcbFlags.TIMESTAMPS));
        assertTrue(peer.tcb.has(TcbFlags.SACK_PERMITTED));
        assertTrue(peer.tcb.has(TcbFlags.ECN));
        assertEquals(5_000, peer.tcb.tsRecent());
    }

    @Test
    void shouldNeverSetTheTimestampAheadOfTheClock() {
        for (int clock = -200; clock < 200; clock++) {
            for (int kept = 0; kept < 64; kept++) {
                int value = CookieTimestamp.encode(clock, kept & 15, (kept & 16) != 0, (kept & 32) != 0);
                assertTrue(value <= clock && value > clock - 128, "clock=" + clock + " value=" + value);
                assertEquals(kept & 15, CookieTimestamp.windowScale(value));
                assertEquals((kept & 16) != 0, CookieTimestamp.sackPermitted(value));
                assertEquals((kept & 32) != 0, CookieTimestamp.ecn(value));
            }
        }
    }
}
