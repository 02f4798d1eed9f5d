package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an operator reads from the counters has happened, and the causes of retransmissions add up. */
class TcpCountersTest {
    private final ScriptedPeer peer =
            new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();

    private void send(long bytes) {
        peer.core.send(peer.tcb, peer.tcb.submitted() + bytes, false, peer.nowNs);
    }

    private long count(int counter) {
        return peer.counters.get(counter);
    }

    private void assertCausesAddUp() {
        assertEquals(
                count(TcpCounters.RETRANSMITS),
                count(TcpCounters.RETRANSMITS_SYN)
                        + count(TcpCounters.RETRANSMITS_FAST)
                        + count(TcpCounters.RETRANSMITS_TIMEOUT)
                        + count(TcpCounters.RETRANSMITS_PROBE)
                        + count(TcpCounters.RETRANSMITS_OTHER));
    }

    @Test
    void shouldNameAndExplainEachOnce() {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < TcpCounters.COUNT; i++) {
            assertTrue(names.add(TcpCounters.name(i)), TcpCounters.name(i));
            assertFalse(TcpCounters.meaning(i).isBlank(), TcpCounters.name(i));
        }
    }

    @Test
    void shouldTellFastRecoveryFromProbeAndTimeout() {
        send(1_000);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1_000);
        send(5_000);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1_000, 2_000, 6_000);
        assertEquals(1, count(TcpCounters.RETRANSMITS_FAST));
        assertEquals(1, count(TcpCounters.SACK_BLOCKS_IN));
        peer.ack(6_000);
        send(1_000);
        peer.toDeadline();
        assertEquals(1, count(TcpCounters.RETRANSMITS_PROBE));
        assertEquals(0, count(TcpCounters.RETRANSMITS_TIMEOUT));
        peer.toDeadline();
        assertEquals(1, count(TcpCounters.RETRANSMITS_TIMEOUT));
        assertEquals(3, count(TcpCounters.RETRANSMITS));
        assertCausesAddUp();
    }

    @Test
    void shouldCountRetransmittedSyns() {
        ScriptedPeer opener = new ScriptedPeer(ScriptedPeer.plain().build());
        opener.prepare();
        opener.connect();
        opener.toDeadline();
        assertEquals(1, opener.counters.get(TcpCounters.RETRANSMITS_SYN));
        assertEquals(1, opener.counters.get(TcpCounters.RETRANSMITS));
    }

    @Test
    void shouldCountClosedWindowsOfThePeerOnceEach() {
        send(1_000);
        peer.window = 0;
        peer.ack(1_000);
        peer.ack(1_000);
        assertEquals(1, count(TcpCounters.ZERO_WINDOWS_IN));
        peer.window = 1_000;
        peer.ack(1_000);
        peer.window = 0;
        peer.ack(1_000);
        assertEquals(2, count(TcpCounters.ZERO_WINDOWS_IN));
    }

    @Test
    void shouldCountReportsOfDuplicatesAndBytesAheadOfAHole() {
        send(2_000);
        peer.ack(2_000, 0, 1_000);
        assertEquals(1, count(TcpCounters.DSACKS_IN));
        peer.inject(Tcp.ACK, 1_000, 2_000, 500);
        assertEquals(500, count(TcpCounters.OUT_OF_ORDER_BYTES_IN));
        assertTrue(count(TcpCounters.SACK_BLOCKS_OUT) > 0);
    }

    @Test
    void shouldRecordRoundTrips() {
        long before = samples();
        send(1_000);
        peer.nowNs += 100 * ScriptedPeer.MS;
        peer.ack(1_000);
        assertEquals(before + 1, samples());
        int bucket = LogLinearHistogram.bucket(100 * ScriptedPeer.MS);
        assertEquals(2, peer.counters.roundTrips().count(bucket), "with the handshake's");
    }

    private long samples() {
        long sum = 0;
        for (int i = 0; i < peer.counters.roundTrips().buckets(); i++) {
            sum += peer.counters.roundTrips().count(i);
        }
        return sum;
    }
}
