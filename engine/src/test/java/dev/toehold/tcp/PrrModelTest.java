package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.Tcp;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Proportional rate reduction next to the pseudo code of RFC 6937 section 3.1, stepped by the same ACKs: a sender with always more to send
 * over a path of 100 ms that loses segments, retransmissions among them, and a receiver that acknowledges each one that comes.
 */
class PrrModelTest {
    private static final int MSS = 1000;
    private static final long RTT_NS = 100 * ScriptedPeer.MS;
    private static final int SEGMENTS = 20_000;

    /** The pseudo code, its variables by their names, in bytes. */
    private static final class Model {
        long ssthresh;
        long prrDelivered;
        long prrOut;
        long recoverFs;

        Model(long ssthresh, long flightSize) {
            this.ssthresh = ssthresh;
            recoverFs = flightSize;
        }

        /** @param isSafe sndUna advanced and nothing more is lost: PRR-SSRB then, PRR-CRB else (RFC 9937) */
        long sndcnt(long deliveredData, long pipe, boolean isSafe) {
            prrDelivered += deliveredData;
            long sndcnt;
            if (pipe > ssthresh) {
                sndcnt = (long) Math.ceil((double) prrDelivered * ssthresh / recoverFs) - prrOut;
            } else {
                long limit = prrDelivered - prrOut;
                if (isSafe) {
                    limit = Math.max(limit, deliveredData) + MSS;
                }
                sndcnt = Math.min(ssthresh - pipe, limit);
            }
            return prrOut == 0 ? Math.max(sndcnt, MSS) : Math.max(sndcnt, 0);
        }
    }

    private record Flying(long start, long end, long arrivesNs) {}

    private final ScriptedPeer peer = new ScriptedPeer(ScriptedPeer.plain()
            .sack(true)
            .receiveWindowScale(2)
            .congestionControl(TcpConfig.CongestionAlgorithm.CUBIC)
            .build());
    private final ArrayDeque<Flying> network = new ArrayDeque<>();
    private final TreeMap<Long, Long> beyondHoles = new TreeMap<>();
    private long receivedUpTo;
    private Model model;
    private int recoveries;
    private int compared;
    private int belowThreshold;

    @ParameterizedTest
    @CsvSource({"1, 100", "2, 100", "3, 50", "4, 50", "5, 20", "6, 20", "7, 300", "8, 300"})
    void shouldFollowThePseudoCode(long seed, int segmentsPerLoss) {
        SplittableRandom random = new SplittableRandom(seed);
        peer.established();
        peer.core.send(peer.tcb, 1L << 40, false, peer.nowNs);
        launch(random, segmentsPerLoss);
        for (int i = 0; i < SEGMENTS; i++) {
            Flying next = network.poll();
            long untilNs = next == null ? peer.deadlineNs : next.arrivesNs;
            while (peer.deadlineNs <= untilNs && (next != null || network.isEmpty())) {
                peer.toDeadline();
                // Timers reduce between the ACKs: the model takes up again with the next recovery.
                model = null;
                launch(random, segmentsPerLoss);
            }
            if (next != null) {
                peer.nowNs = Math.max(peer.nowNs, next.arrivesNs);
                arrive(next, "seed=" + seed + " segment=" + i);
                launch(random, segmentsPerLoss);
            }
        }
        assertTrue(recoveries > 10, () -> "recoveries=" + recoveries);
        assertTrue(compared > 5 * recoveries, () -> "compared=" + compared + " recoveries=" + recoveries);
        assertTrue(belowThreshold > 0 && belowThreshold < compared, "both branches");
    }

    /** What was sent goes on its way, evenly spaced by whoever is the bottleneck, or is lost. */
    private void launch(SplittableRandom random, int segmentsPerLoss) {
        for (ScriptedPeer.Sent sent = peer.sent.poll(); sent != null; sent = peer.sent.poll()) {
            if (model != null) {
                model.prrOut += sent.length;
            }
            if (random.nextInt(segmentsPerLoss) != 0) {
                long last = network.isEmpty() ? 0 : network.peekLast().arrivesNs;
                long arrivesNs = Math.max(peer.nowNs + RTT_NS, last + ScriptedPeer.MS / 4);
                network.add(new Flying(sent.seq, sent.seq + sent.length, arrivesNs));
            }
        }
    }

    private void arrive(Flying segment, String where) {
        long delivered = receive(segment);
        long una = peer.tcb.sndUna();
        boolean wasInRecovery = peer.tcb.recovery() == RecoveryPhase.RECOVERY;
        long recover = peer.tcb.recover();
        Scoreboard scoreboard = peer.core.context.scoreboard;
        long lostBefore = scoreboard.lostBytes(peer.tcb) - lostBelow(receivedUpTo);
        long sndMax = peer.tcb.sndMax();
        peer.arrive(Tcp.ACK, 0, receivedUpTo, 0, blocks(segment));
        long sent = peer.sent.stream().mapToLong(each -> each.length).sum();
        long sentAgain = sent - (peer.tcb.sndMax() - sndMax);
        boolean isInRecovery = peer.tcb.recovery() == RecoveryPhase.RECOVERY;
        if (isInRecovery && (!wasInRecovery || peer.tcb.recover() != recover)) { // one may end and another begin
            model = new Model(peer.tcb.ssthresh(), sndMax - peer.tcb.sndUna());
            recoveries++;
        }
        if (isInRecovery && model != null) {
            long pipe = scoreboard.pipe(peer.tcb) - sent;
            boolean isSafe = receivedUpTo > una && scoreboard.lostBytes(peer.tcb) + sentAgain <= lostBefore;
            long sndcnt = model.sndcnt(delivered, pipe, isSafe);
            assertEquals(Math.max(pipe + sndcnt, MSS), peer.tcb.cwnd(), where);
            compared++;
            belowThreshold += pipe > model.ssthresh ? 0 : 1;
        } else {
            if (wasInRecovery && model != null) {
                assertTrue(peer.tcb.cwnd() >= model.ssthresh, where); // and one ACK of avoidance at most
            }
            model = null;
        }
        peer.burstEnd();
    }

    /** Of what is lost, what this ACK takes off the scoreboard. */
    private long lostBelow(long ack) {
        Scoreboard scoreboard = peer.core.context.scoreboard;
        long bytes = 0;
        for (int i = 0; i < scoreboard.count(peer.tcb) && scoreboard.start(peer.tcb, i) < ack; i++) {
            if ((scoreboard.kind(peer.tcb, i) & Scoreboard.LOST) != 0) {
                bytes += Math.min(ack, scoreboard.end(peer.tcb, i)) - scoreboard.start(peer.tcb, i);
            }
        }
        return bytes;
    }

    /** Returns the bytes that are new: as every ACK comes back, DeliveredData of the ACK that they lead to. */
    private long receive(Flying segment) {
        if (segment.end <= receivedUpTo || isBeyondHole(segment.start)) {
            return 0;
        }
        if (segment.start > receivedUpTo) {
            beyondHoles.put(segment.start, segment.end);
            merge(segment.start);
            return segment.end - segment.start;
        }
        long delivered = segment.end - receivedUpTo;
        receivedUpTo = segment.end;
        while (!beyondHoles.isEmpty() && beyondHoles.firstKey() <= receivedUpTo) {
            receivedUpTo = Math.max(receivedUpTo, beyondHoles.pollFirstEntry().getValue());
        }
        return delivered;
    }

    private boolean isBeyondHole(long position) {
        Map.Entry<Long, Long> at = beyondHoles.floorEntry(position);
        return at != null && position < at.getValue();
    }

    private void merge(long start) {
        Map.Entry<Long, Long> before = beyondHoles.lowerEntry(start);
        long from = before != null && before.getValue() == start ? before.getKey() : start;
        long end = beyondHoles.get(start);
        Map.Entry<Long, Long> after = beyondHoles.higherEntry(start);
        if (after != null && after.getKey() == end) {
            beyondHoles.remove(after.getKey());
            end = after.getValue();
        }
        beyondHoles.remove(start);
        beyondHoles.put(from, end);
    }

    /** The block that holds the segment first (RFC 2018 section 4), then those behind it. */
    private long[] blocks(Flying segment) {
        Map.Entry<Long, Long> first = beyondHoles.floorEntry(segment.start);
        if (first == null) {
            first = beyondHoles.firstEntry();
        }
        return first == null ? new long[0] : new long[] {first.getKey(), first.getValue()};
    }
}
