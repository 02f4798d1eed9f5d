package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dma_skeleton, a driver that copies on a thread of its own, stands for hardware. */
class DmaDevIT {
    private static final int LENGTH = 1460;
    private static final long MAX_POLLS = 100_000_000;

    private static Eal eal;

    @BeforeAll
    static void startEal() {
        eal = Eal.init(EalConfig.ofMegabytes(32).withHugepages(EalConfig.Hugepages.NEVER));
    }

    @AfterAll
    static void stopEal() {
        eal.close();
    }

    @Test
    void shouldCopyInOrderAndTakeNoMoreThanItHolds() {
        try (Arena arena = Arena.ofConfined();
                DmaDev device = DmaDev.open("dma_skeleton0")) {
            assertTrue(device.hasSharedVirtualAddressing());
            final DmaChannel channel = device.start();
            final int count = channel.capacity();
            assertTrue(count >= 31, "capacity=" + count);
            final MemorySegment source = arena.allocate((long) count * LENGTH, 64);
            final MemorySegment destination = arena.allocate((long) count * LENGTH, 64);
            final byte[] bytes = new byte[count * LENGTH];
            new Random(1).nextBytes(bytes);
            MemorySegment.copy(bytes, 0, source, JAVA_BYTE, 0, bytes.length);
            for (int round = 0; round < 3; round++) {
                destination.fill((byte) 0);
                for (int i = 0; i < count; i++) {
                    final long at = (long) i * LENGTH;
                    assertTrue(channel.copy(source.address() + at, destination.address() + at, LENGTH), "copy " + i);
                }
                assertEquals(0, channel.completed(count), "nothing was begun");
                channel.submit();
                int done = 0;
                for (long poll = 0; poll < MAX_POLLS && done < count; poll++) {
                    final int more = channel.completed(count);
                    assertFalse(channel.hasFailure());
                    for (int i = done; i < done + more; i++) {
                        final long at = (long) i * LENGTH;
                        assertEquals(
                                -1, source.asSlice(at, LENGTH).mismatch(destination.asSlice(at, LENGTH)), "copy " + i);
                    }
                    done += more;
                }
                assertEquals(count, done);
                assertEquals(0, channel.completed(count));
            }
        }
    }

    @Test
    void shouldNameADeviceThatIsNotThere() {
        final DpdkUnavailableException e =
                assertThrows(DpdkUnavailableException.class, () -> DmaDev.open("0000:ff:1f.7"));
        assertTrue(e.getMessage().contains("no copy engine 0000:ff:1f.7"), e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> DmaDev.open("dma skeleton"));
    }

    @Test
    void shouldSayWhyTheIommuDoesNotMapARegion() {
        try (Arena arena = Arena.ofConfined();
                DmaDev device = DmaDev.open("dma_skeleton1")) {
            final String reason = device.map(arena.allocate(1 << 20, 4096));
            assertTrue(reason.contains("the IOMMU does not map 1048576 bytes"), reason);
        }
    }
}
