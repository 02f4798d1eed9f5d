package dev.toehold.cli.e2e.wire;

import static dev.toehold.cli.e2e.wire.Segment.ACK;
import static dev.toehold.cli.e2e.wire.Segment.PSH;
import static dev.toehold.cli.e2e.wire.Segment.RST;
import static dev.toehold.cli.e2e.wire.Segment.SYN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.client.Connection;
import dev.toehold.client.Toehold;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Active opens (RFC 9293 section 3.5), asked for by this process as a client of the engine. */
@Execution(ExecutionMode.CONCURRENT)
final class ActiveOpenWireIT {
    private static final byte[] TEXT = {'t', 'o', 'e', 'h', 'o', 'l', 'd'};
    private static final AtomicInteger ENGINE_PORTS = new AtomicInteger(40_000);

    @RegisterExtension
    static final WireRig RIG = new WireRig("daytime");

    private static ExecutorService openers;
    private static Toehold toehold;

    @BeforeAll
    static void attach() throws IOException {
        openers = Executors.newVirtualThreadPerTaskExecutor();
        toehold = Toehold.connect(RIG.socket());
    }

    @AfterAll
    static void detach() {
        toehold.close();
        openers.close();
    }

    private static Flow flow(boolean isIpv6) {
        return RIG.flow(isIpv6, ENGINE_PORTS.getAndIncrement()).awaitsSyn();
    }

    private static Future<Connection> open(Flow flow) throws Exception {
        InetSocketAddress peer = new InetSocketAddress(InetAddress.getByAddress(flow.local()), flow.localPort());
        return openers.submit(() -> toehold.open(peer, flow.remotePort(), Duration.ofSeconds(30)));
    }

    private static Segment nextSyn(Flow flow) {
        Segment syn = flow.next();
        flow.check(syn.flags() == SYN && syn.ack() == 0 && syn.length() == 1, "no SYN alone: " + syn);
        flow.rcvNxt(syn.seq() + 1);
        return syn;
    }

    private static void answer(Flow flow, int flags) {
        flow.sendMss(1000);
        flow.make(flags).seq(flow.iss()).mss(1000).send();
        flow.sndNxt(flow.iss() + 1);
    }

    /** Text goes both ways. */
    private static void checkAlive(Flow flow, Future<Connection> opening) throws Exception {
        try (Connection connection = opening.get(30, TimeUnit.SECONDS)) {
            flow.make(PSH | ACK).text(TEXT).send();
            flow.sndNxt(flow.sndNxt() + TEXT.length);
            assertArrayEquals(TEXT, connection.inputStream().readNBytes(TEXT.length));
            connection.outputStream().write(TEXT);
            assertArrayEquals(TEXT, flow.readText(TEXT.length));
        }
    }

    private static void checkRefused(Future<Connection> opening) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> opening.get(10, TimeUnit.SECONDS));
        assertInstanceOf(IOException.class, failure.getCause());
    }

    /** RFC 9293 section 3.5, figure 6; MUST-14 and what the SYN offers beside the MSS. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpen(boolean isIpv6) throws Exception {
        try (Flow flow = flow(isIpv6)) {
            Future<Connection> opening = open(flow);
            Segment syn = nextSyn(flow);
            assertEquals(flow.fullMss(), syn.options().mss());
            assertTrue(syn.options().scale() >= 0 && syn.options().scale() <= 14, syn.toString());
            assertTrue(syn.options().isSackPermitted() && syn.options().hasTimestamps(), syn.toString());
            assertEquals(0, syn.options().tsEcr());
            answer(flow, SYN | ACK);
            flow.nextAckOf(flow.sndNxt());
            checkAlive(flow, opening);
        }
    }

    /** RFC 9293 MUST-10, figure 7: both SYNs cross, and each side's SYN,ACK, or a bare ACK, completes it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOpenSimultaneously(boolean isIpv6) throws Exception {
        for (int last : new int[] {ACK, SYN | ACK}) {
            try (Flow flow = flow(isIpv6)) {
                Future<Connection> opening = open(flow);
                Segment syn = nextSyn(flow);
                answer(flow, SYN);
                Segment synAck = flow.next();
                assertEquals(SYN | ACK, synAck.flags());
                assertEquals(syn.seq(), synAck.seq());
                assertEquals(flow.sndNxt(), synAck.ack());
                assertFalse(opening.isDone(), "open before its SYN is acknowledged");
                if (last == ACK) {
                    flow.sendAck();
                } else {
                    answer(flow, last);
                }
                checkAlive(flow, opening);
            }
        }
    }

    /** RFC 9293 section 3.10.7.3, second step: a RST counts with an acceptable ACK, and with nothing else. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldBeRefusedByAResetOfItsSyn(boolean isIpv6) throws Exception {
        try (Flow flow = flow(isIpv6)) {
            Future<Connection> opening = open(flow);
            nextSyn(flow);
            flow.make(RST).seq(0).send();
            for (int error : new int[] {-1, 1, 0x40000000}) {
                flow.make(RST | ACK).seq(0).ack(flow.rcvNxt() + error).send();
            }
            flow.nothing(300);
            assertFalse(opening.isDone(), "refused by a RST of something else");
            flow.make(RST | ACK).seq(0).send();
            checkRefused(opening);
            flow.nothing(1_300);
        }
    }

    /** RFC 9293 section 3.10.7.3, first step: an ACK of something else is reset, and the SYN still stands. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldResetAnAckOfSomethingElse(boolean isIpv6) throws Exception {
        try (Flow flow = flow(isIpv6)) {
            Future<Connection> opening = open(flow);
            nextSyn(flow);
            for (int flags : new int[] {ACK, SYN | ACK}) {
                for (int error : new int[] {-1, 1, 0x40000000}) {
                    flow.make(flags).seq(77).ack(flow.rcvNxt() + error).send();
                    Segment reset = flow.nextReset();
                    assertEquals(RST, reset.flags());
                    assertEquals(flow.rcvNxt() + error, reset.seq());
                }
            }
            answer(flow, SYN | ACK);
            flow.nextAckOf(flow.sndNxt());
            checkAlive(flow, opening);
        }
    }

    /** RFC 9293 MUST-22, RFC 6298 (2.1), (5.5): the same SYN after 1 s, then twice as long each time. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRepeatItsSynWithBackOff(boolean isIpv6) throws Exception {
        try (Flow flow = flow(isIpv6)) {
            Future<Connection> opening = open(flow);
            Segment first = nextSyn(flow);
            long lastNs = first.timeNs();
            for (long seconds = 1; seconds <= 4; seconds *= 2) {
                Segment again = flow.next(seconds * 1000 + Flow.SOON_MS);
                Timing.check("SYN", again.timeNs() - lastNs, seconds * 1000, seconds * 1000 + 700);
                assertEquals(first.seq(), again.seq());
                assertEquals(SYN, again.flags());
                lastNs = again.timeNs();
            }
            answer(flow, SYN | ACK);
            flow.nextAckOf(flow.sndNxt());
            checkAlive(flow, opening);
        }
    }
}
