package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.cli.e2e.wire.Flow.Offer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies below TCP: IP headers of all shapes, errors that routers report, or somebody who only says he is one. */
@Execution(ExecutionMode.CONCURRENT)
final class PathWireIT {
    private static final int HOP_BY_HOP = 0;
    private static final int ROUTING = 43;
    private static final int FRAGMENT = 44;
    private static final int DESTINATION_OPTIONS = 60;
    private static final byte[] TEXT = {'t', 'o', 'e', 'h', 'o', 'l', 'd'};

    /** A path's MTU may be kept for a host: each test of it is another one. */
    private static final AtomicInteger HOSTS = new AtomicInteger(110);

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "chargen").with("min-rto = \"1s\"");

    private static Flow echo(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    private static Flow chargenFromAnotherHost(boolean isIpv6) {
        byte[] local = (isIpv6 ? RawWire.IPV6 : RawWire.IPV4).clone();
        local[local.length - 1] = (byte) HOSTS.getAndIncrement();
        return new Flow(RIG.wire(), local, WireRig.CHARGEN, Flow.nextPort(), 0x7ffffff0);
    }

    /** RFC 1191 section 3, RFC 8201 section 4: what is too big is sent again in pieces, and nothing is too big from then on. */
    @ParameterizedTest
    @CsvSource({"false, 1400", "false, 1000", "false, 576", "true, 1400", "true, 1280"})
    void shouldFollowThePathsMtu(boolean isIpv6, int mtu) {
        try (Flow flow = chargenFromAnotherHost(isIpv6)) {
            flow.open();
            flow.flight(10);
            flow.rcvNxt(flow.irs() + 1);
            int most = mtu - (isIpv6 ? 60 : 40);
            Icmp.sendTooBig(flow, mtu, flow.irs() + 1);
            Segment again = flow.next(3_000);
            assertEquals(flow.irs() + 1, again.seq());
            assertEquals(most, again.text().length);
            flow.take(again);
            flow.sendAck();
            flow.sendMss(most);
            // The flight that was too big is lost: all of it comes again in order.
            int count = 0;
            while (count < 30_000) {
                Segment segment = flow.next(5_000);
                if (segment.seq() == flow.rcvNxt() && segment.length() > 0) {
                    count += segment.text().length;
                    flow.take(segment);
                }
                flow.sendAck();
            }
        }
    }

    /** RFC 5927 section 4.1: what quotes a sequence number that is not in flight is not about this connection. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldIgnoreTooBigForWhatIsNotInFlight(boolean isIpv6) {
        try (Flow flow = chargenFromAnotherHost(isIpv6)) {
            flow.open();
            flow.readText(20_000);
            int una = flow.rcvNxt();
            flow.flight(5);
            flow.drain(150).forEach(flow::take);
            for (int seq : new int[] {una - 1, una - 10_000, flow.rcvNxt() + 1, flow.rcvNxt() + 1_000_000}) {
                Icmp.sendTooBig(flow, 1_300, seq);
            }
            flow.nothing(50);
            flow.sendAck();
            int longest = 0;
            for (Segment segment : flow.flight(5)) {
                longest = Math.max(longest, segment.text().length);
            }
            assertEquals(flow.fullMss(), longest);
        }
    }

    /** RFC 1191 sections 3 and 7, RFC 8201 section 4: an MTU that cannot be one: 0 of an old router, below the minimum, above ours. */
    @ParameterizedTest
    @CsvSource({
        "false, 0",
        "false, 1",
        "false, 67",
        "false, 1500",
        "false, 65535",
        "true, 0",
        "true, 1279",
        "true, 68",
        "true, 1500",
        "true, 100000"
    })
    void shouldSurviveAnMtuThatCannotBe(boolean isIpv6, int mtu) {
        try (Flow flow = chargenFromAnotherHost(isIpv6)) {
            flow.open();
            flow.flight(10);
            flow.rcvNxt(flow.irs() + 1);
            Icmp.sendTooBig(flow, mtu, flow.irs() + 1);
            int least = isIpv6 ? 1_280 - 60 : 68 - 40;
            int longest = 0;
            int count = 0;
            while (count < 30_000) {
                Segment segment = flow.next(5_000);
                if (segment.seq() == flow.rcvNxt() && segment.length() > 0) {
                    longest = Math.max(longest, segment.text().length);
                    count += segment.text().length;
                    flow.take(segment);
                }
                flow.sendAck();
            }
            assertTrue(longest >= least, "segments of " + longest + " bytes");
        }
    }

    /** RFC 5927 section 5.2 and RFC 6633: no error ends what is established, and no quench slows it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOutliveErrors(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            flow.sendText(TEXT);
            Segment segment = flow.next();
            while (segment.length() == 0) {
                segment = flow.next();
            }
            for (int code = 0; code < 16; code++) {
                if (isIpv6) {
                    Icmp.send(flow, Icmp.UNREACHABLE_V6, code, 0, segment.seq());
                    Icmp.send(flow, Icmp.TIME_EXCEEDED_V6, code, 0, segment.seq());
                    Icmp.send(flow, Icmp.PARAMETER_PROBLEM_V6, code, 6, segment.seq());
                } else if (code != Icmp.FRAGMENTATION_NEEDED) {
                    Icmp.send(flow, Icmp.UNREACHABLE_V4, code, 0, segment.seq());
                    Icmp.send(flow, Icmp.SOURCE_QUENCH, code, 0, segment.seq());
                    Icmp.send(flow, Icmp.TIME_EXCEEDED_V4, code, 0, segment.seq());
                    Icmp.send(flow, Icmp.PARAMETER_PROBLEM_V4, code, 0, segment.seq());
                }
            }
            flow.take(segment);
            flow.sendAck();
            flow.checkAlive();
        }
    }

    private static void checkEcho(Flow flow, Consumer<Draft> how) {
        Draft draft = flow.make(PSH | ACK).text(TEXT);
        how.accept(draft);
        draft.send();
        flow.sndNxt(flow.sndNxt() + TEXT.length);
        assertArrayEquals(TEXT, flow.readText(TEXT.length));
    }

    /** RFC 1122 section 3.2.1.8: options of IPv4 that are not understood are passed over. */
    @Test
    void shouldPassOverOptionsOfIpv4() {
        try (Flow flow = echo(false)) {
            flow.open();
            checkEcho(flow, draft -> draft.ipOptions(new byte[] {1, 1, 1, 0}));
            checkEcho(flow, draft -> draft.ipOptions(new byte[40]));
            checkEcho(flow, draft -> draft.ipOptions(new byte[] {7, 7, 4, 0, 0, 0, 0, 0}));
            checkEcho(flow, draft -> draft.ipOptions(new byte[] {(byte) 148, 4, 0, 0}));
            checkEcho(flow, draft -> draft.ipOptions(new byte[] {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
            checkEcho(flow, draft -> draft.ipOptions(new byte[] {30, 4, 9, 9}));
        }
    }

    /** RFC 8200 section 4: extension headers before TCP, one or several. */
    @Test
    void shouldPassOverExtensionHeaders() {
        int tcp = SegmentReader.TCP;
        try (Flow flow = echo(true)) {
            flow.open();
            checkEcho(flow, draft -> draft.extensions(HOP_BY_HOP, options(tcp)));
            checkEcho(flow, draft -> draft.extensions(DESTINATION_OPTIONS, options(tcp)));
            checkEcho(flow, draft -> draft.extensions(HOP_BY_HOP, join(options(DESTINATION_OPTIONS), options(tcp))));
            checkEcho(flow, draft -> draft.extensions(ROUTING, new byte[] {(byte) tcp, 0, (byte) 253, 0, 0, 0, 0, 0}));
            checkEcho(flow, draft -> draft.extensions(FRAGMENT, new byte[] {(byte) tcp, 0, 0, 0, 1, 2, 3, 4}));
            byte[] unknownOption = {(byte) tcp, 0, 0x1e, 2, 5, 5, 1, 0};
            checkEcho(flow, draft -> draft.extensions(DESTINATION_OPTIONS, unknownOption));
            byte[] longOptions = new byte[8 * 17];
            longOptions[0] = (byte) tcp;
            longOptions[1] = 16;
            longOptions[2] = 1;
            longOptions[3] = (byte) (longOptions.length - 4);
            checkEcho(flow, draft -> draft.extensions(DESTINATION_OPTIONS, longOptions));
            // Headers without end, or beyond the packet, are dropped.
            byte[] many = options(tcp);
            for (int i = 0; i < 60; i++) {
                many = join(options(DESTINATION_OPTIONS), many);
            }
            flow.make(PSH | ACK)
                    .text(TEXT)
                    .seq(flow.sndNxt() - 70_000)
                    .extensions(DESTINATION_OPTIONS, many)
                    .send();
            flow.make(PSH | ACK)
                    .text(TEXT)
                    .extensions(DESTINATION_OPTIONS, new byte[] {(byte) tcp, (byte) 255, 1, 4, 0, 0, 0, 0})
                    .send();
            flow.drain(100);
            flow.checkAlive();
        }
    }

    private static byte[] options(int next) {
        return new byte[] {(byte) next, 0, 1, 4, 0, 0, 0, 0};
    }

    private static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    /** RFC 1122 section 3.2.1.7: the last hop's count is no reason to drop. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeWhatCameFarAndWhateverItsMarks(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            for (int hop : new int[] {1, 2, 255}) {
                checkEcho(flow, draft -> draft.hop(hop));
            }
            // Not agreed on: the marks of ECN mean nothing.
            for (int ecn = 0; ecn < 4; ecn++) {
                int value = ecn;
                checkEcho(flow, draft -> draft.ecn(value));
            }
        }
    }

    /** RFC 1122 sections 3.2.1.1 and 3.2.1.2: another version, a header that is too short or has a wrong checksum, a length that lies. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropBrokenPackets(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            byte[] good = flow.make(PSH | ACK).text(TEXT).packet();
            for (int first : new int[] {0x00, 0x50, isIpv6 ? 0x45 : 0x44, isIpv6 ? 0x70 : 0x4f, 0x40}) {
                byte[] packet = good.clone();
                packet[0] = (byte) first;
                flow.wire().send(packet, isIpv6);
            }
            int lengthAt = isIpv6 ? 4 : 2;
            for (int length : new int[] {0, 1, 19, 21, 39, good.length + 1, 65_535}) {
                byte[] packet = good.clone();
                ByteBuffer.wrap(packet).putShort(lengthAt, (short) length);
                fixChecksum(packet, isIpv6);
                flow.wire().send(packet, isIpv6);
            }
            for (int length = 14; length < good.length; length += 3) {
                flow.wire().send(Arrays.copyOf(good, length), isIpv6);
            }
            if (!isIpv6) {
                byte[] packet = good.clone();
                packet[10] ^= 1;
                flow.wire().send(packet, false);
            }
            flow.nothing(300);
            flow.checkAlive();
        }
    }

    private static void fixChecksum(byte[] packet, boolean isIpv6) {
        if (!isIpv6) {
            packet[10] = 0;
            packet[11] = 0;
            ByteBuffer.wrap(packet).putShort(10, (short) Checksum.of(packet, 0, 20));
        }
    }

    /** RFC 9293 MUST-67's ground, RFC 1122 section 3.3.2, RFC 8200 section 4.5: fragments in any order are one segment. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldPutFragmentsTogether(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            byte[] text = new byte[1_000];
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) (i * 3);
            }
            for (boolean isLastFirst : new boolean[] {false, true}) {
                List<byte[]> fragments =
                        fragments(flow.make(PSH | ACK).text(text).packet(), isIpv6);
                for (byte[] fragment : isLastFirst ? fragments.reversed() : fragments) {
                    flow.wire().send(fragment, isIpv6);
                }
                flow.sndNxt(flow.sndNxt() + text.length);
                flow.noteSent(flow.sndNxt());
                assertArrayEquals(text, flow.readText(text.length));
            }
        }
    }

    private static List<byte[]> fragments(byte[] packet, boolean isIpv6) {
        int headerLength = isIpv6 ? 40 : 20;
        int length = packet.length - headerLength;
        List<byte[]> fragments = new ArrayList<>();
        for (int from = 0; from < length; from += 400) {
            int count = Math.min(400, length - from);
            boolean isLast = from + count == length;
            ByteBuffer out =
                    ByteBuffer.allocate(headerLength + (isIpv6 ? 8 : 0) + count).put(packet, 0, headerLength);
            if (isIpv6) {
                out.put((byte) SegmentReader.TCP).put((byte) 0).putShort((short) (from | (isLast ? 0 : 1)));
                out.putInt(Arrays.hashCode(packet));
                out.putShort(4, (short) (count + 8)).put(6, (byte) FRAGMENT);
            } else {
                out.putShort(2, (short) (headerLength + count));
                out.putShort(6, (short) ((from / 8) | (isLast ? 0 : 0x2000)));
                fixChecksum(out.array(), false);
            }
            fragments.add(out.put(packet, headerLength + from, count).array());
        }
        return fragments;
    }

    /** RFC 1122 section 3.3.6: a packet for one host in a frame for all of them is dropped. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldIgnoreASynInABroadcastFrame(boolean isIpv6) {
        byte[] everybody = {-1, -1, -1, -1, -1, -1};
        for (int port : new int[] {WireRig.ECHO, WireRig.CLOSED}) {
            try (Flow flow = RIG.flow(isIpv6, port)) {
                flow.wire()
                        .sendFrame(
                                everybody,
                                isIpv6 ? 0x86dd : 0x0800,
                                flow.make(Segment.SYN).packet());
                flow.nothing(300);
            }
        }
    }

    /** A text that fills what the MSS allows with options of both kinds there. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveRoomForItsOptions(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.CHARGEN)) {
            flow.open(Offer.TIMESTAMPS, Offer.SACK);
            // FlowRules: text and options within the MSS (RFC 6691).
            flow.readText(50_000);
            flow.make(ACK).seq(flow.sndNxt() + 100).text(TEXT).send();
            flow.readText(50_000);
        }
    }
}
