package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.RST;
import static dev.toehold.cli.e2e.wire.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Passive opens (RFC 9293 section 3.5), as SYNs of all kinds find them. */
@Execution(ExecutionMode.CONCURRENT)
final class HandshakeWireIT {
    private static final byte[] TEXT = {'t', 'o', 'e', 'h', 'o', 'l', 'd'};

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo");

    private static Flow flow(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    /** RFC 9293 section 3.7.1: the MSS is the MTU less the fixed headers. No option that was not offered. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerABareSynWithItsMssAlone(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            Segment synAck = flow.acceptSynAck(flow.make(SYN), isIpv6 ? 1220 : 536);
            assertEquals(SYN | ACK, synAck.flags());
            assertEquals(isIpv6 ? 1440 : 1460, synAck.options().mss());
            assertEquals(4, synAck.optionBytes().length);
            assertEquals(0, synAck.text().length);
            assertTrue(synAck.window() > 0);
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** RFC 9293 MUST-4, MUST-64: any order, any alignment. RFC 7323 section 3.2: TSecr of the SYN-ACK is the TSval of the SYN. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFindOptionsInAnyOrder(boolean isIpv6) {
        for (int order = 0; order < 24; order++) {
            for (int noOperations = 0; noOperations < 2; noOperations++) {
                try (Flow flow = flow(isIpv6)) {
                    Draft syn = flow.make(SYN);
                    int tsVal = flow.tsVal();
                    int rest = order;
                    int left = 0b1111;
                    for (int choices = 4; choices > 0; choices--) {
                        int pick = rest % choices;
                        rest /= choices;
                        int option = nth(left, pick);
                        left &= ~(1 << option);
                        if (noOperations == 1) {
                            syn.raw(Options.NO_OPERATION);
                        }
                        switch (option) {
                            case 0 -> syn.mss(flow.fullMss());
                            case 1 -> syn.scale(Flow.OFFERED_SCALE);
                            case 2 -> syn.sackPermitted();
                            default -> {
                                for (int i = 0; i < 2; i++) {
                                    syn.raw(Options.NO_OPERATION);
                                }
                                syn.timestamps(tsVal, 0);
                            }
                        }
                    }
                    Segment synAck = flow.acceptSynAck(syn, flow.fullMss());
                    Options options = synAck.options();
                    String what = "order " + order + ": " + synAck;
                    assertTrue(options.scale() >= 0 && options.scale() <= 14, what);
                    assertTrue(options.isSackPermitted(), what);
                    assertTrue(options.hasTimestamps(), what);
                    assertEquals(tsVal, options.tsEcr(), what);
                }
            }
        }
    }

    private static int nth(int bits, int n) {
        int left = bits;
        for (int i = 0; i < n; i++) {
            left &= left - 1;
        }
        return Integer.numberOfTrailingZeros(left);
    }

    /** Each option is answered for itself: RFC 2018 section 2, RFC 7323 sections 2.2 and 3.2. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerOnlyWhatWasOffered(boolean isIpv6) {
        for (Flow.Offer offer : Flow.Offer.values()) {
            try (Flow flow = flow(isIpv6)) {
                flow.open(offer);
                assertEquals(offer == Flow.Offer.SCALE, flow.rcvScale() > 0, offer.name());
                assertEquals(offer == Flow.Offer.SACK, flow.sackIsOn(), offer.name());
                assertEquals(offer == Flow.Offer.TIMESTAMPS, flow.timestampsAreOn(), offer.name());
                assertEquals(offer == Flow.Offer.ECN, flow.ecnIsOn(), offer.name());
                flow.checkAlive();
            }
        }
    }

    /** RFC 9293 MUST-6. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSkipOptionsThatItDoesNotKnow(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            Draft syn = flow.make(SYN)
                    .raw(253, 5, 1, 2, 3)
                    .mss(1000)
                    .raw(34, 2)
                    .raw(30, 4, 0, 1)
                    .sackPermitted();
            Segment synAck = flow.acceptSynAck(syn, 1000);
            assertTrue(synAck.options().isSackPermitted());
            flow.sendAck();
            flow.checkAlive();
            flow.make(PSH | ACK).raw(253, 4, 1, 2, 1, 1).text(TEXT).send();
            flow.sndNxt(flow.sndNxt() + TEXT.length);
            assertArrayEquals(TEXT, flow.readText(TEXT.length));
        }
    }

    /** RFC 9293 MUST-7: any illegal length; a SYN-ACK, a RST and silence are all lawful, harm is not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSurviveIllegalOptionLengths(boolean isIpv6) {
        int[][] illegal = {
            {2, 0},
            {2, 1},
            {2, 3, 5},
            {2, 6, 5, 0xb4, 0, 0},
            {2, 60},
            {3, 2},
            {3, 4, 7, 7},
            {3, 0},
            {4, 3, 0},
            {4, 255},
            {8, 9, 0, 0, 0, 0, 0, 0, 0},
            {8, 0},
            {5, 9, 0, 0, 0, 0, 0, 0, 0},
            {5, 3, 0},
            {253, 0},
            {253, 1},
            {253},
            {1, 1, 1, 2},
            {1, 1, 1, 8}
        };
        for (int[] options : illegal) {
            try (Flow flow = flow(isIpv6)) {
                flow.make(SYN).raw(options).send();
                flow.drain(30);
            }
        }
        try (Flow flow = flow(isIpv6)) {
            flow.open();
            for (int[] options : illegal) {
                flow.make(ACK).raw(options).send();
            }
            flow.drain(100);
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.8.1 and RFC 6298 (2.1), (5.5): after 1 s, then twice as long each time; the same SYN-ACK. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRepeatItsSynAckWithBackOff(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            Segment first = flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            long lastNs = first.timeNs();
            for (long seconds = 1; seconds <= 4; seconds *= 2) {
                Segment again = flow.next(seconds * 1000 + Flow.SOON_MS);
                Timing.check("SYN-ACK", again.timeNs() - lastNs, seconds * 1000, seconds * 1000 + 700);
                assertEquals(first.seq(), again.seq());
                assertEquals(first.ack(), again.ack());
                assertEquals(first.flags(), again.flags());
                assertArrayEquals(first.optionBytes(), again.optionBytes());
                lastNs = again.timeNs();
            }
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4: a SYN again is not acceptable in SYN-RECEIVED: what answers it acknowledges the first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerTheSynAgain(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            Segment first = flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            flow.make(SYN).seq(flow.iss()).mss(1000).send();
            Segment again = flow.next();
            assertEquals(first.ack(), again.ack());
            assertTrue(again.has(ACK) && !again.has(RST), again.toString());
            assertTrue(again.seq() == first.seq() || again.seq() == first.seq() + 1, again.toString());
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, fifth step in SYN-RECEIVED: a RST for the ACK that is wrong, and the right one still opens. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldResetAnAckThatAcknowledgesNothingOfIt(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            for (int error : new int[] {1, -1, 0x40000000}) {
                flow.make(ACK).ack(flow.rcvNxt() + error).send();
                Segment reset = flow.nextReset();
                assertEquals(RST, reset.flags());
                assertEquals(flow.rcvNxt() + error, reset.seq());
            }
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, second step: back to LISTEN, without a word. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldForgetAnOpenThatWasReset(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            flow.make(RST).send();
            flow.nothing(1_300);
            flow.sendAck();
            assertEquals(flow.rcvNxt(), flow.nextReset().seq());
        }
    }

    /** RFC 9293 section 3.10.7.2 and MUST-30-like reliability: text in the SYN is taken or sent again, never lost or doubled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotLoseTextOfTheSyn(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            flow.sendMss(1000);
            flow.make(SYN).mss(1000).text(TEXT).send();
            Segment synAck = flow.next();
            int taken = synAck.ack() - flow.iss() - 1;
            flow.check(taken == 0 || taken == TEXT.length, "ack=" + synAck.ack());
            flow.rcvNxt(synAck.seq() + 1);
            flow.sndNxt(flow.iss() + 1);
            flow.sendText(TEXT);
            assertArrayEquals(TEXT, flow.readText(TEXT.length));
            flow.nothing(100);
        }
    }

    /** The ACK of a handshake may carry all there is: text and FIN. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeTextAndFinWithTheHandshakesAck(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            flow.make(FIN | PSH | ACK).text(TEXT).send();
            flow.sndNxt(flow.sndNxt() + TEXT.length + 1);
            assertArrayEquals(TEXT, flow.readText(TEXT.length));
            flow.readEnd();
        }
    }

    /** RFC 9293 MUST-8, RFC 6528 section 3: ISN = M + F(tuple, secret), M ticks every 4 microseconds. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldChooseSequenceNumbersByClockAndTuple(boolean isIpv6) throws Exception {
        Set<Integer> differences = new HashSet<>();
        int last = 0;
        for (int i = 0; i < 20; i++) {
            try (Flow flow = flow(isIpv6)) {
                int isn = flow.acceptSynAck(flow.make(SYN), 536).seq();
                // By the clock alone neighbouring ports would differ by less than a second's worth of ticks.
                differences.add((isn - last) >> 18);
                last = isn;
            }
        }
        assertTrue(differences.size() > 15, "initial sequence numbers of neighbouring ports: " + differences);
        try (Flow flow = flow(isIpv6)) {
            long beforeNs = System.nanoTime();
            int first = flow.acceptSynAck(flow.make(SYN), 536).seq();
            long firstNs = System.nanoTime();
            flow.make(RST).send();
            Thread.sleep(300);
            flow.renew(flow.iss() + 100_000);
            long againNs = System.nanoTime();
            int again = flow.acceptSynAck(flow.make(SYN), 536).seq();
            long ticks = Integer.toUnsignedLong(again - first);
            long least = (againNs - firstNs) / 4_000 - 1;
            long most = (System.nanoTime() - beforeNs) / 4_000 + 1;
            assertTrue(ticks >= least && ticks <= most, ticks + " ticks, not " + least + " to " + most);
        }
    }

    /** RFC 9293 section 3.10.7.2: what a listener does not answer, and how it answers an ACK. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerAtAListenerOnlySynsAndAcks(boolean isIpv6) {
        try (Flow flow = flow(isIpv6)) {
            for (int flags : new int[] {0, PSH, FIN, RST, RST | ACK, RST | SYN, FIN | PSH | Segment.URG}) {
                flow.make(flags).text(TEXT).send();
            }
            flow.nothing(300);
            for (int flags : new int[] {ACK, SYN | ACK, FIN | ACK, PSH | ACK}) {
                flow.make(flags).ack(0x12345678).send();
                Segment reset = flow.nextReset();
                assertEquals(RST, reset.flags());
                assertEquals(0x12345678, reset.seq());
                assertEquals(0, reset.length());
            }
        }
        try (Flow flow = flow(isIpv6)) {
            flow.acceptSynAck(flow.make(SYN | PSH).mss(1000), 1000);
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** Our sequence numbers wrap within the stream (RFC 9293 section 3.4). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenAtTheEndOfTheSequenceSpace(boolean isIpv6) {
        for (int iss : new int[] {-1, -2, -3, 0x7fffffff, 0x7ffffffe, 0}) {
            try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO, iss)) {
                flow.open();
                flow.checkAlive();
                flow.checkAlive();
                assertFalse(flow.timestampsAreOn());
            }
        }
    }
}
