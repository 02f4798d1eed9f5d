package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EalArgumentsTest {
    @Test
    void shouldNotCombineNoHugeWithInMemory() {
        final List<String> arguments = Eal.arguments(EalConfig.ofMegabytes(64), false, "0-1", 127);
        assertTrue(arguments.containsAll(List.of("--no-huge", "--no-shconf", "--no-pci", "--iova-mode=va")));
        assertFalse(arguments.contains("--in-memory"));
    }

    @Test
    void shouldTakeHugepagesInMemory() {
        final List<String> arguments = Eal.arguments(EalConfig.ofMegabytes(64), true, "0-1", 127);
        assertTrue(arguments.containsAll(List.of("--in-memory", "--lcores=127@(0-1)", "-m", "64")));
        assertFalse(arguments.contains("--no-huge"));
    }

    @Test
    void shouldListCpusInRanges() {
        final BitSet cpus = new BitSet();
        cpus.set(0, 4);
        cpus.set(8);
        cpus.set(10, 12);
        assertEquals("0-3,8,10-11", Eal.cpuList(cpus));
        assertEquals("8", Eal.cpuList(only(8)));
    }

    private static BitSet only(final int cpu) {
        final BitSet cpus = new BitSet();
        cpus.set(cpu);
        return cpus;
    }

    @Test
    void shouldScanPciOnlyForTheDevicesNamed() {
        final EalConfig config = EalConfig.ofMegabytes(64).withPciDevices(List.of("0000:03:00.0"));
        final List<String> arguments = Eal.arguments(config, false, "0", 127);
        assertFalse(arguments.contains("--no-pci"));
        assertEquals("0000:03:00.0", arguments.get(arguments.indexOf("-a") + 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000:03:00.8", "eth0", "03:00", "0000:03:00.0 -d evil.so", ""})
    void shouldRefuseWhatIsNoPciAddress(final String address) {
        assertThrows(
                IllegalArgumentException.class, () -> EalConfig.ofMegabytes(64).withPciDevices(List.of(address)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 15, (1 << 20) + 1})
    void shouldRefuseMemoryOutOfRange(final int megabytes) {
        final IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> EalConfig.ofMegabytes(megabytes));
        assertTrue(e.getMessage().contains("memoryMegabytes=" + megabytes), e.getMessage());
    }

    private static void pages(final Path sysfs, final String size, final int free, final int reserved)
            throws IOException {
        final Path directory = Files.createDirectories(sysfs.resolve("hugepages-" + size));
        Files.writeString(directory.resolve("free_hugepages"), free + "\n");
        Files.writeString(directory.resolve("resv_hugepages"), reserved + "\n");
    }

    @Test
    void shouldFindEnoughHugepagesOfEitherSize(@TempDir final Path sysfs) throws IOException {
        pages(sysfs, "2048kB", 32, 0);
        assertNull(HugePages.shortage(sysfs, 64L << 20, false));
        pages(sysfs, "2048kB", 31, 0);
        pages(sysfs, "1048576kB", 1, 0);
        assertNull(HugePages.shortage(sysfs, 64L << 20, false));
    }

    @Test
    void shouldSayHowManyHugepagesAreMissing(@TempDir final Path sysfs) throws IOException {
        pages(sysfs, "2048kB", 40, 9);
        final String shortage = HugePages.shortage(sysfs, 64L << 20, false);
        assertTrue(shortage.contains("31 free pages of 2 MB"), shortage);
        assertTrue(shortage.contains("echo 32 > "), shortage);
    }
}
