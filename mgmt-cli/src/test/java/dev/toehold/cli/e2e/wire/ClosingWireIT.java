package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.RST;
import static dev.toehold.cli.e2e.wire.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.cli.e2e.wire.Flow.Offer;
import java.util.Arrays;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of connections, from either side: RFC 9293 sections 3.6 and 3.10.7.4, RFC 6191. */
@Execution(ExecutionMode.CONCURRENT)
final class ClosingWireIT {
    private static final int DAYTIME_LENGTH = 24;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "daytime");

    /** In FIN-WAIT-1: the line of the time and the FIN behind it have come, neither is acknowledged. */
    private static Flow closing(boolean isIpv6, Offer... offers) {
        Flow flow = RIG.flow(isIpv6, WireRig.DAYTIME);
        flow.open(offers);
        Segment segment;
        do {
            segment = flow.next();
            flow.check(segment.length() == 0 || segment.seq() == flow.rcvNxt(), "a gap: " + segment);
            flow.take(segment);
            if (!segment.has(FIN) && segment.length() > 0) {
                flow.sendAck();
            }
        } while (!segment.has(FIN));
        return flow;
    }

    /** In TIME-WAIT. */
    private static Flow timeWait(boolean isIpv6, Offer... offers) {
        Flow flow = closing(isIpv6, offers);
        flow.sendAck();
        flow.sendFin();
        flow.nextAckOf(flow.sndNxt());
        return flow;
    }

    private static void checkGone(Flow flow) {
        flow.make(ACK).send();
        Segment reset = flow.nextReset();
        assertEquals(RST, reset.flags());
        assertEquals(flow.rcvNxt(), reset.seq());
    }

    /** RFC 9293 section 3.6: half a close: our direction ends, what the engine still has comes, then its FIN. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldSendOnAfterThePeersFin(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.open();
            byte[] text = new byte[20_000];
            for (int i = 0; i < text.length; i++) {
                text[i] = (byte) ((i * 31) >> 3);
            }
            for (int from = 0; from < text.length; from += 1000) {
                flow.make(ACK).text(Arrays.copyOfRange(text, from, from + 1000)).send();
                flow.sndNxt(flow.sndNxt() + 1000);
            }
            flow.sendFin();
            assertArrayEquals(text, flow.readText(text.length));
            flow.readEnd();
            flow.nothing(300);
            checkGone(flow);
        }
    }

    /** RFC 6298: a FIN is repeated like text, with back-off, in LAST-ACK; RFC 9293: the peer's FIN again is acknowledged. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRepeatItsFinInLastAck(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.open();
            flow.sendFin();
            Segment fin = flow.nextSequenced();
            flow.check(fin.has(FIN), "no FIN: " + fin);
            flow.take(fin);
            checkRepeated(flow, fin);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).ack(fin.seq()).send();
            Segment ack = flow.next();
            assertEquals(flow.sndNxt(), ack.ack());
            flow.sendAck();
            flow.drain(50);
            checkGone(flow);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRepeatItsFinInFinWait(boolean isIpv6) {
        try (Flow flow = closing(isIpv6)) {
            Segment first = flow.next(3_000);
            flow.check(first.has(FIN), "no FIN: " + first);
            checkRepeated(flow, first);
            flow.sendAck();
            flow.nothing(1_000);
            flow.sendFin();
            flow.nextAckOf(flow.sndNxt());
        }
    }

    private static void checkRepeated(Flow flow, Segment first) {
        long lastNs = first.timeNs();
        long leastMs = 190;
        for (int i = 0; i < 3; i++) {
            Segment again = flow.next(5_000);
            flow.check(again.has(FIN) && again.end() == first.end(), "not the FIN again: " + again);
            long gapNs = again.timeNs() - lastNs;
            Timing.check("FIN again", gapNs, leastMs, leastMs * 5 / 4 + 900);
            leastMs = Math.max(leastMs, gapNs / 1_000_000 - 50) * 2;
            lastNs = again.timeNs();
        }
    }

    /** RFC 9293 figure 13: both FINs cross: CLOSING, then TIME-WAIT. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCloseSimultaneously(boolean isIpv6) {
        try (Flow flow = closing(isIpv6)) {
            int fin = flow.rcvNxt() - 1;
            flow.make(FIN | ACK).ack(fin).send();
            flow.sndNxt(flow.sndNxt() + 1);
            Segment ack = flow.next();
            assertEquals(flow.sndNxt(), ack.ack());
            flow.sendAck();
            flow.nothing(600);
            // In TIME-WAIT, not gone.
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            flow.nextAckOf(flow.sndNxt());
        }
    }

    /** In FIN-WAIT-2 text still arrives; ACKs in FIN-WAIT-1 may carry the FIN with them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTakeFinWithTheAckOfItsOwn(boolean isIpv6) {
        try (Flow flow = closing(isIpv6)) {
            flow.sendFin();
            flow.nextAckOf(flow.sndNxt());
            flow.nothing(600);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            flow.nextAckOf(flow.sndNxt());
        }
    }

    /** RFC 9293 section 3.10.7.4, eighth step and first: a FIN again, old text: an ACK. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcknowledgeInTimeWait(boolean isIpv6) {
        try (Flow flow = timeWait(isIpv6)) {
            for (int i = 0; i < 3; i++) {
                flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.make(PSH | ACK).seq(flow.sndNxt() - 100).text(new byte[50]).send();
            flow.nextAckOf(flow.sndNxt());
            // An ordinary ACK is no reason to say anything.
            flow.sendAck();
            flow.nothing(200);
        }
    }

    /** RFC 5961 section 3.2 in TIME-WAIT: a RST elsewhere in the window ends nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStayInTimeWaitForAResetThatIsNotExact(boolean isIpv6) {
        try (Flow flow = timeWait(isIpv6)) {
            flow.make(RST).seq(flow.sndNxt() + 10).send();
            flow.nextAckOf(flow.sndNxt());
            flow.make(RST).seq(flow.sndNxt() - 10).send();
            flow.nothing(100);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            flow.nextAckOf(flow.sndNxt());
        }
    }

    /** RFC 9293 MAY-2, section 3.6.1: a SYN beyond all that was: a new connection, with a number beyond all of ours. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReopenFromTimeWaitByALaterNumber(boolean isIpv6) {
        try (Flow flow = timeWait(isIpv6)) {
            int last = flow.rcvNxt();
            flow.renew(flow.sndNxt() + 1);
            Segment synAck = flow.acceptSynAck(flow.make(SYN).mss(1000), 1000);
            assertTrue(synAck.seq() - last > 0, "ISN " + synAck.seq() + " is not beyond " + last);
            flow.sendAck();
            flow.readText(DAYTIME_LENGTH);
        }
    }

    /** RFC 6191 section 2: a later timestamp is enough, whatever the number. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReopenFromTimeWaitByALaterTimestamp(boolean isIpv6) throws Exception {
        try (Flow flow = timeWait(isIpv6, Offer.TIMESTAMPS)) {
            int last = flow.rcvNxt();
            Thread.sleep(5);
            flow.renew(flow.sndNxt() - 50_000);
            Draft syn = flow.make(SYN).mss(1000).timestamps(flow.tsVal(), 0);
            Segment synAck = flow.acceptSynAck(syn, 1000);
            assertTrue(synAck.seq() - last > 0, "ISN " + synAck.seq() + " is not beyond " + last);
            flow.sendAck();
            flow.readText(DAYTIME_LENGTH);
        }
    }

    /** An old SYN in TIME-WAIT gets an ACK (RFC 9293 section 3.10.7.4 and RFC 6191), and opens nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldNotReopenByAnOldSyn(boolean isIpv6) {
        try (Flow flow = timeWait(isIpv6);
                Flow stamped = timeWait(isIpv6, Offer.TIMESTAMPS)) {
            flow.make(SYN).seq(flow.sndNxt() - 1000).mss(1000).send();
            flow.nextAckOf(flow.sndNxt());
            stamped.make(SYN)
                    .seq(stamped.sndNxt() + 1000)
                    .mss(1000)
                    .timestamps(stamped.tsVal() - 100_000, 0)
                    .send();
            stamped.nextAckOf(stamped.sndNxt());
        }
    }

    /** RFC 9293 section 3.6.1 and SHLD-3: text for a connection that is closed whole: a RST. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldResetTextAfterAFullClose(boolean isIpv6) {
        try (Flow flow = closing(isIpv6)) {
            flow.sendAck();
            // The service waits two seconds for more, then it closes whole.
            flow.nothing(3_500);
            flow.sendText(new byte[] {1});
            Segment reset = flow.nextReset();
            flow.check(
                    !reset.has(ACK) || reset.ack() - flow.sndNxt() < 0,
                    "text that nobody reads is acknowledged: " + reset);
        }
    }
}
