package dev.toehold.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The queue pair's bytes are frozen: a client of another language or build was compiled against them. */
class QueuePairLayoutTest {
    private static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    @Test
    void shouldFreezeHeaderOffsets() {
        assertEquals(0, QueuePairDescriptor.MAGIC_OFFSET);
        assertEquals(8, QueuePairDescriptor.ABI_MAJOR_OFFSET);
        assertEquals(10, QueuePairDescriptor.ABI_MINOR_OFFSET);
        assertEquals(12, QueuePairDescriptor.SQ_ENTRIES_OFFSET);
        assertEquals(16, QueuePairDescriptor.CQ_ENTRIES_OFFSET);
        assertEquals(20, QueuePairDescriptor.BUF_ENTRIES_OFFSET);
        assertEquals(24, QueuePairDescriptor.SQ_OFFSET_OFFSET);
        assertEquals(28, QueuePairDescriptor.CQ_OFFSET_OFFSET);
        assertEquals(32, QueuePairDescriptor.BUF_OFFSET_OFFSET);
        assertEquals(36, QueuePairDescriptor.LCORE_OFFSET);
        assertEquals(40, QueuePairDescriptor.EPOCH_OFFSET);
        assertEquals(48, QueuePairDescriptor.LENGTH_OFFSET);
        assertEquals(56, QueuePairDescriptor.READY_OFFSET);
    }

    @Test
    void shouldGiveEveryCounterItsOwnPairOfCacheLines() {
        int[] offsets = {
            QueuePairDescriptor.SQ_TAIL_OFFSET,
            QueuePairDescriptor.SQ_HEAD_OFFSET,
            QueuePairDescriptor.CQ_TAIL_OFFSET,
            QueuePairDescriptor.CQ_HEAD_OFFSET,
            QueuePairDescriptor.BUF_TAIL_OFFSET,
            QueuePairDescriptor.BUF_HEAD_OFFSET,
            QueuePairDescriptor.ENGINE_NEED_WAKEUP_OFFSET,
            QueuePairDescriptor.CLIENT_NEED_WAKEUP_OFFSET,
            QueuePairDescriptor.HEARTBEAT_NS_OFFSET,
            QueuePairDescriptor.COPIED_BYTES_OFFSET,
            QueuePairDescriptor.RINGS_OFFSET
        };
        int[] expected = {128, 256, 384, 512, 640, 768, 896, 1024, 1152, 1280, 1408};
        assertArrayEquals(expected, offsets);
    }

    @Test
    void shouldAlignRingsToCacheLines() {
        int sq = QueuePairDescriptor.DEFAULT_SQ_ENTRIES;
        int cq = QueuePairDescriptor.DEFAULT_CQ_ENTRIES;
        int buf = QueuePairDescriptor.DEFAULT_BUF_ENTRIES;
        assertEquals(1408 + 1024 * 64, QueuePairDescriptor.cqOffset(sq));
        assertEquals(1408 + 1024 * 64 + 4096 * 64, QueuePairDescriptor.bufOffset(sq, cq));
        assertEquals(1408 + 1024 * 64 + 4096 * 64 + 4096 * 8, QueuePairDescriptor.length(sq, cq, buf));
        assertEquals(0, QueuePairDescriptor.cqOffset(2) % 64);
        assertEquals(0, QueuePairDescriptor.bufOffset(2, 2) % 64);
        assertTrue(QueuePairDescriptor.length(1 << 16, 1 << 16, 1 << 16) < Integer.MAX_VALUE);
    }

    @Test
    void shouldWriteHeaderAsSpecified() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(QueuePairDescriptor.length(4, 8, 16), 128);
            QueuePairDescriptor.initialise(memory, 4, 8, 16, 3, 77);
            byte[] magic = memory.asSlice(0, 8).toArray(ValueLayout.JAVA_BYTE);
            assertEquals("TOEHOLDQ", new String(magic, StandardCharsets.US_ASCII));
            assertEquals(Abi.MAJOR | Abi.MINOR << 16, memory.get(U32, 8));
            assertEquals(4, memory.get(U32, 12));
            assertEquals(8, memory.get(U32, 16));
            assertEquals(16, memory.get(U32, 20));
            assertEquals(1408, memory.get(U32, 24));
            assertEquals(1408 + 256, memory.get(U32, 28));
            assertEquals(1408 + 256 + 512, memory.get(U32, 32));
            assertEquals(3, memory.get(U32, 36));
            assertEquals(77, memory.get(U64, 40));
            assertEquals(1408 + 256 + 512 + 128, memory.get(U64, 48));
            assertEquals(1, memory.get(U32, 56));
            QueuePairDescriptor.check(memory);
        }
    }

    @Test
    void shouldRefuseHeaderThatDoesNotFit() {
        try (Arena arena = Arena.ofConfined()) {
            int[] offsets = {0, 8, 12, 16, 20, 24, 28, 32, 48, 56};
            for (int offset : offsets) {
                MemorySegment memory = arena.allocate(QueuePairDescriptor.length(4, 8, 16), 128);
                QueuePairDescriptor.initialise(memory, 4, 8, 16, 0, 1);
                memory.set(U32, offset, memory.get(U32, offset) + 4);
                assertThrows(IllegalStateException.class, () -> QueuePairDescriptor.check(memory), "at " + offset);
            }
            MemorySegment cut = arena.allocate(QueuePairDescriptor.length(4, 8, 16), 128);
            QueuePairDescriptor.initialise(cut, 4, 8, 16, 0, 1);
            MemorySegment shorter = cut.asSlice(0, cut.byteSize() - 8);
            assertThrows(IllegalStateException.class, () -> QueuePairDescriptor.check(shorter));
            assertThrows(IllegalStateException.class, () -> QueuePairDescriptor.check(arena.allocate(16)));
        }
    }
}
