package dev.toehold.ffi.dpdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What a user sees when a library of DPDK is not there: in a mount namespace of its own it is hidden from a second
 * JVM.
 */
class MissingLibraryIT {
    /** The second JVM: starts EAL, probes a device and prints how that ended. */
    static final class Start {
        public static void main(final String[] arguments) {
            try (Eal eal = Eal.init(EalConfig.ofMegabytes(32).withHugepages(EalConfig.Hugepages.NEVER))) {
                EthDev.probe(arguments[0]).close();
                System.out.println("started, hugepages=" + eal.isHugepages());
            } catch (final DpdkUnavailableException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private static Path loadedLibrary() throws IOException {
        Dpdk.load();
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.contains("/librte_eal.so."))
                .map(line -> Path.of(line.substring(line.indexOf('/'))))
                .findFirst()
                .orElseThrow();
    }

    private static String runWithout(final Path library, final String device) throws IOException, InterruptedException {
        final String script = "mount --bind /dev/null \"$0\" && exec \"$@\"";
        final Process process = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "sh",
                        "-c",
                        script,
                        library.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Start.class.getName(),
                        device)
                .redirectErrorStream(true)
                .start();
        final String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private static boolean canHideFiles() throws IOException, InterruptedException {
        return new ProcessBuilder(List.of("unshare", "-m", "true"))
                        .redirectErrorStream(true)
                        .start()
                        .waitFor()
                == 0;
    }

    @Test
    void shouldNameTheLibraryAndThePackage() throws Exception {
        assumeTrue(canHideFiles(), "only root may have a mount namespace");
        assertEquals(
                "DPDK 22.11 is needed: library librte_eal.so.23 cannot be loaded (damaged, or ldd names what it lacks);"
                        + " install package librte-eal23 with its drivers (Debian 12: dpdk)\n",
                runWithout(loadedLibrary(), "net_null0"));
    }

    @Test
    void shouldNameTheDriversPackage() throws Exception {
        assumeTrue(canHideFiles(), "only root may have a mount namespace");
        final Path driver =
                loadedLibrary().resolveSibling("librte_net_null.so.23").toRealPath();
        assertEquals(
                "there is no DPDK driver net_null; install package librte-net-null23\n",
                runWithout(driver, "net_null0"));
    }

    @Test
    void shouldStartWhenNothingIsMissing() throws Exception {
        assumeTrue(canHideFiles(), "only root may have a mount namespace");
        assertEquals("started, hugepages=false\n", runWithout(Path.of("/dev/zero"), "net_null0"));
    }
}
