package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
    void shouldGiveBackTheMssForAMinuteAndNotForThree() {
        int[][] expected = {{100, 216}, {536, 536}, {1000, 966}, {1460, 1460}, {1500, 1460}, {9000, 8940}};
        for (int[] pair : expected) {
            int cookie = cookies.encode(0, 1, 0, 2, 0x1234_0050, 77, pair[0], 1000 * SECOND);
            assertEquals(pair[1], cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1000 * SECOND));
            assertEquals(pair[1], cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1060 * SECOND));
            assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1234_0050, 77, cookie, 1180 * SECOND));
        }
    }

    @Test
    void shouldHoldForItsOwnTupleOnly() {
        int cookie = cookies.encode(0, 1, 0, 2, 0x1234_0050, 77, 1460, SECOND);
        assertEquals(-1, cookies.decode(0, 9, 0, 2, 0x1234_0050, 77, cookie, SECOND));
        assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1235_0050, 77, cookie, SECOND));
        assertEquals(-1, cookies.decode(0, 1, 0, 2, 0x1234_0050, 78, cookie + 1 + (1 << 26), SECOND));
    }

    @Test
    void shouldBeHardToGuess() {
        SplittableRandom random = new SplittableRandom(5);
        int hits = 0;
        for (int i = 0; i < 1_000_000; i++) {
            hits += cookies.decode(0, 1, 0, 2, 3, 4, random.nextInt(), 500 * SECOND) >= 0 ? 1 : 0;
        }
        assertTrue(hits <= 2, "of a million guesses hits=" + hits + ", one in 2^28 is right");
    }

    @Test
    void shouldOpenFromACookie() {
        ScriptedPeer peer = new ScriptedPeer(TcpConfig.builder().pools(2, 2).build());
        peer.fill(Tcp.SYN, -1, 0, 0);
        TxSegment answer = new TxSegment();
        TcpCore.answerWithCookie(peer.segment, answer, ScriptedPeer.ISS, 1460, 50_000);
        assertEquals(Tcp.SYN | Tcp.ACK, answer.flags);
        assertEquals(ScriptedPeer.IRS + 1, answer.ack);
        assertEquals(4, answer.optionsLength());
        peer.prepare();
        peer.withTimestamps = false;
        peer.fill(Tcp.ACK, 0, 0, 20);
        peer.core.passiveOpenFromCookie(peer.tcb, peer.segment, 966, peer.nowNs);
        peer.core.onSegment(peer.tcb, peer.segment, peer.nowNs);
        peer.burstEnd();
        peer.expectState(TcpState.ESTABLISHED);
        assertEquals(966, peer.tcb.sndMss());
        assertEquals(60_000, peer.tcb.sndWnd());
        assertEquals(List.of("accepted", "delivered 20"), peer.events);
    }

    @Test
    void shouldNotRepeatInitialSequenceNumbers() {
        InitialSequenceNumbers numbers = new InitialSequenceNumbers(new SipHash(2, 4, 5, 6));
        int one = numbers.next(0, 1, 0, 2, 3, SECOND);
        assertEquals(250_000, numbers.next(0, 1, 0, 2, 3, 2 * SECOND) - one, "a tick in 4 us");
        assertNotEquals(one, numbers.next(0, 1, 0, 2, 4, SECOND));
    }
}
