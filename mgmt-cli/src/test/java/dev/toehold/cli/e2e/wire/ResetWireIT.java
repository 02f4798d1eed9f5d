package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.RST;
import static dev.toehold.cli.e2e.wire.Segment.SYN;
import static dev.toehold.cli.e2e.wire.Segment.URG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resets, given and taken, and challenges: RFC 9293 sections 3.5.2, 3.5.3 and 3.10.7, RFC 5961. */
@Execution(ExecutionMode.CONCURRENT)
final class ResetWireIT {
    private static final int SEQ = 0xfffffff0;
    private static final int ACKED = 0x01020304;
    private static final byte[] TEXT = new byte[100];

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo");

    private static Flow echo(boolean isIpv6) {
        return RIG.flow(isIpv6, WireRig.ECHO);
    }

    /** RFC 9293 section 3.10.7.1: without ACK, {@code <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>}. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldResetWhatHasNoAckAtAClosedPort(boolean isIpv6) {
        for (int flags : new int[] {SYN, SYN | FIN, FIN, 0, PSH, FIN | PSH | URG, SYN | PSH | URG | FIN}) {
            for (byte[] text : new byte[][] {{}, {1}, TEXT}) {
                try (Flow flow = RIG.flow(isIpv6, WireRig.CLOSED)) {
                    Draft draft = flow.make(flags).seq(SEQ).text(text);
                    draft.send();
                    Segment reset = flow.nextReset();
                    assertEquals(RST | ACK, reset.flags());
                    assertEquals(0, reset.seq());
                    assertEquals(SEQ + draft.length(), reset.ack());
                    assertEquals(0, reset.length());
                }
            }
        }
    }

    /** RFC 9293 section 3.10.7.1: with ACK, {@code <SEQ=SEG.ACK><CTL=RST>}. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldResetAnAckAtAClosedPort(boolean isIpv6) {
        for (int flags : new int[] {ACK, SYN | ACK, FIN | ACK, PSH | ACK, FIN | PSH | URG | ACK, SYN | FIN | ACK}) {
            try (Flow flow = RIG.flow(isIpv6, WireRig.CLOSED)) {
                flow.make(flags).seq(SEQ).ack(ACKED).text(TEXT).send();
                Segment reset = flow.nextReset();
                assertEquals(RST, reset.flags());
                assertEquals(ACKED, reset.seq());
                assertEquals(0, reset.ack());
                assertEquals(0, reset.length());
            }
        }
    }

    /** RFC 9293 section 3.10.7.1: a RST is never answered. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNeverAnswerAReset(boolean isIpv6) {
        try (Flow closed = RIG.flow(isIpv6, WireRig.CLOSED);
                Flow listening = echo(isIpv6)) {
            for (Flow flow : List.of(closed, listening)) {
                for (int flags : new int[] {RST, RST | ACK, RST | SYN, RST | FIN | ACK, 0xff}) {
                    flow.make(flags).text(TEXT).send();
                }
            }
            closed.nothing(300);
            listening.nothing(0);
        }
    }

    /** RFC 9293 section 3.10.7.4, second step: RST at RCV.NXT ends the connection, whatever else the segment says. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndByAnExactReset(boolean isIpv6) {
        for (int flags : new int[] {RST, RST | ACK}) {
            try (Flow flow = echo(isIpv6)) {
                flow.open();
                flow.checkAlive();
                flow.make(flags).send();
                flow.nothing(50);
                flow.sendAck();
                assertEquals(flow.rcvNxt(), flow.nextReset().seq());
            }
        }
    }

    /** RFC 7323 section 3.2: a RST is taken without timestamps, and with an old one too. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeAResetWithoutTimestamps(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open(Flow.Offer.TIMESTAMPS);
            flow.checkAlive();
            flow.make(RST).withoutOptions().send();
            flow.nothing(50);
            flow.sendAck();
            assertEquals(flow.rcvNxt(), flow.nextReset().seq());
        }
    }

    /** RFC 5961 section 3.2: elsewhere in the window a RST is challenged, outside it is not heard. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldChallengeAResetThatIsNotExact(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int distance : new int[] {1, 1000}) {
                flow.make(RST).seq(flow.sndNxt() + distance).send();
                flow.nextAckOf(flow.sndNxt());
            }
            for (int distance : new int[] {-1, -1000, 0x10000000, 0x7fffffff}) {
                flow.make(RST).seq(flow.sndNxt() + distance).send();
            }
            flow.nothing(200);
            flow.checkAlive();
        }
    }

    /** RFC 5961 section 4.2: a SYN is challenged, in the window or not, whatever comes with it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldChallengeASyn(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int distance : new int[] {0, 1, 1000, -1, -1000, 0x10000000}) {
                flow.make(distance % 2 == 0 ? SYN : SYN | ACK)
                        .seq(flow.sndNxt() + distance)
                        .mss(700)
                        .send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, fifth step: ACK of what was not sent yet: an ACK, and nothing of the segment is taken. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseAnAckOfWhatWasNotSent(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int distance : new int[] {1, 1000, 0x40000000}) {
                flow.make(PSH | ACK).ack(flow.rcvNxt() + distance).text(TEXT).send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.nothing(100);
            flow.checkAlive();
        }
    }

    /** RFC 5961 section 5.2: an ACK older than the largest window is challenged and its text dropped; a younger one is an old duplicate. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldChallengeAnAckFromLongAgo(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            flow.make(PSH | ACK).ack(flow.rcvNxt() - 100_000).text(TEXT).send();
            flow.nextAckOf(flow.sndNxt());
            flow.make(PSH | ACK).ack(flow.rcvNxt() - 0x70000000).text(TEXT).send();
            flow.nextAckOf(flow.sndNxt());
            // SEG.ACK below SND.UNA, but not by more than was ever advertised: the text counts.
            flow.make(PSH | ACK).ack(flow.rcvNxt() - 1).text(TEXT).send();
            flow.sndNxt(flow.sndNxt() + TEXT.length);
            assertArrayEquals(TEXT, flow.readText(TEXT.length));
        }
    }

    /** RFC 5961 section 7: so many challenges a second and no more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLimitChallenges(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int i = 0; i < 200; i++) {
                flow.make(SYN).seq(flow.sndNxt() + 10 + i).send();
            }
            int count = flow.drain(300).size();
            assertTrue(count >= 1 && count <= 100, count + " challenges for 200 SYNs");
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, fifth step: without ACK a segment is dropped. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldDropWhatHasNoAck(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int flags : new int[] {0, PSH, FIN, FIN | PSH | URG, PSH | URG}) {
                flow.make(flags).text(TEXT).send();
            }
            flow.nothing(300);
            flow.checkAlive();
        }
    }

    /** RFC 9293 section 3.10.7.4, first step: outside the window: an ACK. RFC 9293 section 3.4: and nothing of it is taken. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcknowledgeWhatIsOutsideTheWindow(boolean isIpv6) {
        try (Flow flow = echo(isIpv6)) {
            flow.open();
            flow.checkAlive();
            for (int distance : new int[] {-5, -1_000, 0x10000000, 0x7fff0000}) {
                flow.make(PSH | ACK)
                        .seq(flow.sndNxt() + distance)
                        .text(new byte[] {9, 9, 9, 9, 9})
                        .send();
                flow.nextAckOf(flow.sndNxt());
                flow.make(FIN | ACK).seq(flow.sndNxt() + distance).send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.nothing(100);
            flow.checkAlive();
        }
    }

    /** RFC 9293 MUST-57, MUST-63 and RFC 1122 section 3.2.1.3: no connection with an address that is nobody's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "224.0.0.1",
                "239.1.2.3",
                "255.255.255.255",
                "10.77.0.255",
                "127.0.0.1",
                "0.0.0.0",
                "10.77.0.2",
                "ff02::1",
                "ff02::2",
                "::",
                "::1",
                "fd77::2"
            })
    void shouldIgnoreASourceThatCannotBeOne(String source) {
        byte[] address = RawWire.address(source);
        try (Flow flow = new Flow(RIG.wire(), address, WireRig.ECHO, Flow.nextPort(), 1_000)) {
            flow.make(SYN).mss(1000).send();
            flow.nothing(300);
        }
        // Land: both ports the same too.
        try (Flow flow = new Flow(RIG.wire(), address, WireRig.ECHO, WireRig.ECHO, 1_000)) {
            flow.make(SYN).mss(1000).send();
            flow.nothing(300);
        }
        try (Flow flow = echo(address.length > 4)) {
            flow.open();
            flow.checkAlive();
        }
    }

    /** RFC 9293 MUST-57: a SYN to an address of many is dropped, without a RST too; and so is what came in a broadcast frame. */
    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "255.255.255.255", "10.77.0.255", "ff02::1", "ff02::1:ff00:2"})
    void shouldIgnoreASynToManyHosts(String destination) {
        byte[] address = RawWire.address(destination);
        boolean isIpv6 = address.length > 4;
        for (int port : new int[] {WireRig.ECHO, WireRig.CLOSED}) {
            try (Flow flow = RIG.flow(isIpv6, port)) {
                flow.make(SYN).destination(address).send();
                flow.make(ACK).destination(address).send();
                flow.nothing(300);
            }
        }
    }
}
