package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.engine.config.EngineConfig;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An engine on net_tap, the one driver here that fills in checksums of what is sent and verifies those of what comes. The kernel behind the tap
 * is the peer, and judge of every checksum, as is tshark.
 */
class TapOffloadIT {
    private static final String NAME = "thto" + ProcessHandle.current().pid() % 100_000;
    private static final String TAP = "tt0";

    @TempDir
    static Path directory;

    private static NetworkNamespace namespace;
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        namespace = NetworkNamespace.create(NAME);
        EngineConfig config = EngineConfig.parse("""
                [engine]
                name = "tap"
                state = "%s/state"
                lcores = []
                max-connections = 1024
                hugepages = "never"
                [[port]]
                device = "net_tap0,iface=%s"
                addresses = ["10.0.0.2/24", "fd00::2/64"]
                """.formatted(directory, TAP), "test");
        engine = namespace.run(() -> Engine.start(config, new EchoRooms()));
        namespace.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                int link = netlink.link(TAP).orElseThrow().index();
                netlink.addAddress(link, IpPrefix.parse("10.0.0.1/24"), false);
                netlink.addAddress(link, IpPrefix.parse("fd00::1/64"), false);
                netlink.setUp(link, true);
            }
            return null;
        });
    }

    @AfterAll
    static void stop() throws Exception {
        try {
            if (engine != null) {
                engine.close();
            }
        } finally {
            namespace.delete();
        }
    }

    private static byte[] echo(String address, byte[] bytes) throws Exception {
        return namespace.run(() -> {
            try (Socket socket = new Socket(address, EchoRooms.PORT);
                    ExecutorService writer = Executors.newSingleThreadExecutor()) {
                Future<?> written = writer.submit((Callable<Void>) () -> {
                    socket.getOutputStream().write(bytes);
                    socket.shutdownOutput();
                    return null;
                });
                InputStream in = socket.getInputStream();
                byte[] received = in.readAllBytes();
                written.get();
                return received;
            }
        });
    }

    /** Tcp: InCsumErrors of the kernel in the namespace. */
    private static long checksumErrors() throws Exception {
        return namespace.run(() -> {
            // /proc/net is the thread's own view, /proc/self/net that of the process' first thread.
            List<String> tcp = Files.readAllLines(Path.of("/proc/thread-self/net/snmp")).stream()
                    .filter(line -> line.startsWith("Tcp:"))
                    .toList();
            int column = Arrays.asList(tcp.getFirst().split(" ", -1)).indexOf("InCsumErrors");
            return Long.parseLong(tcp.getLast().split(" ", -1)[column]);
        });
    }

    @Test
    void shouldHaveTheOffloadsThatThisTestIsAbout() {
        assertTrue(engine.ports().getFirst().adapter().checksumTransmit());
        assertTrue(engine.ports().getFirst().adapter().checksumReceive());
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "fd00::2"})
    void shouldLeaveChecksumsToThePort(String address) throws Exception {
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        Path capture = directory.resolve(address.replace(':', '_') + ".pcap");
        Process tcpdump = namespace.run(() -> new ProcessBuilder(
                        "tcpdump",
                        "-i",
                        TAP,
                        "-s",
                        "0",
                        "-U",
                        "-B",
                        "16384",
                        "-w",
                        capture.toString(),
                        "tcp",
                        "and",
                        "src",
                        "host",
                        address)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("tcpdump.log").toFile())
                .start());
        try {
            for (int tries = 0; tries < 500 && !(Files.exists(capture) && Files.size(capture) > 0); tries++) {
                Thread.sleep(10);
            }
            assertArrayEquals(bytes, echo(address, bytes));
            Thread.sleep(200);
        } finally {
            tcpdump.destroy();
            tcpdump.waitFor();
        }
        assertEquals(0, checksumErrors());
        assertEquals(0, countFrames(capture, "tcp.checksum.status != 1 || _ws.malformed"));
        assertTrue(countFrames(capture, "tcp.len > 0") > 600, "the capture holds what was sent");
    }

    private static long countFrames(Path capture, String filter) throws Exception {
        Process tshark = new ProcessBuilder(
                        "tshark",
                        "-r",
                        capture.toString(),
                        "-o",
                        "tcp.check_checksum:TRUE",
                        "-o",
                        "ip.check_checksum:TRUE",
                        "-Y",
                        filter)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String lines = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, tshark.waitFor());
        return lines.lines().count();
    }
}
