package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the verification suite that vendors of network cards test with, and against DPDK's own function. */
class ToeplitzHashTest {
    private static final byte[] KEY =
            HexFormat.of().parseHex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    private record Output(int exitCode, String text) {}

    @ParameterizedTest
    @CsvSource({
        "66.9.149.187, 2794, 161.142.100.80, 1766, 51ccc178",
        "199.92.111.2, 14230, 65.69.140.83, 4739, c626b0ea",
        "24.19.198.95, 12898, 12.22.207.184, 38024, 5c2b394a",
        "38.27.205.30, 48228, 209.142.163.6, 2217, afc7327f",
        "153.39.163.191, 44251, 202.188.127.2, 1303, 10e828a2",
        "3ffe:2501:200:1fff::7, 2794, 3ffe:2501:200:3::1, 1766, 40207d3d",
        "3ffe:501:8::260:97ff:fe40:efab, 14230, ff02::1, 4739, dde51bbf",
        "3ffe:1900:4545:3:200:f8ff:fe21:67cf, 44251, fe80::200:f8ff:fe21:67cf, 38024, 02d1feef",
    })
    void shouldMatchTheVerificationSuite(
            String source, int sourcePort, String destination, int destinationPort, String expected) {
        IpAddress from = IpAddress.parse(source);
        IpAddress to = IpAddress.parse(destination);
        int hash = new ToeplitzHash(KEY).hash(from.hi(), from.lo(), to.hi(), to.lo(), sourcePort, destinationPort);
        assertEquals(expected, HexFormat.of().toHexDigits(hash));
    }

    @Test
    void shouldRefuseAKeyThatIsTooShortForIpv6() {
        assertThrows(IllegalArgumentException.class, () -> new ToeplitzHash(new byte[39]));
    }

    @Test
    void shouldTellDirectionsApart() {
        ToeplitzHash hash = new ToeplitzHash(KEY);
        IpAddress a = IpAddress.parse("10.0.0.1");
        IpAddress b = IpAddress.parse("10.0.0.2");
        assertNotEquals(
                hash.hash(a.hi(), a.lo(), b.hi(), b.lo(), 1, 2), hash.hash(b.hi(), b.lo(), a.hi(), a.lo(), 2, 1));
    }

    private static Output run(List<String> command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Output(process.waitFor(), text);
        } catch (IOException e) {
            return new Output(-1, e.getMessage());
        }
    }

    /** Tuples and keys by chance, hashed by rte_softrss of DPDK's headers, where they and a compiler are. */
    @Test
    void shouldMatchWhatDpdkComputes(@TempDir Path directory) throws Exception {
        Output flags = run(List.of("pkg-config", "--cflags", "libdpdk"));
        assumeTrue(flags.exitCode() == 0, "no DPDK headers here (package libdpdk-dev): " + flags.text());
        assumeTrue(run(List.of("cc", "--version")).exitCode() == 0, "no C compiler here (package gcc)");
        Path program = directory.resolve("softrss");
        List<String> compile = new ArrayList<>(List.of("cc", "-O1"));
        compile.addAll(List.of(flags.text().strip().split("\\s+")));
        compile.addAll(List.of("src/test/c/softrss.c", "-o", program.toString()));
        Output compiled = run(compile);
        assertEquals(0, compiled.exitCode(), compiled.text());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 20; round++) {
            byte[] key = new byte[ToeplitzHash.KEY_LENGTH];
            random.nextBytes(key);
            List<String> command =
                    new ArrayList<>(List.of(program.toString(), HexFormat.of().formatHex(key)));
            List<String> expected = new ArrayList<>();
            ToeplitzHash hash = new ToeplitzHash(key);
            for (int i = 0; i < 50; i++) {
                boolean isIpv4 = random.nextBoolean();
                byte[] tuple = new byte[(isIpv4 ? 8 : 32) + 4];
                random.nextBytes(tuple);
                command.add(HexFormat.of().formatHex(tuple));
                expected.add(HexFormat.of().toHexDigits(hash(hash, tuple, isIpv4)));
            }
            Output printed = run(command);
            assertEquals(0, printed.exitCode(), printed.text());
            assertEquals(expected, printed.text().lines().toList(), () -> "seed=" + seed);
        }
        Files.delete(program);
    }

    private static int hash(ToeplitzHash hash, byte[] tuple, boolean isIpv4) {
        int ports = tuple.length - 4;
        int sourcePort = (int) word(tuple, ports, 2);
        int destinationPort = (int) word(tuple, ports + 2, 2);
        return isIpv4
                ? hash.hash(
                        0,
                        0xFFFF_0000_0000L | word(tuple, 0, 4),
                        0,
                        0xFFFF_0000_0000L | word(tuple, 4, 4),
                        sourcePort,
                        destinationPort)
                : hash.hash(
                        word(tuple, 0, 8),
                        word(tuple, 8, 8),
                        word(tuple, 16, 8),
                        word(tuple, 24, 8),
                        sourcePort,
                        destinationPort);
    }

    private static long word(byte[] bytes, int from, int length) {
        long word = 0;
        for (int i = from; i < from + length; i++) {
            word = word << 8 | Byte.toUnsignedLong(bytes[i]);
        }
        return word;
    }
}
