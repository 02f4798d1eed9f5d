package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of both sides: RFC 9293 section 3.8.6. */
@Execution(ExecutionMode.CONCURRENT)
final class WindowWireIT {
    private static final int LENGTH = 1000;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "chargen");

    private static Flow echo(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    private static Flow chargen(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.CHARGEN);
    }

    /** RFC 9293 MUST-35 to MUST-37, SHLD-29, SHLD-30: a probe after one RTO, then ever later, for as long as it is acknowledged. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldProbeAClosedWindow(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            closeWindow(flow);
            long lastNs = 0;
            long lastGapNs = 0;
            for (int probe = 0; probe < 5; probe++) {
                Segment segment = flow.next(10_000);
                flow.check(segment.has(ACK) && !segment.has(Segment.RST), "no probe: " + segment);
                int before = segment.seq() - flow.rcvNxt();
                flow.check((before == 0 && segment.text().length <= 1) || before == -1, "no probe: " + segment);
                if (lastNs != 0) {
                    long gapNs = segment.timeNs() - lastNs;
                    if (lastGapNs == 0) {
                        Timing.check("second probe", gapNs, 190, 2_500);
                    } else {
                        Timing.check("probe", gapNs, lastGapNs * 19 / 10_000_000, lastGapNs * 21 / 10_000_000 + 500);
                    }
                    lastGapNs = gapNs;
                }
                lastNs = segment.timeNs();
                flow.make(ACK).window(0).send();
            }
            long openedNs = System.nanoTime();
            flow.window(65_535);
            flow.sendAck();
            Segment text = flow.next();
            Timing.check("text of the opened window", text.timeNs() - openedNs, 0, 1_000);
            assertEquals(flow.rcvNxt(), text.seq());
            assertTrue(text.text().length > 1, text.toString());
        }
    }

    /** Takes what is in flight, and says that there is no room for more. */
    private static void closeWindow(Flow flow) {
        flow.window(0);
        for (Segment segment : flow.drain(150)) {
            flow.take(segment);
        }
        flow.make(ACK).window(0).send();
    }

    /** RFC 9293 MUST-34: a window that shrinks: nothing new beyond it, what was sent is sent again, and the connection lives. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSurviveAWindowThatShrinks(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            List<Segment> flight = flow.flight(10);
            int highest = flow.rcvNxt();
            flow.rcvNxt(flight.getFirst().end());
            flow.make(ACK).window(100).send();
            for (Segment segment : flow.drain(700)) {
                flow.check(!segment.has(Segment.RST), "RST");
                flow.check(segment.end() - highest <= 0, "new text beyond the window: " + segment);
                if (segment.seq() == flow.rcvNxt()) {
                    flow.take(segment);
                }
            }
            flow.window(65_535);
            flow.sendAck();
            flow.readText(20_000);
        }
    }

    /** RFC 9293 MUST-38, section 3.8.6.2.1: no sliver of a window is filled before the override timeout of 0.1 to 1 s. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotFillASliverOfTheWindow(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            closeWindow(flow);
            flow.drain(30);
            long openedNs = System.nanoTime();
            flow.make(ACK).window(100).send();
            Segment segment = flow.next(4_000);
            if (segment.text().length == 1) {
                segment = flow.next(
                        4_000); // first the probe of the closed window, if it was due when an engine that was late saw
                // both
            }
            Timing.check("text for a sliver", segment.timeNs() - openedNs, 100, 2_500);
            flow.check(segment.text().length <= 100, "beyond the window: " + segment);
        }
    }

    /** A window of one byte at a time still moves a stream. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendThroughAWindowOfOneByte(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.window(1);
            byte[] text = {5, 4, 3, 2, 1};
            flow.sendText(text);
            assertArrayEquals(text, flow.readText(text.length));
        }
    }

    /** RFC 9293 SHLD-14, MUST-66: nobody reads: the window closes and never shrinks; ACKs count, probes are answered, no RST. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCloseItsWindowAndAnswerProbes(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            flow.window(0);
            flow.sendAck();
            int edge = fill(flow);
            flow.check(edge == flow.sndNxt(), "the window closes at " + edge + " instead of " + flow.sndNxt());
            for (int probe = 0; probe < 3; probe++) {
                for (int length : new int[] {1, 100}) {
                    flow.make(PSH | ACK).text(new byte[length]).send();
                    Segment ack = nextBareAck(flow);
                    assertEquals(flow.sndNxt(), ack.ack());
                    assertEquals(0, ack.window());
                }
            }
            // RFC 9293 MUST-66: its window is closed, but the ACK and the window of a segment count.
            flow.window(65_535);
            flow.make(ACK).seq(flow.sndNxt()).send();
            flow.readText(5_000);
        }
    }

    /** Fills the window of a service that does not read; returns the right edge. */
    private static int fill(Flow flow) {
        int edge = flow.sndNxt();
        for (int round = 0; round < 3_000; round++) {
            Segment ack = null;
            Segment segment;
            while ((segment = flow.poll(ack == null ? 600 : 5)) != null) {
                ack = segment;
            }
            if (ack == null) {
                flow.make(ACK).seq(flow.sndNxt() - 1).send();
                continue;
            }
            edge = ack.ack() + (ack.window() << flow.rcvScale());
            if (ack.window() == 0 && ack.ack() == flow.sndNxt()) {
                return edge;
            }
            while (edge - flow.sndNxt() > 0) {
                flow.sendText(new byte[Math.min(1_400, edge - flow.sndNxt())]);
            }
        }
        throw new AssertionError("the window does not close");
    }

    private static Segment nextBareAck(Flow flow) {
        Segment segment = flow.next();
        while (segment.length() > 0) {
            segment = flow.next();
        }
        flow.check(!segment.has(Segment.RST), "RST");
        return segment;
    }

    /** RFC 9293 MUST-39, section 3.8.6.2.2: the window opens by a segment or by half of the buffer, and says so. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenItsWindowByWholeSegments(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.window(0);
            flow.sendAck();
            int edge = fill(flow);
            // The echo waits for our window: as it opens, the engine's must open too.
            flow.window(65_535);
            flow.sendAck();
            int rest = flow.sndNxt() - flow.iss() - 1;
            int opened = 0;
            while (rest > 0) {
                Segment segment = flow.next(5_000);
                flow.check(!segment.has(Segment.RST), "RST");
                int newEdge = segment.ack() + (segment.window() << flow.rcvScale());
                if (newEdge != edge) {
                    flow.check(newEdge - edge >= flow.fullMss(), "the window opens by " + (newEdge - edge));
                    edge = newEdge;
                    opened++;
                }
                if (segment.length() > 0 && segment.seq() == flow.rcvNxt()) {
                    rest -= segment.text().length;
                    flow.take(segment);
                    flow.sendAck();
                }
            }
            assertTrue(opened > 0, "no window update");
            flow.drain(100);
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, first step: what lies beyond the window gets an ACK and is not taken. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeNothingBeyondItsWindow(boolean isIpv6) {
        try (Flow flow = chargen(isIpv6)) {
            flow.open();
            flow.window(0);
            flow.sendAck();
            flow.sendText(new byte[LENGTH]);
            Segment last = nextBareAck(flow);
            flow.check(last.ack() == flow.sndNxt(), "not acknowledged: " + last);
            int edge = last.ack() + (last.window() << flow.rcvScale());
            for (int beyond : new int[] {0, 1, 10_000, 0x40000000}) {
                flow.make(PSH | ACK).seq(edge + beyond).text(new byte[10]).send();
                assertEquals(flow.sndNxt(), nextBareAck(flow).ack());
            }
        }
    }

    /** RFC 7323 section 2.3: a shift above 14 is 14; and the field of a SYN is never scaled. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeAShiftOf14AtMost(boolean isIpv6) {
        for (int shift : new int[] {14, 15, 255}) {
            try (Flow flow = chargen(isIpv6)) {
                Draft syn =
                        flow.make(Segment.SYN).mss(flow.fullMss()).scale(shift).window(1);
                Segment synAck = flow.acceptSynAck(syn, flow.fullMss());
                assertTrue(synAck.options().scale() >= 0);
                flow.sndScale(14);
                flow.window(1);
                flow.sendAck();
                // FlowRules holds each segment against the edge that a shift of 14 means.
                flow.readText(100_000);
            }
        }
    }
}
