package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** EAL on 2 MB hugepages, which the test reserves if it may and gives back. */
class HugepagesIT {
    private static final Path SYSFS = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    private static final Path TOTAL = SYSFS.resolve("nr_hugepages");
    private static final int MEGABYTES = 32;
    private static final int PAGES = MEGABYTES / 2;

    /** Of this process only: others may take pages out of the pool meanwhile. */
    private static long hugetlbKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("HugetlbPages:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static int read(final String name) throws IOException {
        return Integer.parseInt(Files.readString(SYSFS.resolve(name)).strip());
    }

    private static void refuseMoreThanThereAre() {
        final EalConfig tooMuch = EalConfig.ofMegabytes(1 << 20).withHugepages(EalConfig.Hugepages.REQUIRED);
        final DpdkUnavailableException e = assertThrows(DpdkUnavailableException.class, () -> Eal.init(tooMuch));
        assertTrue(e.getMessage().startsWith("hugepages=REQUIRED: memory=1048576 MB"), e.getMessage());
        assertTrue(e.getMessage().contains("echo 524288 > /sys/kernel/mm/hugepages"), e.getMessage());
    }

    @Test
    void shouldTakeHugepagesAndGiveThemBack() throws IOException {
        refuseMoreThanThereAre();
        assumeTrue(Files.isWritable(TOTAL), "only root can reserve hugepages: " + TOTAL);
        final int before = read("nr_hugepages");
        try {
            Files.writeString(TOTAL, Integer.toString(before + PAGES));
            final int free = read("free_hugepages");
            assumeTrue(free >= PAGES, "the kernel has no memory for " + PAGES + " hugepages");
            try (Eal eal = Eal.init(EalConfig.ofMegabytes(MEGABYTES).withHugepages(EalConfig.Hugepages.REQUIRED))) {
                assertTrue(eal.isHugepages());
                assertEquals("hugepages", eal.memoryReason());
                assertTrue(hugetlbKilobytes() > 0, "EAL must hold hugepages");
                try (PktMbufPool pool = PktMbufPool.create("huge", 4095, 256, PktMbufPool.DEFAULT_DATA_ROOM, -1);
                        Lcore lcore = Lcore.register()) {
                    final MbufCache cache = new MbufCache(pool, lcore);
                    final MbufArray mbufs = new MbufArray(256);
                    assertTrue(cache.allocate(mbufs, 0, 256));
                    cache.free(mbufs, 0, 256);
                }
            }
            assertEquals(0, hugetlbKilobytes(), "every hugepage must be back");
        } finally {
            Files.writeString(TOTAL, Integer.toString(before));
        }
    }
}
