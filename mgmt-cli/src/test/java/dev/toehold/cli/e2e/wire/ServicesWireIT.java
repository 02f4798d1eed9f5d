package dev.toehold.cli.e2e.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.cli.e2e.wire.Flow.Offer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The services themselves: RFCs 862, 863, 864 and 867; and the engine under a flood of SYNs. */
@Execution(ExecutionMode.SAME_THREAD)
final class ServicesWireIT {
    private static final int CHUNK = 10_000;
    private static final int FLOOD = 4_000;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "discard", "chargen", "daytime");

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEcho(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.open(Offer.values());
            byte[] text = new byte[CHUNK];
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < text.length; i++) {
                    text[i] = (byte) (((round * CHUNK + i) * 2_654_435_761L) >> 13);
                }
                for (int from = 0; from < CHUNK; from += 1000) {
                    flow.sendText(Arrays.copyOfRange(text, from, from + 1000));
                }
                assertArrayEquals(text, flow.readText(text.length));
            }
            flow.sendFin();
            flow.readEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDiscard(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.DISCARD)) {
            flow.open();
            for (int i = 0; i < 100; i++) {
                flow.sendText(new byte[1000]);
                Segment ack = flow.nextAck();
                while (ack.ack() != flow.sndNxt() || ack.window() < 1000) { // the server may be slower than its engine
                    ack = flow.nextAck();
                }
            }
            flow.sendFin();
            flow.readEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGenerateCharacters(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.CHARGEN)) {
            flow.open(Offer.values());
            byte[] text = flow.readText(74 * 95 * 3);
            int first = text[0];
            for (int i = 0; i < text.length; i++) {
                int line = i / 74;
                int column = i % 74;
                int expected = column == 72 ? '\r' : column == 73 ? '\n' : ' ' + (first - ' ' + line + column) % 95;
                assertEquals(expected, text[i], "byte " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellTheTime(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.DAYTIME)) {
            flow.open();
            String line = new String(flow.readText(24), StandardCharsets.US_ASCII);
            assertTrue(line.matches("\\d\\d [A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d:\\d\\d UTC\r\n"), line);
            flow.readEnd();
            flow.sendFin();
        }
    }

    /** RFC 4987: who answers the SYN-ACK is served however many do not; who makes an answer up is not. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeDuringAFloodOfSyns(boolean isIpv6) {
        byte[] source = (isIpv6 ? RawWire.IPV6 : RawWire.IPV4).clone();
        for (int i = 0; i < FLOOD; i++) {
            source[source.length - 1] = (byte) (100 + i % 100);
            Flow flow = new Flow(RIG.wire(), source, WireRig.ECHO, 1024 + i, i * 7919);
            flow.make(Segment.SYN).mss(1000).sackPermitted().send();
            RIG.wire().remove(flow);
        }
        for (Offer[] offers : new Offer[][] {{}, Offer.values(), {Offer.TIMESTAMPS}}) {
            try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
                flow.open(offers);
                flow.checkAlive();
                flow.checkAlive();
            }
        }
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.rcvNxt(0x12345678);
            flow.sendAck();
            assertEquals(0x12345678, flow.nextReset().seq());
        }
    }
}
