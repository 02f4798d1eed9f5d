package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.URG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.toehold.cli.e2e.wire.Flow.Offer;
import java.util.Arrays;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives: in order, out of order, twice, broken; and what is acknowledged, when. */
@Execution(ExecutionMode.CONCURRENT)
final class ReceivingWireIT {
    private static final int LENGTH = 1000;

    /** What is sooner did not wait for the delayed ACK. */
    private static final int AT_ONCE_MS = 300;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "discard").with("delayed-ack = \"400ms\"");

    private static Flow echo(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    private static Flow discard(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.DISCARD);
    }

    private static byte[] text(int from, int length) {
        byte[] text = new byte[length];
        for (int i = 0; i < length; i++) {
            text[i] = (byte) ((from + i) * 7 + ((from + i) >> 8));
        }
        return text;
    }

    private static void send(Flow flow, int from, int length) {
        flow.make(ACK).seq(flow.iss() + 1 + from).text(text(from, length)).send();
    }

    private static int at(Flow flow, int position) {
        return flow.iss() + 1 + position;
    }

    /** RFC 9293 MUST-40: at most half a second, and every second full segment at once. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcknowledgeWithinHalfASecondAndEverySecondFullSegment(boolean isIpv6) {
        try (Flow flow = discard(isIpv6)) {
            flow.open();
            int position = 0;
            for (int i = 0; i < 5; i++) {
                long startNs = System.nanoTime();
                send(flow, position, 10);
                position += 10;
                Segment ack = flow.nextAck();
                assertEquals(at(flow, position), ack.ack());
                Timing.check("delayed ACK", ack.timeNs() - startNs, 0, 500 + 200);

                for (int k = 0; k < 2; k++) {
                    send(flow, position, flow.fullMss());
                    position += flow.fullMss();
                }
                startNs = System.nanoTime();
                do {
                    ack = flow.nextAck();
                } while (ack.ack() != at(flow, position));
                Timing.check("ACK of two full segments", ack.timeNs() - startNs, 0, AT_ONCE_MS);
            }
        }
    }

    /** RFC 5681 section 4.2: an ACK at once for a segment beyond a gap, for one that fills it, and for a duplicate. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcknowledgeAtOnceAroundAGap(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            for (int from = LENGTH; from <= 3 * LENGTH; from += LENGTH) {
                long startNs = System.nanoTime();
                send(flow, from, LENGTH);
                Segment ack = flow.nextAck();
                assertEquals(at(flow, 0), ack.ack());
                assertNull(ack.options().sackBlocks());
                Timing.check("duplicate ACK", ack.timeNs() - startNs, 0, AT_ONCE_MS);
            }
            flow.sndNxt(at(flow, 4 * LENGTH));
            long filledNs = System.nanoTime();
            send(flow, 0, LENGTH);
            Segment ack = flow.next();
            assertEquals(at(flow, 4 * LENGTH), ack.ack());
            Timing.check("ACK of the filled gap", ack.timeNs() - filledNs, 0, AT_ONCE_MS);
            byte[] echoed = text(0, 4 * LENGTH);
            int read = ack.text().length;
            assertArrayEquals(Arrays.copyOf(echoed, read), ack.text());
            flow.take(ack);
            assertArrayEquals(Arrays.copyOfRange(echoed, read, echoed.length), flow.readText(echoed.length - read));
            send(flow, 2 * LENGTH, LENGTH);
            flow.nextAckOf(at(flow, 4 * LENGTH));
        }
    }

    /** RFC 2018 section 4: the block of the segment that came last first; then those that were reported most recently. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReportWhatIsBeyondAGap(boolean isIpv6) {
        try (Flow flow = discard(isIpv6)) {
            flow.open(Offer.SACK);
            send(flow, 1000, 1000);
            checkBlocks(flow, 0, 1000, 2000);
            send(flow, 3000, 1000);
            checkBlocks(flow, 0, 3000, 4000, 1000, 2000);
            send(flow, 5000, 1000);
            checkBlocks(flow, 0, 5000, 6000, 3000, 4000, 1000, 2000);
            send(flow, 7000, 1000);
            checkBlocks(flow, 0, 7000, 8000, 5000, 6000, 3000, 4000, 1000, 2000);
            send(flow, 4000, 1000);
            checkBlocks(flow, 0, 3000, 6000, 7000, 8000, 1000, 2000);
            send(flow, 2000, 1000);
            checkBlocks(flow, 0, 1000, 6000, 7000, 8000);
            send(flow, 0, 1000);
            checkBlocks(flow, 6000, 7000, 8000);
            send(flow, 6000, 1000);
            checkBlocks(flow, 8000);
        }
    }

    /** RFC 2883 section 4: what came twice is the first block, once; the block it lies in follows. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReportDuplicates(boolean isIpv6) {
        try (Flow flow = discard(isIpv6)) {
            flow.open(Offer.SACK);
            send(flow, 0, 1000);
            checkBlocks(flow, 1000);
            send(flow, 0, 1000);
            checkBlocks(flow, 1000, 0, 1000);
            send(flow, 500, 300);
            checkBlocks(flow, 1000, 500, 800);
            send(flow, 2000, 1000);
            checkBlocks(flow, 1000, 2000, 3000);
            send(flow, 2000, 500);
            checkBlocks(flow, 1000, 2000, 2500, 2000, 3000);
            send(flow, 0, 1000);
            checkBlocks(flow, 1000, 0, 1000, 2000, 3000);
            send(flow, 4000, 1000);
            checkBlocks(flow, 1000, 4000, 5000, 2000, 3000);
            send(flow, 1000, 1000);
            checkBlocks(flow, 3000, 4000, 5000);
        }
    }

    private static void checkBlocks(Flow flow, int ack, int... edges) {
        Segment segment = flow.nextAck();
        flow.check(segment.ack() == at(flow, ack), "ack=" + segment.ack() + " instead of " + at(flow, ack));
        int[] blocks = segment.options().sackBlocks();
        int[] relative = new int[blocks == null ? 0 : blocks.length];
        for (int i = 0; i < relative.length; i++) {
            relative[i] = blocks[i] - at(flow, 0);
        }
        flow.check(
                Arrays.equals(edges, relative),
                "SACK " + Arrays.toString(relative) + " instead of " + Arrays.toString(edges));
    }

    /** RFC 9293 section 3.10.7.4: FIN counts once all before it is here (MUST-58 and the like). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldHoldBackAFinBeyondAGap(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.make(FIN | PSH | ACK).seq(at(flow, 10)).text(text(10, 10)).send();
            flow.nextAckOf(at(flow, 0));
            flow.nothing(100);
            send(flow, 0, 10);
            flow.sndNxt(at(flow, 21));
            assertArrayEquals(text(0, 20), flow.readText(20));
            flow.readEnd();
        }
    }

    /** RFC 9293 MUST-3 and section 3.1: what is broken is dropped, without a sound. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropBrokenSegments(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            byte[] text = {66, 66, 66, 66, 66};
            flow.make(PSH | ACK).text(text).badChecksum().send();
            for (int offset = 0; offset < 5; offset++) {
                flow.make(PSH | ACK).text(text).dataOffset(offset).send();
            }
            for (int offset = 7; offset < 16; offset++) {
                flow.make(PSH | ACK).text(text).dataOffset(offset).send();
            }
            flow.nothing(300);
            flow.checkAlive();
        }
    }

    /** Frames have padding (Ethernet: 60 bytes at least): the IP length says where the segment ends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotTakePaddingForText(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.make(ACK).padding(6).send();
            flow.make(ACK).padding(100).send();
            flow.nothing(200);
            flow.make(PSH | ACK).text(new byte[] {1}).padding(200).send();
            flow.sndNxt(flow.sndNxt() + 1);
            assertArrayEquals(new byte[] {1}, flow.readText(1));
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.1: reserved bits are ignored; RFC 6093: urgent data is data; PSH may be there or not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeReservedBitsUrgentDataAndAnyPush(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            for (int reserved : new int[] {2, 4, 6, 7, 8, 14}) {
                flow.make(PSH | ACK).reserved(reserved).text(text(reserved, 20)).send();
                flow.sndNxt(flow.sndNxt() + 20);
                assertArrayEquals(text(reserved, 20), flow.readText(20));
            }
            for (int urgent : new int[] {0, 1, 10, 20, 21, 65_535}) {
                flow.make(URG | ACK).urgent(urgent).text(text(urgent, 20)).send();
                flow.sndNxt(flow.sndNxt() + 20);
                assertArrayEquals(text(urgent, 20), flow.readText(20));
                flow.make(ACK).urgent(urgent).text(text(urgent, 20)).send();
                flow.sndNxt(flow.sndNxt() + 20);
                assertArrayEquals(text(urgent, 20), flow.readText(20));
            }
        }
    }

    /** A byte a segment, in an order that is none, each one twice, across the end of the sequence space. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldPutTogetherTinySegmentsInAnyOrder(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO, -31)) {
            flow.open(Offer.SACK, Offer.TIMESTAMPS);
            int count = 61;
            flow.sndNxt(at(flow, count));
            for (int i = 0; i < 2 * count; i++) {
                send(flow, i * 23 % count, 1);
            }
            assertArrayEquals(text(0, count), flow.readText(count));
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4: of a segment that is partly old or overlaps, the new part counts. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeTheNewPartOfOverlappingSegments(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            send(flow, 300, 200);
            send(flow, 250, 100);
            send(flow, 450, 150);
            send(flow, 200, 700);
            send(flow, 100, 850);
            flow.drain(50);
            flow.sndNxt(at(flow, 1000));
            send(flow, 0, 1000);
            assertArrayEquals(text(0, 1000), flow.readText(1000));
            send(flow, 990, 30);
            flow.sndNxt(at(flow, 1020));
            assertArrayEquals(text(1000, 20), flow.readText(20));
        }
    }

    /** RFC 7323 section 4.3: TSecr is of the segment that moved the left edge, or of the oldest whose ACK waits. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoTheRightTimestamp(boolean isIpv6) {
        try (Flow flow = discard(isIpv6)) {
            flow.open(Offer.TIMESTAMPS);
            int base = flow.tsVal();
            stamped(flow, 0, 100, base + 10);
            assertEquals(base + 10, flow.nextAck().options().tsEcr());
            // Two within one delayed ACK: the first of them.
            stamped(flow, 100, flow.fullMss() - 12, base + 20);
            stamped(flow, 100 + flow.fullMss() - 12, flow.fullMss() - 12, base + 30);
            int left = 100 + 2 * (flow.fullMss() - 12);
            Segment ack = flow.nextAck();
            if (ack.ack() == at(flow, left)) {
                assertEquals(base + 20, ack.options().tsEcr());
            } else {
                ack = flow.nextAck();
                assertEquals(base + 30, ack.options().tsEcr());
            }
            // Beyond a gap: still the one before it.
            int recent = ack.options().tsEcr();
            stamped(flow, left + 100, 100, base + 40);
            int echoed = flow.nextAck().options().tsEcr();
            flow.check(echoed == recent || echoed == base + 30, "TSecr " + (echoed - base));
            stamped(flow, left, 100, base + 50);
            assertEquals(base + 50, flow.nextAck().options().tsEcr());
        }
    }

    private static void stamped(Flow flow, int from, int length, int tsVal) {
        flow.make(ACK)
                .timestamps(tsVal, flow.tsRecent())
                .seq(at(flow, from))
                .text(text(from, length))
                .send();
    }

    /** RFC 7323 section 5.3 R1: an older timestamp: an ACK, and the segment is dropped. Section 3.2: without one: dropped. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldProtectAgainstWrappedSequenceNumbers(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open(Offer.TIMESTAMPS);
            flow.checkAlive();
            for (int age : new int[] {60_000, 0x70000000}) {
                flow.make(PSH | ACK)
                        .timestamps(flow.tsVal() - age, flow.tsRecent())
                        .text(text(0, 50))
                        .send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.make(PSH | ACK).withoutOptions().text(text(0, 50)).send();
            for (Segment answer : flow.drain(200)) {
                assertEquals(flow.sndNxt(), answer.ack());
                assertEquals(0, answer.length());
            }
            flow.checkAlive();
        }
    }
}
