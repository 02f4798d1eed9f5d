package dev.toehold.placement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineCopierTest {
    private static final int LEAST = 1024;
    private static final int LENGTH = 1460;
    private static final long DELAY_NS = 5_000_000;
    private static final int CAPACITY = 8;
    private static final int OPEN = 0;
    private static final int CLOSED = 1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment packets = arena.allocate(1 << 16, 64);
    private final MemorySegment memory = arena.allocate(1 << 16, 64);
    private final RegionTable regions = new RegionTable();
    private final PlacementCounters counters = new PlacementCounters();
    private long nowNs = 1;
    private int failing = -1;
    private int retained;
    private boolean isFrame = true;
    private final DelayedCopyChannel channel =
            new DelayedCopyChannel(CAPACITY, DELAY_NS, () -> nowNs, copy -> copy == failing);
    private final EngineCopier copier = new EngineCopier(
            channel,
            new PayloadFrames() {
                @Override
                public long retain(MemorySegment segment) {
                    retained += isFrame ? 1 : 0;
                    return isFrame ? 7 : NONE;
                }

                @Override
                public void release(long frame) {
                    assertEquals(7, frame);
                    retained--;
                }
            },
            LEAST,
            counters);

    EngineCopierTest() {
        byte[] bytes = new byte[1 << 16];
        new Random(1).nextBytes(bytes);
        MemorySegment.copy(bytes, 0, packets, ValueLayout.JAVA_BYTE, 0, bytes.length);
        regions.add(new Region(OPEN, memory, true));
        regions.add(new Region(CLOSED, memory, false));
    }

    @AfterEach
    void close() {
        copier.close();
        assertEquals(0, retained);
        arena.close();
    }

    private long copy(int at, int region, int length, boolean isUrgent) {
        return copier.copy(packets, at, regions, region, at, length, isUrgent);
    }

    private boolean isCopied(int at, int length) {
        return packets.asSlice(at, length).mismatch(memory.asSlice(at, length)) < 0;
    }

    @Test
    void shouldCopyAtOnceWhatIsNotForTheEngine() {
        assertEquals(Copier.DONE, copy(0, OPEN, LEAST - 1, false), "too short");
        assertEquals(Copier.DONE, copy(2048, CLOSED, LENGTH, false), "a region that may fault");
        assertEquals(Copier.DONE, copy(4096, OPEN, LENGTH, true), "urgent");
        isFrame = false;
        assertEquals(Copier.DONE, copy(6144, OPEN, LENGTH, false), "no packet that could be kept");
        assertTrue(
                isCopied(0, LEAST - 1) && isCopied(2048, LENGTH) && isCopied(4096, LENGTH) && isCopied(6144, LENGTH));
        assertEquals(0, channel.copies);
        assertEquals(LEAST - 1 + 3 * LENGTH, counters.cpuCopiedBytes);
        assertTrue(copier.isIdle());
    }

    @Test
    void shouldKeepThePacketUntilItsCopyIsMade() {
        long ticket = copy(0, OPEN, LENGTH, false);
        assertTrue(ticket > Copier.DONE);
        assertFalse(copier.isIdle());
        assertEquals(0, copier.poll(nowNs));
        nowNs += DELAY_NS - 1;
        assertEquals(0, copier.poll(nowNs));
        assertEquals(1, retained);
        assertFalse(isCopied(0, LENGTH));
        assertTrue(copier.completed() < ticket);
        nowNs++;
        assertEquals(1, copier.poll(nowNs));
        assertTrue(isCopied(0, LENGTH));
        assertEquals(ticket, copier.completed());
        assertEquals(0, retained);
        assertEquals(LENGTH, counters.engineCopiedBytes);
    }

    @Test
    void shouldLetTheCpuCopyWhatTheEngineHasNoRoomFor() {
        for (int i = 0; i < CAPACITY; i++) {
            assertTrue(copy(i * 2048, OPEN, LENGTH, false) > Copier.DONE);
        }
        assertEquals(Copier.DONE, copy(CAPACITY * 2048, OPEN, LENGTH, false));
        assertTrue(isCopied(CAPACITY * 2048, LENGTH));
        copier.poll(nowNs);
        nowNs += DELAY_NS;
        assertEquals(CAPACITY, copier.poll(nowNs));
        assertTrue(copy(0, OPEN, LENGTH, false) > Copier.DONE);
    }

    @Test
    void shouldMakeACopyThatTheEngineFailedAt() {
        failing = 1;
        for (int i = 0; i < 3; i++) {
            copy(i * 2048, OPEN, LENGTH, false);
        }
        copier.poll(nowNs);
        nowNs += DELAY_NS;
        assertEquals(3, copier.poll(nowNs));
        assertTrue(isCopied(0, LENGTH) && isCopied(2048, LENGTH) && isCopied(4096, LENGTH));
        assertEquals(1, counters.engineCopyFailures);
    }

    @Test
    void shouldWaitForATicket() {
        copy(0, OPEN, LENGTH, false);
        long second = copy(2048, OPEN, LENGTH, false);
        copy(4096, OPEN, LENGTH, false);
        copier.finish(second);
        assertTrue(copier.completed() >= second);
        assertTrue(isCopied(0, LENGTH) && isCopied(2048, LENGTH));
    }

    @Test
    void shouldStopAnEngineThatEndsNothing() {
        channel.isStuck = true;
        long ticket = copy(0, OPEN, LENGTH, false);
        copier.poll(nowNs);
        nowNs += EngineCopier.BROKEN_NS + 1;
        assertEquals(1, copier.poll(nowNs));
        assertTrue(channel.isStopped);
        assertEquals(ticket, copier.completed());
        assertTrue(isCopied(0, LENGTH));
        assertEquals(Copier.DONE, copy(2048, OPEN, LENGTH, false));
        assertTrue(isCopied(2048, LENGTH));
    }
}
