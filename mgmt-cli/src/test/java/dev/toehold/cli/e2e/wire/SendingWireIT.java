package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.CWR;
import static dev.toehold.cli.e2e.wire.Segment.ECE;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.cli.e2e.wire.Flow.Offer;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What leaves: how much, when, and again: RFC 9293 section 3.8, RFCs 5681, 6298, 2018, 3042, 8985, 3168. */
@Execution(ExecutionMode.CONCURRENT)
final class SendingWireIT {
    /** A burst has come whole; shorter than the timeout of the sender, which is the 1 s of RFC 6298 (2.4) here. */
    private static final long BURST_MS = 150;

    private static final int MIN_RTO_MS = 1_000;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "chargen").with("min-rto = \"1s\"");

    @BeforeAll
    static void serve() throws Exception {
        RIG.servePromptly();
    }

    private static Flow echo(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    private static Flow chargen(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.CHARGEN);
    }

    /** Takes the burst that is under way: whole segments in order, without a gap. */
    private static List<Segment> burst(Flow flow) {
        List<Segment> all = flow.drain(BURST_MS);
        for (Segment segment : all) {
            flow.check(segment.seq() == flow.rcvNxt(), "a gap or a retransmission: " + segment);
            flow.take(segment);
        }
        return all;
    }

    /** RFC 6928: at most ten segments before the first ACK. RFC 9293 MUST-15: 536 or 1220 bytes if the peer says nothing. */
    @ParameterizedTest
    @CsvSource({
        "false, 0, 536",
        "true, 0, 1220",
        "false, 1460, 1460",
        "true, 1440, 1440",
        "false, 300, 300",
        "true, 300, 300",
        "false, 9000, 1460",
        "true, 9000, 1440"
    })
    void shouldBeginWithTenSegmentsOfTheMss(boolean isIpv6, int mss, int expected) {
        try (Flow flow = chargen(isIpv6)) {
            Draft syn = flow.make(SYN);
            if (mss > 0) {
                syn.mss(mss);
            }
            flow.open(syn, expected);
            List<Segment> flight = flow.flight(10);
            burst(flow);
            int length = flow.rcvNxt() - flow.irs() - 1;
            assertTrue(length <= 10 * expected, length + " bytes before the first ACK");
            assertEquals(expected, flight.getFirst().text().length);
            for (Segment segment : flight) {
                assertTrue(segment.text().length <= expected, segment.toString());
            }
        }
    }

    /** RFC 5681 section 3.1: at most twice as much after each round trip; new text only as ACKs come. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDoubleItsWindowAtMost(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open(Offer.SCALE);
            int most = 10 * flow.fullMss();
            int last = 0;
            for (int round = 0; round < 4; round++) {
                int before = flow.rcvNxt();
                flow.flight(10);
                burst(flow);
                last = flow.rcvNxt() - before;
                assertTrue(last <= most, last + " bytes in flight, at most " + most);
                int acks = 0;
                for (int acked = before; acked != flow.rcvNxt(); acks++) {
                    acked += Math.min(flow.fullMss(), flow.rcvNxt() - acked);
                    flow.make(ACK).ack(acked).send();
                }
                most = last + acks * flow.fullMss();
            }
            assertTrue(last > 15 * flow.fullMss(), "slow start does not grow: " + last + " bytes in flight");
        }
    }

    /** RFC 6298 (5.4) to (5.6): the earliest segment again after RTO, then after twice that; (2.4) bounds it below. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRetransmitWithBackOff(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            Segment first = flow.flight(10).getFirst();
            // What is left of the window, if the service's writes left something.
            flow.drain(MIN_RTO_MS / 2).forEach(flow::take);
            long lastNs = first.timeNs();
            long gapNs = 0;
            for (int i = 0; i < 2; i++) {
                Segment again = flow.next(12_000);
                flow.check(again.seq() == first.seq(), "not the first segment again: " + again);
                // FlowRules compares the bytes; a black hole of big packets may make the segment shorter (RFC 8899
                // section 4.3).
                assertTrue(again.text().length > 1_000, again.toString());
                long nowNs = again.timeNs() - lastNs;
                if (i == 0) {
                    Timing.check("first retransmission", nowNs, MIN_RTO_MS, 2 * MIN_RTO_MS);
                } else {
                    Timing.check("retransmission", nowNs, gapNs / 500_000 - 100, gapNs / 500_000 + 700);
                }
                gapNs = nowNs;
                lastNs = again.timeNs();
            }
            // Karn: the ACK of what was sent again is no sample, so the timeout stays backed off (RFC 6298 section 3).
            flow.rcvNxt(first.end());
            flow.sendAck();
            Segment next = flow.next();
            flow.check(next.seq() == first.end(), "not the next one that is missing: " + next);
            int una = next.seq();
            long sentNs = next.timeNs();
            // RFC 5681 (4): the window was one segment, and is two at most after this ACK.
            int length = next.text().length;
            for (Segment segment : flow.drain(BURST_MS)) {
                length += segment.text().length;
            }
            assertTrue(length <= 2 * flow.fullMss(), length + " bytes after a timeout");
            do {
                next = flow.next(20_000);
            } while (next.seq() != una);
            Timing.check("the timeout after the back-off", next.timeNs() - sentNs, gapNs / 1_000_000 * 3 / 2, 20_000);
        }
    }

    /** RFC 5681 section 3.2, RFC 3042: new text for the first two duplicates, the missing segment at the third. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRetransmitAtTheThirdDuplicate(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            List<Segment> flight = flow.flight(10);
            int highest = flow.rcvNxt();
            flow.rcvNxt(flow.irs() + 1);
            for (int duplicate = 1; duplicate <= 2; duplicate++) {
                flow.sendAck();
                Segment limited = flow.next();
                assertEquals(highest, limited.seq());
                highest = limited.end();
            }
            flow.sendAck();
            Segment again = flow.next();
            assertEquals(flow.irs() + 1, again.seq());
            assertArrayEquals(flight.getFirst().text(), again.text());
            // The whole flight is there after all: recovery ends with a window of seven tenths (RFC 9438 section 4.6),
            // the stream goes on.
            flow.rcvNxt(highest);
            flow.sendAck();
            int before = flow.rcvNxt();
            flow.flight(2);
            burst(flow);
            int sent = flow.rcvNxt() - before;
            assertTrue(sent <= 9 * flow.fullMss(), sent + " bytes after a loss");
            flow.sendAck();
            flow.readText(50_000);
        }
    }

    /** RFC 2018 section 5, RFC 6675, RFC 8985: what is missing is sent again, what was SACKed is not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRetransmitWhatIsMissingAlone(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open(Offer.SACK, Offer.TIMESTAMPS);
            List<Segment> flight = flow.flight(10);
            int highest = flow.rcvNxt();
            flow.rcvNxt(flow.irs() + 1);
            // The first and the fourth were lost.
            Segment fourth = flight.get(3);
            flow.make(ACK).sack(flight.get(1).seq(), fourth.seq()).send();
            for (int i = 4; i < 10; i++) {
                flow.make(ACK)
                        .sack(fourth.end(), flight.get(i).end(), flight.get(1).seq(), fourth.seq())
                        .send();
            }
            boolean isFirst = false;
            boolean isFourth = false;
            int last = highest;
            for (Segment segment : flow.drain(BURST_MS)) {
                boolean isNew = segment.seq() - highest >= 0;
                last = segment.end() - last > 0 ? segment.end() : last;
                isFirst |= segment.seq() == flight.getFirst().seq();
                isFourth |= segment.seq() == fourth.seq();
                flow.check(
                        isNew || segment.seq() == flight.getFirst().seq() || segment.seq() == fourth.seq(),
                        "SACKed, and sent again: " + segment);
            }
            assertTrue(isFirst && isFourth, "not everything that is missing was sent again");
            flow.rcvNxt(last);
            flow.sendAck();
            flow.readText(50_000);
        }
    }

    /** RFC 8985 section 7: the last segment is lost: it comes again before the timeout; RFC 6298 bounds what is later. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldProbeForALostTail(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open(Offer.SACK);
            flow.checkAlive();
            flow.sendText(new byte[3_000]);
            int expected = flow.rcvNxt() + 3_000;
            Segment last = flow.nextSequenced();
            while (last.end() != expected) {
                last = flow.nextSequenced();
            }
            flow.rcvNxt(last.seq());
            flow.sendAck();
            Segment probe = flow.next(1_500);
            assertEquals(last.end(), probe.end());
            assertTrue(probe.text().length > 0);
            Timing.check("tail loss probe", probe.timeNs() - last.timeNs(), 0, MIN_RTO_MS - 100);
            flow.take(probe);
            flow.sendAck();
            flow.checkAlive();
        }
    }

    /** RFC 9293 SHLD-7, section 3.7.4: a small segment waits while another is on its way, which is the services' default. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotSendASmallSegmentBehindAnother(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            flow.sendText(new byte[] {1});
            Segment first = flow.nextSequenced();
            // Acknowledges nothing of the echo, so that it stays in flight.
            for (byte i = 2; i < 10; i++) {
                flow.sendText(new byte[] {i});
            }
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < 500_000_000) {
                Segment segment = flow.poll(100);
                flow.check(segment == null || segment.end() - first.end() <= 0, "a small segment: " + segment);
            }
            flow.take(first);
            flow.sendAck();
            assertArrayEquals(new byte[] {2, 3, 4, 5, 6, 7, 8, 9}, flow.readText(8));
        }
    }

    /** RFC 9293 MUST-17: and it can be switched off. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendItWithoutNagle(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.PROMPT_ECHO)) {
            flow.open();
            flow.checkAlive();
            for (byte i = 0; i < 3; i++) {
                flow.sendText(new byte[] {i});
                Segment echoed = flow.nextSequenced();
                assertEquals(flow.rcvNxt() + i, echoed.seq());
                assertArrayEquals(new byte[] {i}, echoed.text());
            }
        }
    }

    /** RFC 3168 section 6.1.1: ECN is agreed on by ECE with CWR, and by nothing else. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAgreeOnEcn(boolean isIpv6) {
        for (int bits : new int[] {0, ECE, CWR, ECE | CWR}) {
            try (Flow flow = echo(isIpv6)) {
                Segment synAck = flow.acceptSynAck(flow.make(SYN | bits).mss(1000), 1000);
                assertEquals(bits == (ECE | CWR) ? SYN | ACK | ECE : SYN | ACK, synAck.flags());
                assertEquals(0, synAck.ecn());
                flow.sendAck();
                flow.checkAlive();
            }
        }
    }

    /** RFC 3168 section 6.1.3: CE is echoed in every ACK until CWR comes, and not after it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoCongestionUntilItIsHeard(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open(Offer.ECN);
            flow.make(PSH | ACK).ecn(2).text(new byte[10]).send();
            flow.sndNxt(flow.sndNxt() + 10);
            Segment plain = flow.next();
            assertFalse(plain.has(ECE), plain.toString());
            flow.readText(10 - plain.text().length);
            flow.take(plain);
            flow.make(PSH | ACK).ecn(3).text(new byte[10]).send();
            flow.sndNxt(flow.sndNxt() + 10);
            for (int i = 0; i < 3; i++) {
                Segment marked = flow.next();
                assertTrue(marked.has(ECE), marked.toString());
                flow.take(marked);
                for (Segment segment : flow.drain(80)) {
                    assertTrue(segment.has(ECE), segment.toString());
                    flow.take(segment);
                }
                flow.make(PSH | ACK).ecn(2).text(new byte[10]).send();
                flow.sndNxt(flow.sndNxt() + 10);
            }
            for (Segment segment : flow.drain(80)) {
                assertTrue(segment.has(ECE), segment.toString());
                flow.take(segment);
            }
            flow.make(PSH | ACK | CWR).ecn(2).text(new byte[10]).send();
            flow.sndNxt(flow.sndNxt() + 10);
            for (Segment segment : flow.drain(80)) {
                assertFalse(segment.has(ECE), segment.toString());
            }
        }
    }

    /** RFC 3168 section 6.1.2: text is capable; an echo halves the window, CWR says so, once a round trip. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReduceOnceForAnEcho(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open(Offer.ECN, Offer.SCALE);
            for (Segment segment : flow.flight(10)) {
                assertTrue(segment.ecn() == 1 || segment.ecn() == 2, "not capable: " + segment);
                assertFalse(segment.has(CWR));
            }
            flow.make(ACK | ECE).send();
            int marked = 0;
            List<Segment> reduced = flow.flight(2);
            reduced.addAll(burst(flow));
            for (Segment segment : reduced) {
                marked += segment.has(CWR) ? 1 : 0;
            }
            assertTrue(reduced.get(0).has(CWR), "CWR is in the first new segment");
            assertEquals(1, marked);
            assertTrue(reduced.size() < 10, reduced.size() + " segments after an echo");
            flow.sendAck();
            for (Segment segment : burst(flow)) {
                assertFalse(segment.has(CWR));
            }
        }
    }
}
