package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.client.Connection;
import dev.toehold.client.ConnectionInfo;
import dev.toehold.client.Listener;
import dev.toehold.client.Location;
import dev.toehold.client.Region;
import dev.toehold.client.Toehold;
import dev.toehold.engine.config.EngineConfig;
import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** A whole engine with client programs on it, and the kernel's TCP as their peer: real bytes through every room. */
class ClientRoomsIT {
    private static final String NAME = "thsr" + ProcessHandle.current().pid() % 100_000;
    private static final int ECHO = 7;
    private static final int SINK = 9;

    @TempDir
    static Path directory;

    private static NetworkNamespace engineSide;
    private static NetworkNamespace peerSide;
    private static Engine engine;
    private static Toehold client;
    private static Listener echo;
    private static Path socket;

    @BeforeAll
    static void start() throws Exception {
        engineSide = NetworkNamespace.create(NAME + "e");
        peerSide = NetworkNamespace.create(NAME + "p");
        engineSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth("eth1", "peer", peerSide);
                netlink.setUp(netlink.link("eth1").orElseThrow().index(), true);
            }
            return null;
        });
        peerSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                int link = netlink.link("peer").orElseThrow().index();
                netlink.addAddress(link, IpPrefix.parse("10.0.0.1/24"), false);
                netlink.addAddress(link, IpPrefix.parse("fd00::1/64"), false);
                netlink.setUp(link, true);
            }
            // The kernel would send frames of 64 KiB through a veth, which no port can take.
            try (Ethtool ethtool = Ethtool.open()) {
                ethtool.set("peer", Ethtool.Offload.TSO, false);
                ethtool.set("peer", Ethtool.Offload.GSO, false);
            }
            return null;
        });
        socket = directory.resolve("state/control.sock");
        EngineConfig config = EngineConfig.parse("""
                [engine]
                name = "rooms"
                state = "%s/state"
                lcores = []
                max-connections = 1024
                hugepages = "never"
                [[port]]
                device = "eth1"
                addresses = ["10.0.0.2/24", "fd00::2/64"]
                """.formatted(directory), "test");
        engine = engineSide.run(() -> Engine.start(config, new ClientRooms("test")));
        client = Toehold.builder().socket(socket).name("echo").connect();
        echo = client.listen(new InetSocketAddress("0.0.0.0", ECHO));
        Thread.ofVirtual().start(ClientRoomsIT::serveEcho);
        Listener echo6 = client.listen(new InetSocketAddress("fd00::2", ECHO));
        Thread.ofVirtual().start(() -> serve(echo6));
    }

    private static void serveEcho() {
        serve(echo);
    }

    private static void serve(Listener listener) {
        try {
            while (true) {
                Connection connection = listener.accept();
                Thread.ofVirtual().start(() -> echo(connection));
            }
        } catch (IOException e) {
            assertFalse(e.getMessage().isEmpty()); // the end of the test closes the listener
        }
    }

    private static void echo(Connection connection) {
        try (connection) {
            connection.inputStream().transferTo(connection.outputStream());
            connection.outputStream().flush();
        } catch (IOException e) {
            connection.abort();
        }
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            if (client != null) {
                client.close();
            }
            if (engine != null) {
                engine.close();
            }
            assertFalse(Files.exists(socket));
            assertFalse(Files.exists(directory.resolve("state/errors")));
        } finally {
            peerSide.delete();
            engineSide.delete();
        }
    }

    private static byte[] roundTrip(String address, byte[] bytes) throws Exception {
        return peerSide.run(() -> {
            try (Socket peer = new Socket(address, ECHO);
                    ExecutorService writer = Executors.newSingleThreadExecutor()) {
                Future<?> written = writer.submit((Callable<Void>) () -> {
                    OutputStream out = peer.getOutputStream();
                    out.write(bytes);
                    peer.shutdownOutput();
                    return null;
                });
                InputStream in = peer.getInputStream();
                byte[] received = in.readAllBytes();
                written.get();
                return received;
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "fd00::2"})
    void shouldEchoToTheKernel(String address) throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        assertArrayEquals(bytes, roundTrip(address, bytes));
    }

    @Test
    void shouldServeManyConnectionsAtOnce() throws Exception {
        byte[] bytes = new byte[200_000];
        new Random(2).nextBytes(bytes);
        List<Future<byte[]>> results = new ArrayList<>();
        try (ExecutorService peers = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < 128; i++) {
                results.add(peers.submit(() -> roundTrip("10.0.0.2", bytes)));
            }
            for (Future<byte[]> result : results) {
                assertArrayEquals(bytes, result.get());
            }
        }
        assertEquals(128, results.size());
    }

    @Test
    void shouldConnectToTheKernelAndReceiveDirectly() throws Exception {
        int length = 1 << 20;
        byte[] bytes = new byte[length];
        new Random(3).nextBytes(bytes);
        try (ExecutorService writer = Executors.newSingleThreadExecutor();
                ServerSocket server = peerSide.run(() -> new ServerSocket(SINK));
                Toehold direct = Toehold.builder()
                        .socket(socket)
                        .name("direct")
                        .receiveBufferBytes(0)
                        .connect();
                Region region = direct.register(length)) {
            Future<?> written = writer.submit((Callable<Void>) () -> {
                try (Socket accepted = server.accept()) {
                    accepted.getOutputStream().write(bytes);
                    accepted.shutdownOutput();
                    assertEquals(-1, accepted.getInputStream().read());
                }
                return null;
            });
            try (Connection connection = direct.open(new InetSocketAddress("10.0.0.1", SINK))) {
                assertEquals(length, connection.receive(new Location(region, 0, length), length));
                byte[] received = new byte[length];
                MemorySegment.copy(region.memory(), ValueLayout.JAVA_BYTE, 0, received, 0, length);
                assertArrayEquals(bytes, received);
            }
            written.get();
        }
    }

    @Test
    void shouldResetTheConnectionsOfAClientThatGoes() throws Exception {
        int port = 77;
        Toehold brief = Toehold.builder().socket(socket).name("brief").connect();
        Listener listener = brief.listen(new InetSocketAddress("10.0.0.2", port));
        try (Socket peer = peerSide.run(() -> new Socket("10.0.0.2", port))) {
            Connection connection = listener.accept();
            peer.getOutputStream().write(1);
            assertEquals(1, connection.inputStream().read());
            brief.close();
            peer.setSoTimeout(10_000);
            try {
                assertEquals(-1, peer.getInputStream().read());
            } catch (SocketException reset) {
                assertTrue(reset.getMessage().contains("reset"), reset::getMessage);
            }
        }
    }

    @Test
    void shouldTellTheStateOfAConnection() throws Exception {
        int port = 78;
        int length = 100_000;
        try (Toehold own = Toehold.builder().socket(socket).name("state").connect();
                Listener listener = own.listen(new InetSocketAddress("10.0.0.2", port));
                Socket peer = peerSide.run(() -> new Socket("10.0.0.2", port));
                Connection connection = listener.accept()) {
            peer.getOutputStream().write(new byte[length]);
            assertEquals(length, connection.inputStream().readNBytes(length).length);
            connection.outputStream().write(new byte[length]);
            connection.outputStream().flush();
            assertEquals(length, peer.getInputStream().readNBytes(length).length);
            while (connection.info().ackedBytes() < length) {
                Thread.onSpinWait();
            }
            ConnectionInfo info = connection.info();
            assertEquals("ESTABLISHED", info.state());
            assertEquals("passive", info.opener());
            assertEquals("cubic", info.congestionControl());
            assertEquals("open", info.recoveryPhase());
            assertTrue(info.sack() && info.timestamps() && info.windowScaling(), info::toString);
            assertEquals(1460, info.peerMss());
            assertEquals(1500, info.pmtu());
            assertEquals(length, info.receivedBytes());
            assertEquals(length, info.placedBytes());
            assertEquals(length + info.retransmittedBytes(), info.sentBytes());
            assertEquals(0, info.inFlightBytes() + info.unsentBytes());
            assertTrue(info.segmentsIn() > length / 1460 && info.segmentsOut() > length / 1460, info::toString);
            assertTrue(info.rtt().isPositive() && info.rto().compareTo(info.rtt()) > 0, info::toString);
            assertTrue(info.cwnd() > 0 && info.sndWnd() > 0 && info.rcvWnd() > 0, info::toString);
            assertEquals(Long.toString(connection.id()), info.fields().get("handle"));
        }
    }
}
