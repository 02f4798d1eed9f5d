package dev.toehold.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class DpdkMemoryTest {
    private static List<PortDevice> devices(final String... texts) {
        return List.of(texts).stream().map(PortDevice::parse).toList();
    }

    @Test
    void shouldNeedLittleForAnInterface() {
        final DpdkMemory memory = DpdkMemory.of(devices("eth1"), 1500, 1, 1024);
        assertEquals(4096, memory.mbufCount());
        assertEquals(2176, memory.dataRoom());
        assertTrue(memory.megabytes() <= 32, memory.toString());
    }

    @Test
    void shouldFitContainersWithJumboFramesAndSeveralLcores() {
        final DpdkMemory memory = DpdkMemory.of(devices("eth1", "xdp:eth2"), 3498, 2, 4096);
        assertTrue(memory.megabytes() <= 128, memory.toString());
        final DpdkMemory jumbo = DpdkMemory.of(devices("eth1", "net_ring0"), 9000, 4, 4096);
        assertTrue(jumbo.dataRoom() >= 9000 + 18 + 128, jumbo.toString());
        assertTrue(jumbo.megabytes() <= 256, jumbo.toString());
    }

    @Test
    void shouldCountWhatHardwareQueuesHold() {
        final DpdkMemory memory = DpdkMemory.of(devices("0000:03:00.0"), 1500, 4, 0);
        assertTrue(memory.mbufCount() >= 4 * 2 * DpdkPort.DESCRIPTORS, memory.toString());
    }

    @Test
    void shouldRefuseNonsense() {
        assertThrows(IllegalArgumentException.class, () -> DpdkMemory.of(devices("eth1"), 1500, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> DpdkMemory.of(devices("eth1"), 1500, 1, -1));
    }
}
