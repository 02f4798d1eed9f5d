package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.FIN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the engine waits before it gives up, with its long times configured short. */
@Execution(ExecutionMode.CONCURRENT)
final class PatienceWireIT {
    private static final int TIME_WAIT_MS = 2_000;
    private static final int PATIENCE_MS = 3_000;

    @RegisterExtension
    static final WireRig RIG = new WireRig("echo", "chargen", "daytime")
            .with("time-wait = \"" + TIME_WAIT_MS + "ms\"")
            .with("retransmit-timeout = \"" + PATIENCE_MS + "ms\"");

    /** RFC 9293 section 3.10.8: TIME-WAIT ends after 2 MSL, and a FIN again begins it anew (section 3.10.7.4, eighth step). */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveTimeWaitAfterTwoMsl(boolean isIpv6) throws Exception {
        try (Flow flow = RIG.flow(isIpv6, WireRig.DAYTIME)) {
            flow.open();
            flow.readText(24);
            flow.readEnd();
            flow.sendFin();
            flow.nextAckOf(flow.sndNxt());
            Thread.sleep(TIME_WAIT_MS * 2 / 3);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            flow.nextAckOf(flow.sndNxt());
            Thread.sleep(TIME_WAIT_MS * 2 / 3);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            flow.nextAckOf(flow.sndNxt());
            Thread.sleep(TIME_WAIT_MS + 1_000);
            flow.make(FIN | ACK).seq(flow.sndNxt() - 1).send();
            assertEquals(flow.rcvNxt(), flow.nextReset().seq());
        }
    }

    /** RFC 9293 MUST-20 and section 3.8.3: text that nobody acknowledges is given up after R2, and not before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldGiveUpAfterR2(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.CHARGEN)) {
            flow.open();
            long firstNs = flow.flight(1).getFirst().timeNs();
            long lastNs = firstNs;
            for (Segment segment : flow.drain(PATIENCE_MS + 500)) {
                lastNs = segment.has(Segment.RST) ? lastNs : segment.timeNs();
            }
            // At 0.2, 0.6 and 1.4 s; the next one would be at 3 s.
            Timing.check("last retransmission", lastNs - firstNs, PATIENCE_MS / 3, 2 * PATIENCE_MS);
            flow.make(ACK).ack(flow.irs() + 1).send();
            assertEquals(flow.irs() + 1, flow.nextReset().seq());
        }
    }

    /** RFC 9293 MUST-37: a window that stays closed is no reason to give up while its probes are acknowledged. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldWaitForAWindowWithoutEnd(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.CHARGEN)) {
            flow.open();
            flow.window(0);
            flow.drain(100).forEach(flow::take);
            flow.sendAck();
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < 2_000_000L * PATIENCE_MS) {
                Segment probe = flow.next(4L * PATIENCE_MS);
                flow.check(!probe.has(Segment.RST), "given up");
                flow.sendAck();
            }
            flow.window(65_535);
            flow.sendAck();
            flow.readText(10_000);
        }
    }

    /** RFC 5681 section 4.1: after an idle time of more than one RTO no more than the initial window. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeginAgainAfterIdleTime(boolean isIpv6) throws Exception {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.open();
            for (int round = 0; round < 10; round++) {
                byte[] text = new byte[20_000];
                flow.sendText(text);
                assertArrayEquals(text, flow.readText(text.length));
            }
            Thread.sleep(2_000);
            flow.sendText(new byte[24_000]);
            int una = flow.rcvNxt();
            int highest = una;
            for (Segment segment : flow.drain(150)) {
                highest = segment.end() - highest > 0 ? segment.end() : highest;
            }
            int burst = highest - una;
            assertTrue(burst > 0 && burst <= 10 * flow.fullMss(), burst + " bytes after idle time");
        }
    }

    /** RFC 9293 section 3.8.4: a probe of the peer's, with a byte or without one, is answered; nothing of it is taken. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerKeepaliveProbes(boolean isIpv6) {
        try (Flow flow = RIG.flow(isIpv6, WireRig.ECHO)) {
            flow.open();
            flow.checkAlive();
            for (byte[] text : List.of(new byte[0], new byte[] {0x7f})) {
                flow.make(ACK).seq(flow.sndNxt() - 1).text(text).send();
                flow.nextAckOf(flow.sndNxt());
            }
            flow.nothing(100);
            flow.checkAlive();
        }
    }
}
