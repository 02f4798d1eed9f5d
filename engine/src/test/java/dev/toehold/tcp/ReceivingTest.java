package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Text in and out of order, ACKs and their delay, SACK and D-SACK, the window that we offer. */
class ReceivingTest {
    private ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain().build()).established();

    private void withSack() {
        peer = new ScriptedPeer(ScriptedPeer.plain().sack(true).build()).established();
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-18", clause = "3.8.6.3")
    @Requirement(rfc = 9293, id = "SHLD-19", clause = "3.8.6.3")
    @Requirement(rfc = 9293, id = "MUST-40", clause = "3.8.6.3")
    @Requirement(rfc = 5681, id = "4.2-second", clause = "4.2")
    void shouldDelayTheAckOfOneSegmentAndSendThatOfTheSecond() {
        peer.inject(Tcp.ACK, 0, 0, 1000);
        peer.expectNothing();
        assertEquals(40, peer.toDeadline());
        peer.expectAck(1000);
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        peer.expectNothing();
        peer.inject(Tcp.ACK, 2000, 0, 1000);
        peer.expectAck(3000);
        assertEquals(Long.MAX_VALUE, peer.deadlineNs);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-58", clause = "3.10.7.4")
    void shouldLetTextCarryTheAck() {
        peer.inject(Tcp.ACK, 0, 0, 100);
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        assertEquals(100, peer.expect(Tcp.ACK, 0, 10).ack);
        assertEquals(Long.MAX_VALUE, peer.tcb.delayedAckDeadline());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-59", clause = "3.10.7.4")
    void shouldNotAcknowledgeBeforeTheBurstEnds() {
        peer.arrive(Tcp.ACK, 0, 0, 1000);
        peer.arrive(Tcp.ACK, 1000, 0, 1000);
        assertEquals(2000, peer.tcb.rcvNxt());
        assertEquals(0, peer.tcb.rcvPosition());
        peer.expectNothing();
        peer.arrive(Tcp.RST | Tcp.ACK, 5000, 0, 0);
        peer.expectAck(0);
        peer.burstEnd();
        peer.expectAck(2000);
    }

    @Test
    void shouldAcknowledgeNothingThatIsNotPublished() {
        withSack();
        peer.arrive(Tcp.ACK, 0, 0, 1000);
        peer.arrive(Tcp.ACK, 1000, 0, 1000);
        peer.arrive(Tcp.FIN | Tcp.ACK, 2000, 0, 0);
        peer.core.holdCommit(peer.tcb);
        peer.burstEnd();
        peer.sent.forEach(segment -> assertEquals(0, segment.ack));
        assertEquals(0, peer.tcb.rcvPosition());
        assertEquals(-1, peer.tcb.finReceived());
        peer.sent.clear();
        peer.inject(Tcp.ACK, 0, 0, 1000);
        assertEquals(List.of(), peer.expectAck(0).sack, "not even as a duplicate");
        peer.core.onPublished(peer.tcb);
        peer.burstEnd();
        peer.expectAck(2001);
        assertEquals(2000, peer.tcb.rcvPosition());
    }

    @Test
    void shouldReportWhatFoundRoomOfASegmentBeyondAHole() {
        withSack();
        peer.room = 300;
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        assertEquals(List.of(1000L, 1300L), peer.expectAck(0).sack);
        peer.inject(Tcp.ACK, 2000, 0, 1000);
        peer.expectNothing();
    }

    @Test
    @Requirement(rfc = 5681, id = "4.2-out-of-order", clause = "4.2")
    @Requirement(rfc = 9293, id = "MAY-13", clause = "3.10.7.4")
    void shouldAcknowledgeEachSegmentBeyondAHole() {
        peer.arrive(Tcp.ACK, 1000, 0, 1000);
        peer.arrive(Tcp.ACK, 2000, 0, 1000);
        peer.arrive(Tcp.ACK, 3000, 0, 1000);
        peer.burstEnd();
        peer.expectAck(0);
        peer.expectAck(0);
        peer.expectAck(0);
        peer.expectNothing();
        peer.inject(Tcp.ACK, 0, 0, 1000);
        peer.expectAck(4000);
        peer.expectNothing();
        assertEquals(List.of("connected", "delivered 4000"), peer.events);
        assertEquals(0, peer.core.boundSlots());
    }

    @Test
    void shouldOweNoDuplicateAcksForAHoleThatClosedInTheSameBurst() {
        peer.arrive(Tcp.ACK, 1000, 0, 1000);
        peer.arrive(Tcp.ACK, 2000, 0, 1000);
        peer.arrive(Tcp.ACK, 0, 0, 1000);
        peer.burstEnd();
        peer.expectAck(3000);
        peer.expectNothing();
    }

    @Test
    @Requirement(rfc = 2018, id = "4-first", clause = "4")
    @Requirement(rfc = 2018, id = "4-repeat", clause = "4")
    @Requirement(rfc = 2018, id = "3-hold", clause = "3")
    void shouldReportTheNewestRangeFirst() {
        withSack();
        peer.inject(Tcp.ACK, 1000, 0, 100);
        assertEquals(List.of(1000L, 1100L), peer.expectAck(0).sack);
        peer.inject(Tcp.ACK, 3000, 0, 100);
        assertEquals(List.of(3000L, 3100L, 1000L, 1100L), peer.expectAck(0).sack);
        peer.inject(Tcp.ACK, 1100, 0, 100);
        assertEquals(List.of(1000L, 1200L, 3000L, 3100L), peer.expectAck(0).sack);
        for (int i = 0; i < 3; i++) {
            peer.inject(Tcp.ACK, 5000 + 1000L * i, 0, 100);
        }
        peer.sent.clear();
        peer.inject(Tcp.ACK, 9000, 0, 100);
        assertEquals(List.of(9000L, 9100L, 7000L, 7100L, 6000L, 6100L, 5000L, 5100L), peer.expectAck(0).sack);
    }

    @Test
    @Requirement(rfc = 2883, id = "4-once", clause = "4")
    @Requirement(rfc = 2883, id = "4-first", clause = "4")
    void shouldReportADuplicateOnce() {
        withSack();
        peer.inject(Tcp.ACK, 0, 0, 1000);
        peer.inject(Tcp.ACK, 0, 0, 1000);
        assertEquals(List.of(0L, 1000L), peer.expectAck(1000).sack);
        peer.inject(Tcp.ACK, 2000, 0, 500);
        assertEquals(List.of(2000L, 2500L), peer.expectAck(1000).sack);
        peer.inject(Tcp.ACK, 2000, 0, 500);
        assertEquals(List.of(2000L, 2500L, 2000L, 2500L), peer.expectAck(1000).sack);
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        assertEquals(List.of(), peer.expectAck(2500).sack);
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-31", clause = "3.10.7.4")
    void shouldPlaceOverlapsOnce() {
        peer.room = 3000;
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        peer.inject(Tcp.ACK, 500, 0, 2000);
        peer.inject(Tcp.ACK, 0, 0, 3000);
        assertEquals(0, peer.room, "3,000 bytes came, some of them three times");
        assertEquals(3000, peer.tcb.rcvNxt());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.8.6-no-room", clause = "3.8.6")
    void shouldNotAcknowledgeWhatFoundNoRoomAndTellThePeerWhenThereIsSome() {
        peer.room = 600;
        peer.inject(Tcp.ACK, 0, 0, 1000);
        assertEquals(600, peer.tcb.rcvPosition());
        peer.sent.clear();
        peer.room = 10_000;
        peer.core.grantWindow(peer.tcb, 40_000, 0, peer.nowNs);
        peer.expectAck(600);
        peer.inject(Tcp.ACK, 0, 0, 1000);
        assertEquals(1000, peer.tcb.rcvPosition());
    }

    @Test
    @Requirement(rfc = 9293, id = "3.10.7.4-trim", clause = "3.10.7.4")
    void shouldTrimToTheWindow() {
        peer.inject(Tcp.ACK, 39_500, 0, 1000);
        peer.inject(Tcp.ACK, 40_000, 0, 1000);
        assertEquals(1, peer.counters.get(TcpCounters.OUTSIDE_WINDOW_IN));
        assertEquals(500, peer.tcb.bytesPlaced());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-39", clause = "3.8.6.2.2")
    @Requirement(rfc = 9293, id = "SHLD-14", clause = "3.8.6")
    @Requirement(rfc = 9293, id = "MAY-8", clause = "3.8.6.1")
    void shouldCloseTheWindowAndOpenItByAFullSegmentOnly() {
        for (int i = 0; i < 40; i++) {
            peer.inject(Tcp.ACK, 1000L * i, 0, 1000);
        }
        assertEquals(0, peer.sent.peekLast().window);
        peer.sent.clear();
        peer.core.grantWindow(peer.tcb, 40_200, 40_000, peer.nowNs);
        peer.expectNothing();
        peer.core.grantWindow(peer.tcb, 40_999, 40_000, peer.nowNs);
        peer.expectNothing();
        peer.core.grantWindow(peer.tcb, 41_000, 40_000, peer.nowNs);
        assertEquals(1000, peer.expectAck(40_000).window);
        peer.core.grantWindow(peer.tcb, 40_500, 40_000, peer.nowNs);
        assertEquals(41_000, peer.tcb.rcvEdge(), "an edge never retracts");
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-39", clause = "3.8.6.2.2")
    void shouldOpenAClosedWindowByHalfOfASmallBuffer() {
        peer.inject(Tcp.ACK, 0, 0, 40_000);
        peer.sent.clear();
        peer.core.grantWindow(peer.tcb, 40_299, 600, peer.nowNs);
        peer.expectNothing();
        peer.core.grantWindow(peer.tcb, 40_300, 600, peer.nowNs);
        assertEquals(300, peer.expectAck(40_000).window);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-39", clause = "3.8.6.2.2")
    void shouldOpenForMemoryThatWasPostedHoweverLittle() {
        peer.inject(Tcp.ACK, 0, 0, 40_000);
        peer.sent.clear();
        peer.core.grantWindow(peer.tcb, 40_010, 0, peer.nowNs);
        assertEquals(10, peer.expectAck(40_000).window);
        peer.core.grantWindow(peer.tcb, 40_014, 0, peer.nowNs);
        peer.expectNothing();
        peer.inject(Tcp.ACK | Tcp.PSH, 40_000, 0, 10);
        peer.toDeadline();
        assertEquals(4, peer.expectAck(40_010).window, "all that is left");
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-66", clause = "3.4")
    @Requirement(rfc = 9293, id = "MAY-8", clause = "3.8.6.1")
    void shouldAnswerAProbeOfAClosedWindowAndTakeItsAck() {
        peer.core.send(peer.tcb, 10, false, peer.nowNs);
        for (int i = 0; i < 40; i++) {
            peer.inject(Tcp.ACK, 1000L * i, 0, 1000);
        }
        peer.sent.clear();
        peer.inject(Tcp.ACK, 40_000, 10, 1);
        ScriptedPeer.Sent answer = peer.expectAck(40_000);
        assertEquals(0, answer.window);
        assertEquals(10, peer.tcb.sndUna());
    }

    @Test
    @Requirement(rfc = 9293, id = "SHLD-31", clause = "3.10.7.4")
    void shouldBoundTheHolesThatAPeerMakes() {
        for (int i = 0; i < 100; i++) {
            peer.inject(Tcp.ACK, 10 + 20L * i, 0, 10);
        }
        assertEquals(100 - ReassemblyRanges.MAX_RANGES, peer.counters.get(TcpCounters.REASSEMBLY_EXHAUSTED));
        peer.inject(Tcp.ACK, 0, 0, 10 + 20 * 32);
        assertEquals(10 + 20 * 32, peer.tcb.rcvNxt());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-30", clause = "3.8.5")
    void shouldTolerateUrgentData() {
        peer.inject(Tcp.ACK | Tcp.URG, 0, 0, 100);
        assertEquals(100, peer.tcb.rcvNxt());
        assertEquals(1, peer.counters.get(TcpCounters.URGENT_IN));
    }

    @Test
    void shouldKeepAnAckThatFoundNoBuffer() {
        peer.buffers = false;
        peer.inject(Tcp.ACK, 0, 0, 1000);
        peer.inject(Tcp.ACK, 1000, 0, 1000);
        assertTrue(peer.tcb.has(TcbFlags.OUTPUT_PENDING));
        peer.buffers = true;
        peer.core.onOutput(peer.tcb, peer.nowNs);
        peer.expectAck(2000);
        peer.expectNothing();
    }
}
