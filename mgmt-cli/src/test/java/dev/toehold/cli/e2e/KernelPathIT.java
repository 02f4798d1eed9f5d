package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.Ethtool;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kernel-tap}: the kernel behind the engine, in both directions, beside connections of the engine. */
final class KernelPathIT {
    private static final int ECHO_PORT = 7;
    private static final int KERNEL_PORT = 5001;
    private static final int STREAM_BYTES = 20_000_000;
    private static final long SECONDS = 120;
    private static final String DEVICE = TestNetwork.ENGINE_DEVICE;
    private static final String TAP = "tap7";

    @TempDir
    private Path directory;

    private TestNetwork network;
    private SocketChannel peer;

    @BeforeEach
    void setUp() throws Exception {
        network = TestNetwork.create();
        run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/" + DEVICE + "/disable_ipv6");
        run("ip", "addr", "add", TestNetwork.ENGINE_IPV4 + "/24", "dev", DEVICE);
        run("ip", "-6", "addr", "add", TestNetwork.ENGINE_IPV6 + "/64", "dev", DEVICE, "nodad");
        run("ip", "route", "add", "10.81.0.0/16", "via", TestNetwork.PEER_IPV4);
        awaitUsableAddresses();
    }

    @AfterEach
    void tearDown() {
        network.close();
    }

    private Path config(String addresses, String tap) throws Exception {
        return Files.writeString(
                directory.resolve("engine.toml"), """
                [engine]
                name = "kernel-path"
                state = "%s"
                lcores = []
                rehearsal = "0s"
                [[port]]
                device = "%s"
                addresses = %s
                kernel-tap = "%s"
                """.formatted(directory.resolve("engine"), DEVICE, addresses, tap));
    }

    private ChildProcess startEngine(String name, Path config) throws Exception {
        return ChildProcess.start(name, network.onEngineSide(EngineRig.run(config)), directory);
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
                        directory)
                .awaitReady(SECONDS);
    }

    @Test
    void shouldServeTheKernelBesideTheEngineAndGiveEverythingBack() throws Exception {
        String before = held(DEVICE);
        try (ChildProcess engine =
                startEngine("engine", config("\"interface\"", TAP)).awaitReady(SECONDS)) {
            assertEquals("", held(DEVICE), "the device kept something");
            assertTrue(held(TAP).contains("10.77.0.2/24") && held(TAP).contains("10.81.0.0/16"), held(TAP));
            assertEquals(mac(DEVICE), mac(TAP));
            // Full and partial checksums of the peer's kernel.
            for (boolean isPartial : new boolean[] {true, false}) {
                network.peerSide().run(() -> {
                    try (Ethtool ethtool = Ethtool.open()) {
                        ethtool.set(TestNetwork.PEER_DEVICE, Ethtool.Offload.TX_CHECKSUM, isPartial);
                        ethtool.set(TestNetwork.PEER_DEVICE, Ethtool.Offload.TSO, false);
                        ethtool.set(TestNetwork.PEER_DEVICE, Ethtool.Offload.GSO, false);
                    }
                    return null;
                });
                for (boolean isIpv6 : new boolean[] {false, true}) {
                    datagrams(isIpv6);
                    pings(isIpv6);
                }
            }
            try (ChildProcess server = serve();
                    SocketChannel beside = network.connect(ECHO_PORT, false)) {
                Content content = new Content(Seeds.next("kernel-path"));
                content.send(beside, 0, 50_000, 5_000);
                long in = stream(false, true);
                long out = stream(true, false);
                content.receive(beside, 0, 50_000);
                System.out.println("kernel path: in " + in + " Mbit/s, out " + out + " Mbit/s");
                assertTrue(server.isAlive());
            }
            engine.terminate();
            assertEquals(0, engine.awaitExit(SECONDS), engine.err());
        }
        awaitUsableAddresses();
        assertEquals(before, held(DEVICE));
        assertFalse(run("ip", "link").contains(TAP), "the TAP is left");
        assertEquals("", run("nft", "list", "ruleset"), "the block is left");
        pings(false);
    }

    @Test
    void shouldOutliveAKilledEngine() throws Exception {
        String before = held(DEVICE);
        Path config = config("[\"10.77.0.2/24\", \"fd77::2/64\", \"10.77.0.9/24\"]", TAP);
        try (SocketChannel kernelEnd = accepted();
                SocketChannel peerEnd = peer) {
            try (ChildProcess engine = startEngine("killed", config).awaitReady(SECONDS)) {
                assertTrue(held(TAP).contains("10.77.0.9"), held(TAP));
                says(peerEnd, kernelEnd, 1);
                engine.kill();
            }
            assertEquals("", held(DEVICE), "the kernel has the addresses again");
            assertTrue(held(TAP).contains("10.77.0.2/24"), held(TAP));
            assertTrue(run("nft", "list", "ruleset").contains("policy drop"));
            try (ChildProcess engine = startEngine("next", config).awaitReady(SECONDS)) {
                says(kernelEnd, peerEnd, 2);
                engine.terminate();
                assertEquals(0, engine.awaitExit(SECONDS), engine.err());
            }
            awaitUsableAddresses();
            assertEquals(before, held(DEVICE), "the kernel did not get back what it had, and no more");
            says(peerEnd, kernelEnd, 3);
        }
    }

    @Test
    void shouldSayWhyATapCannotBeHad() throws Exception {
        String before = held(DEVICE);
        assertRefused("lo", "kernel-tap");
        assertRefused("a-name-too-long-for-linux", "kernel-tap");
        assertEquals(before, held(DEVICE));
    }

    private void assertRefused(String tap, String word) throws Exception {
        try (ChildProcess engine = startEngine("refused-" + tap, config("\"interface\"", tap))) {
            assertEquals(1, engine.awaitExit(SECONDS), engine.err());
            assertEquals(1, engine.err().strip().lines().count(), engine.err());
            assertTrue(engine.err().contains(word) && engine.err().contains(tap), engine.err());
        }
    }

    /** A connection of the kernel, from before the engine. */
    private SocketChannel accepted() throws Exception {
        try (ServerSocketChannel listener = network.engineSide().run(ServerSocketChannel::open)) {
            listener.bind(new InetSocketAddress(KERNEL_PORT));
            peer = network.connect(KERNEL_PORT, false);
            return listener.accept();
        }
    }

    private static void says(SocketChannel from, SocketChannel to, int value) throws Exception {
        from.write(ByteBuffer.wrap(new byte[] {(byte) value}));
        ByteBuffer received = ByteBuffer.allocate(1);
        assertEquals(1, to.read(received));
        assertEquals(value, received.get(0));
    }

    /** A checked stream of the kernel; the listener is on the engine's side in any case. Returns Mbit/s. */
    private long stream(boolean isIpv6, boolean isInward) throws Exception {
        try (ServerSocketChannel listener = network.engineSide().run(ServerSocketChannel::open)) {
            listener.bind(new InetSocketAddress(KERNEL_PORT));
            try (SocketChannel peerEnd = network.connect(KERNEL_PORT, isIpv6);
                    SocketChannel kernelEnd = listener.accept()) {
                Content content = new Content(Seeds.next("kernel-stream"));
                SocketChannel from = isInward ? peerEnd : kernelEnd;
                SocketChannel to = isInward ? kernelEnd : peerEnd;
                long startNs = System.nanoTime();
                Thread sender = Thread.startVirtualThread(() -> {
                    try {
                        content.send(from, 0, STREAM_BYTES, 65_536);
                        from.shutdownOutput();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
                content.receive(to, 0, STREAM_BYTES);
                assertEquals(-1, to.read(ByteBuffer.allocate(1)));
                sender.join();
                return STREAM_BYTES * 8_000L / (System.nanoTime() - startNs);
            }
        }
    }

    /** To the kernel and back. */
    private void datagrams(boolean isIpv6) throws Exception {
        try (DatagramChannel server = network.engineSide().run(DatagramChannel::open);
                DatagramChannel client = network.peerSide().run(DatagramChannel::open)) {
            server.bind(new InetSocketAddress(KERNEL_PORT));
            client.connect(TestNetwork.engineAddress(KERNEL_PORT, isIpv6));
            for (int length : new int[] {1, 100, 1400}) {
                client.write(ByteBuffer.wrap(new byte[length]));
                ByteBuffer received = ByteBuffer.allocate(2000);
                SocketAddress from = server.receive(received);
                assertEquals(length, received.flip().remaining());
                server.send(received, from);
                ByteBuffer answer = ByteBuffer.allocate(2000);
                assertEquals(length, client.read(answer));
            }
        }
    }

    private void pings(boolean isIpv6) throws Exception {
        String engine = isIpv6 ? TestNetwork.ENGINE_IPV6 : TestNetwork.ENGINE_IPV4;
        String peerAddress = isIpv6 ? TestNetwork.PEER_IPV6 : TestNetwork.PEER_IPV4;
        command(network.onPeerSide(List.of("ping", "-c", "3", "-i", "0.05", "-W", "5", engine)));
        command(network.onEngineSide(List.of("ping", "-c", "3", "-i", "0.05", "-W", "5", peerAddress)));
    }

    private String mac(String device) throws Exception {
        return run("ip", "link", "show", "dev", device).replaceAll("(?s).*link/ether (\\S+).*", "$1");
    }

    private void awaitUsableAddresses() throws Exception {
        ChildProcess.await("addresses are usable", SECONDS, () -> {
            try {
                return !run("ip", "addr").contains("tentative");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    /** Addresses and routes of an interface, sorted: a link-local address comes when it comes. */
    private String held(String device) throws Exception {
        String all = run("ip", "-o", "addr", "show", "dev", device).replaceAll("(?m)^\\d+: ", "")
                + run("ip", "-4", "route", "show", "dev", device)
                + run("ip", "-6", "route", "show", "dev", device);
        return String.join("\n", all.lines().map(String::strip).sorted().toList());
    }

    private String run(String... command) throws Exception {
        return command(network.onEngineSide(List.of(command)));
    }

    private String command(List<String> command) throws Exception {
        try (ChildProcess child = ChildProcess.start("command", command, directory)) {
            assertEquals(0, child.awaitExit(SECONDS), String.join(" ", command) + ": " + child.err() + child.out());
            return child.out();
        }
    }
}
