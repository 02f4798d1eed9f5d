package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that people use over the kernel's TCP, against client processes of the engine. */
final class PeerToolsIT {
    private static final int HTTP_PORT = 80;
    private static final int ECHO_PORT = 7;
    private static final int CLOSED_PORT = 81;
    private static final int FILE_BYTES = 3_000_017;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    private static Path root;
    private static byte[] content;

    @BeforeAll
    static void serve() throws Exception {
        root = Files.createDirectory(RIG.directory().resolve("root"));
        content = new Content(Seeds.next("PeerToolsIT")).bytes(0, FILE_BYTES);
        Files.write(root.resolve("file"), content);
        Files.write(root.resolve("small"), Arrays.copyOf(content, 100));
        RIG.serve("http", HTTP_PORT, "--root", root.toString());
        RIG.serve("echo", ECHO_PORT);
    }

    private static String url(boolean isIpv6, String file) {
        return "http://" + TestNetwork.engineHost(isIpv6) + "/" + file;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldServeCurl(boolean isIpv6) throws Exception {
        Path whole = RIG.directory().resolve("whole-" + isIpv6);
        Path part = RIG.directory().resolve("part-" + isIpv6);
        RIG.peer("curl", "-sSfg", "--max-time", "60", "-o", whole.toString(), url(isIpv6, "file"));
        assertArrayEquals(content, Files.readAllBytes(whole));

        RIG.peer(
                "curl",
                "-sSfg",
                "--max-time",
                "60",
                "-r",
                "1000001-2000002",
                "-o",
                part.toString(),
                url(isIpv6, "file"));
        assertArrayEquals(Arrays.copyOfRange(content, 1_000_001, 2_000_003), Files.readAllBytes(part));

        String upload = "upload-" + isIpv6;
        RIG.peer("curl", "-sSfg", "--max-time", "60", "-T", whole.toString(), url(isIpv6, upload));
        assertArrayEquals(content, Files.readAllBytes(root.resolve(upload)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepConnectionAliveForCurl(boolean isIpv6) throws Exception {
        String small = url(isIpv6, "small");
        ChildProcess curl = RIG.peer(
                "curl",
                "-sSfg",
                "--max-time",
                "60",
                "-o",
                "/dev/null",
                "-w",
                "%{num_connects} %{size_download}\\n",
                small,
                "-o",
                "/dev/null",
                small,
                "-o",
                "/dev/null",
                small);
        assertEquals("1 100\n0 100\n0 100\n", curl.out());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEchoForNetcat(boolean isIpv6) throws Exception {
        Path input = RIG.directory().resolve("netcat-" + isIpv6);
        byte[] sent = Arrays.copyOf(content, 200_003);
        Files.write(input, sent);
        ChildProcess netcat = RIG.peer(
                "sh",
                "-c",
                "nc -N -w 60 " + (isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4) + " " + ECHO_PORT + " <"
                        + input + " >" + input + ".echo");
        assertEquals("", netcat.err());
        assertArrayEquals(sent, Files.readAllBytes(Path.of(input + ".echo")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAnswerWrkWithoutSocketErrors(boolean isIpv6) throws Exception {
        ChildProcess wrk = RIG.peer("wrk", "-t1", "-c32", "-d3s", "--timeout", "30s", url(isIpv6, "small"));
        System.out.println(wrk.out());
        assertFalse(wrk.out().contains("Socket errors"), wrk.out());
        assertFalse(wrk.out().contains("Non-2xx"), wrk.out());
        assertFalse(wrk.out().contains(" 0 requests in"), wrk.out());
    }

    /** A SYN scan breaks off each connection with a RST; the fingerprints of -O are segments that no TCP sends. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldOutliveTheRawScansOfNmap(boolean isIpv6) throws Exception {
        String[] command = {
            "nmap",
            "-n",
            "-Pn",
            "-sS",
            "-O",
            "--max-os-tries",
            "1",
            "--reason",
            "-p",
            ECHO_PORT + "," + CLOSED_PORT,
            isIpv6 ? "-6" : "-4",
            isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4
        };
        String found = RIG.peer(command).out();
        assertTrue(found.matches("(?s).*\\b7/tcp +open .*syn-ack.*"), found);
        assertTrue(found.matches("(?s).*\\b81/tcp +closed .*reset.*"), found);
        shouldEchoForNetcat(isIpv6);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldShowOpenAndClosedPortsToNmap(boolean isIpv6) throws Exception {
        String[] command = {
            "nmap",
            "-n",
            "-Pn",
            "-sT",
            "--reason",
            "-p",
            ECHO_PORT + "," + HTTP_PORT + "," + CLOSED_PORT,
            isIpv6 ? "-6" : "-4",
            isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4
        };
        String found = RIG.peer(command).out();
        assertTrue(found.matches("(?s).*\\b7/tcp +open .*syn-ack.*"), found);
        assertTrue(found.matches("(?s).*\\b80/tcp +open .*syn-ack.*"), found);
        assertTrue(found.matches("(?s).*\\b81/tcp +closed .*conn-refused.*"), found);
    }
}
