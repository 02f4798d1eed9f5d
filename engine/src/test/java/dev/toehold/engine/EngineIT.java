package dev.toehold.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.engine.config.EngineConfig;
import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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

/** An engine in one network namespace, the kernel's TCP in another, a veth between. */
class EngineIT {
    private static final String NAME = "thei" + ProcessHandle.current().pid() % 100_000;

    @TempDir
    static Path directory;

    private static NetworkNamespace engineSide;
    private static NetworkNamespace peerSide;
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        engineSide = NetworkNamespace.create(NAME + "e");
        peerSide = NetworkNamespace.create(NAME + "p");
        engineSide.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth("eth1", "peer", peerSide);
                netlink.setUp(netlink.link("eth1").orElseThrow().index(), true);
                netlink.addAddress(netlink.link("eth1").orElseThrow().index(), IpPrefix.parse("10.0.9.9/24"), false);
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
        EngineException held = assertThrows(EngineException.class, () -> startEngine("10.0.9.9/24"));
        assertTrue(held.getMessage().contains("`ip addr del 10.0.9.9/24 dev eth1`"), held::getMessage);
        assertFalse(Files.exists(directory.resolve("state/state")));
        engine = startEngine("10.0.0.2/24");
    }

    private static Engine startEngine(String address) throws Exception {
        EngineConfig config = EngineConfig.parse("""
                [engine]
                name = "it"
                state = "%s/state"
                lcores = []
                max-connections = 1024
                hugepages = "never"
                [[port]]
                device = "eth1"
                addresses = ["%s", "fd00::2/64"]
                """.formatted(directory, address), "test");
        return engineSide.run(() -> Engine.start(config, new EchoRooms()));
    }

    @AfterAll
    static void stop() throws IOException {
        try {
            if (engine != null) {
                engine.close();
            }
            assertFalse(Files.exists(directory.resolve("state/state")));
            Path errors = directory.resolve("state/errors");
            assertFalse(Files.exists(errors), () -> "bugs were met: " + text(errors));
        } finally {
            peerSide.delete();
            engineSide.delete();
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).replaceAll("[^ -~]+", " ");
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static byte[] echo(String address, byte[] bytes) throws Exception {
        return peerSide.run(() -> {
            try (Socket socket = new Socket(address, EchoRooms.PORT);
                    ExecutorService writer = Executors.newSingleThreadExecutor()) {
                Future<?> written = writer.submit((Callable<Void>) () -> {
                    OutputStream out = socket.getOutputStream();
                    out.write(bytes);
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

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.2", "fd00::2"})
    void shouldEchoToTheKernel(String address) throws Exception {
        byte[] bytes = new byte[5_000_000];
        new Random(1).nextBytes(bytes);
        assertArrayEquals(bytes, echo(address, bytes));
    }

    @Test
    void shouldServeManyConnectionsAtOnce() throws Exception {
        byte[] bytes = new byte[100_000];
        new Random(2).nextBytes(bytes);
        List<Future<byte[]>> results = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            for (int i = 0; i < 64; i++) {
                results.add(clients.submit(() -> echo("10.0.0.2", bytes)));
            }
            for (Future<byte[]> result : results) {
                assertArrayEquals(bytes, result.get());
            }
        }
        assertEquals(64, results.size());
    }
}
