package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code addresses = "interface"}: what the kernel had is the engine's while it runs, and the kernel's again afterwards, as it was. */
final class TakeoverIT {
    private static final int ECHO_PORT = 7;
    private static final long SECONDS = 120;
    private static final String DEVICE = TestNetwork.ENGINE_DEVICE;

    @TempDir
    private Path directory;

    private TestNetwork network;
    private Path config;

    @BeforeEach
    void setUp() throws Exception {
        network = TestNetwork.create();
        config =
                Files.writeString(directory.resolve("engine.toml"), """
                [engine]
                name = "takeover"
                state = "%s"
                lcores = []
                [[port]]
                device = "%s"
                addresses = "interface"
                """.formatted(directory.resolve("engine"), DEVICE));
        ip("addr", "add", TestNetwork.ENGINE_IPV4 + "/24", "brd", "+", "dev", DEVICE, "label", DEVICE + ":main");
        ip("addr", "add", "10.79.0.2/28", "dev", DEVICE, "scope", "link", "noprefixroute");
        ip("addr", "add", "10.80.0.2/30", "dev", DEVICE, "valid_lft", "90900", "preferred_lft", "80900");
        run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/" + DEVICE + "/disable_ipv6");
        ip("-6", "addr", "add", TestNetwork.ENGINE_IPV6 + "/64", "dev", DEVICE, "nodad");
        ip("route", "add", "default", "via", TestNetwork.PEER_IPV4, "dev", DEVICE, "metric", "7", "proto", "dhcp");
        ip("route", "add", "10.81.0.0/16", "via", TestNetwork.PEER_IPV4, "src", TestNetwork.ENGINE_IPV4);
        ip("-6", "route", "add", "default", "via", TestNetwork.PEER_IPV6, "dev", DEVICE, "metric", "9");
    }

    @AfterEach
    void tearDown() {
        network.close();
    }

    @Test
    void shouldTakeEverythingAndGiveItBackAsItWas() throws Exception {
        awaitUsableAddresses();
        String before = held();
        for (String word : List.of("noprefixroute", ":main", "proto dhcp", "src 10.77.0.2", "fd77::2/64")) {
            assertTrue(before.contains(word), before);
        }
        try (ChildProcess engine = startEngine("engine")) {
            ChildProcess resets = watchResets();
            String during = held();
            for (String address : List.of("10.77.0.2", "10.79.0.2", "10.80.0.2", "fd77::2/64")) {
                assertFalse(during.contains(address), during);
            }
            try (ChildProcess server = serve()) {
                server.awaitReady(SECONDS);
                echoes(false);
                echoes(true);
            }
            resets.terminate();
            resets.awaitExit(SECONDS);
            assertEquals("", resets.out().strip(), "somebody reset the engine's connections");
            engine.terminate();
            assertEquals(0, engine.awaitExit(SECONDS), engine.err());
        }
        assertEquals(before, held());
        assertFalse(Files.exists(directory.resolve("engine")), "the state directory is left");
    }

    @Test
    void shouldGiveAddressesBackThatKilledEngineTook() throws Exception {
        try (ChildProcess engine = startEngine("killed")) {
            engine.kill();
        }
        assertFalse(held().contains("10.77.0.2"));
        try (ChildProcess engine = startEngine("next");
                ChildProcess server = serve()) {
            server.awaitReady(SECONDS);
            echoes(false);
            echoes(true);
            engine.terminate();
            assertEquals(0, engine.awaitExit(SECONDS), engine.err());
        }
        String after = held();
        for (String address : List.of("10.77.0.2/24", "10.79.0.2/28", "10.80.0.2/30", "fd77::2/64")) {
            assertTrue(after.contains(address), after);
        }
    }

    private ChildProcess startEngine(String name) throws Exception {
        List<String> command = EngineRig.run(config);
        return ChildProcess.start(name, network.onEngineSide(command), directory)
                .awaitReady(SECONDS);
    }

    private ChildProcess serve() throws Exception {
        String socket = directory.resolve("engine/control.sock").toString();
        return ChildProcess.start(
                "serve",
                EngineRig.toehold(
                        "serve",
                        List.of(
                                "serve",
                                "echo",
                                "--no-rehearsal",
                                "--listen",
                                "[::]:" + ECHO_PORT,
                                "--socket",
                                socket)),
                directory);
    }

    /** Prints a line for each RST, whoever sends it. */
    private ChildProcess watchResets() throws Exception {
        ChildProcess tcpdump = ChildProcess.start(
                "tcpdump",
                network.onPeerSide(List.of(
                        "tcpdump",
                        "-i",
                        TestNetwork.PEER_DEVICE,
                        "-n",
                        "-l",
                        "(tcp[tcpflags] & tcp-rst != 0) or (ip6[6] = 6 and ip6[53] & 4 != 0)")),
                directory);
        ChildProcess.await("tcpdump listens", SECONDS, () -> tcpdump.err().contains("listening on"));
        return tcpdump;
    }

    private void echoes(boolean isIpv6) throws Exception {
        Content content = new Content(Seeds.next("takeover"));
        try (SocketChannel socket = network.connect(ECHO_PORT, isIpv6)) {
            content.send(socket, 0, 50_000, 5_000);
            content.receive(socket, 0, 50_000);
            socket.shutdownOutput();
            assertEquals(-1, socket.read(ByteBuffer.allocate(1)));
        }
    }

    /** The kernel's own link-local address is tentative for a while (RFC 4862). */
    private void awaitUsableAddresses() throws Exception {
        for (int i = 0; i < 100 && held().contains("tentative"); i++) {
            Thread.sleep(100);
        }
        assertFalse(held().contains("tentative"));
    }

    /** Addresses and routes of the interface; lifetimes, which go on, to the next thousand seconds. */
    private String held() throws Exception {
        String all = ip("addr", "show", "dev", DEVICE)
                + ip("-4", "route", "show", "dev", DEVICE)
                + ip("-6", "route", "show", "dev", DEVICE);
        return all.replaceAll("(\\d+)\\d{3}sec", "$1...sec");
    }

    private String ip(String... arguments) throws Exception {
        return run(Stream.concat(Stream.of("ip"), Arrays.stream(arguments)).toArray(String[]::new));
    }

    private String run(String... command) throws Exception {
        try (ChildProcess child = ChildProcess.start("command", network.onEngineSide(List.of(command)), directory)) {
            assertEquals(0, child.awaitExit(SECONDS), String.join(" ", command) + ": " + child.err());
            return child.out();
        }
    }
}
