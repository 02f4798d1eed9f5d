package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The pooled structures against plain models, by seeded operations. */
class SideStructuresTest {
    private final Tcb tcb = new Tcb(Arena.ofAuto().allocate(TcbLayout.LENGTH, 64));

    SideStructuresTest() {
        tcb.wrap(0).initialize();
    }

    @Test
    void shouldKeepTheRangesThatABitSetKeeps() {
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ReassemblyRanges ranges = new ReassemblyRanges(1);
            BitSet model = new BitSet();
            int next = 0;
            for (int step = 0; step < 300; step++) {
                int start = next + 1 + random.nextInt(500);
                int end = start + 1 + random.nextInt(60);
                if (random.nextInt(4) != 0) {
                    boolean added = ranges.add(tcb, start, end);
                    assertTrue(added || ranges.count(tcb) == ReassemblyRanges.MAX_RANGES);
                    if (added) {
                        model.set(start, end);
                    }
                } else {
                    int reached = next + random.nextInt(80);
                    model.set(next, reached);
                    next = model.nextClearBit(next);
                    assertEquals(next, ranges.absorb(tcb, reached), "seed=" + seed);
                }
                compare(ranges, model, next, seed);
            }
            ranges.release(tcb);
            assertEquals(1, ranges.freeCount());
        }
    }

    private void compare(ReassemblyRanges ranges, BitSet model, int next, long seed) {
        int at = next;
        int count = ranges.count(tcb);
        for (int i = 0; i < count; i++) {
            int start = model.nextSetBit(at);
            assertEquals(start, ranges.start(tcb, i), "seed=" + seed);
            at = model.nextClearBit(start);
            assertEquals(at, ranges.end(tcb, i), "seed=" + seed);
        }
        assertEquals(-1, model.nextSetBit(at), "seed=" + seed);
    }

    @Test
    void shouldRefuseWithoutASlot() {
        ReassemblyRanges ranges = new ReassemblyRanges(1);
        Tcb other = new Tcb(Arena.ofAuto().allocate(TcbLayout.LENGTH, 64));
        other.wrap(0).initialize();
        assertTrue(ranges.add(tcb, 10, 20));
        assertFalse(ranges.add(other, 10, 20));
        ranges.release(tcb);
        assertTrue(ranges.add(other, 10, 20));
    }

    /** Never says SACKed of what was not, keeps its sums, whatever the peer SACKs; full boards lose knowledge, not truth. */
    @Test
    void shouldNeverInventASack() {
        Rack rack = new Rack(new Scoreboard(1), new TcpCounters());
        for (long seed = 1; seed <= 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Scoreboard board = new Scoreboard(1);
            Delivery delivery = new Delivery(rack);
            tcb.initialize();
            tcb.sndUnaRelease(0);
            tcb.sndMaxRelease(0);
            board.bind(tcb);
            BitSet sacked = new BitSet();
            for (int step = 0; step < 600; step++) {
                delivery.begin(tcb, new Segment(), step);
                int una = (int) tcb.sndUna();
                int flight = (int) tcb.sndMax() - una;
                int a = una + random.nextInt(flight + 1);
                int b = Math.min((int) tcb.sndMax(), a + 1 + random.nextInt(40));
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        long end = tcb.sndMax() + 1 + random.nextInt(30);
                        board.onTransmit(tcb, tcb.sndMax(), end, step / 2);
                        tcb.sndMaxRelease(end);
                    }
                    case 3, 4, 5 -> {
                        if (a < b) {
                            board.sack(tcb, a, b, delivery);
                            sacked.set(a, b);
                        }
                    }
                    case 6 -> {
                        if (a < b) {
                            board.onTransmit(tcb, a, b, step);
                        }
                    }
                    default -> {
                        long ack = tcb.sndUna() + random.nextInt(flight / 4 + 1);
                        board.acknowledge(tcb, ack, delivery);
                        tcb.sndUnaRelease(ack);
                    }
                }
                check(board, sacked, seed);
            }
        }
    }

    private void check(Scoreboard board, BitSet sacked, long seed) {
        long sum = 0;
        long at = tcb.sndUna();
        for (int i = 0; i < board.count(tcb); i++) {
            assertEquals(at, board.start(tcb, i));
            at = board.end(tcb, i);
            assertTrue(at > board.start(tcb, i), "seed=" + seed);
            if ((board.kind(tcb, i) & Scoreboard.SACKED) != 0) {
                sum += at - board.start(tcb, i);
                int clear = sacked.nextClearBit((int) board.start(tcb, i));
                assertTrue(clear >= at, "seed=" + seed + " invented a SACK at " + clear);
            }
        }
        assertEquals(tcb.sndMax(), at, "seed=" + seed);
        assertEquals(sum, board.sackedBytes(tcb), "seed=" + seed);
    }
}
