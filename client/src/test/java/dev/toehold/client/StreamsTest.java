package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Blocking streams against the fake engine. */
@Timeout(120)
class StreamsTest {
    private FakeEngine engine;
    private Toehold toehold;

    static InetSocketAddress peer(int port) {
        return new InetSocketAddress("10.0.0.1", port);
    }

    @BeforeEach
    void attach(@TempDir Path directory) throws IOException {
        engine = new FakeEngine(directory.resolve("control.sock"));
        toehold = Toehold.connect(engine.path);
    }

    @AfterEach
    void detach() {
        toehold.close();
        long lost = engine.lostWakeups();
        engine.close();
        assertEquals(0, lost, "lost wake-ups");
    }

    @Test
    void shouldEchoAndSeeTheEndOfTheStream() throws IOException {
        try (Connection connection = toehold.open(peer(FakeEngine.ECHO))) {
            byte[] bytes = Pattern.bytes(0, 1000);
            connection.outputStream().write(bytes);
            byte[] back = connection.inputStream().readNBytes(1000);
            assertArrayEquals(bytes, back);
            connection.shutdownOutput();
            assertEquals(-1, connection.inputStream().read());
            assertEquals(-1, connection.readInto(new byte[10]));
            assertTrue(connection.isEndOfStream());
            assertEquals(1000, connection.receivedPosition());
            assertEquals(1000, connection.consumedPosition());
            assertEquals(1000, connection.submittedPosition());
            assertEquals(new InetSocketAddress("10.0.0.1", FakeEngine.ECHO), connection.remoteAddress());
            assertEquals(new InetSocketAddress("10.0.0.2", 40_000), connection.localAddress());
        }
        assertEquals(2000, engine.copiedBytes());
    }

    @Test
    void shouldMoveMuchMoreThanAllBuffersHoldBothWays() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int total = 48 << 20;
        try (Connection connection = toehold.open(peer(FakeEngine.ECHO));
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<Void> writer = CompletableFuture.runAsync(
                    () -> {
                        try {
                            OutputStream out = connection.outputStream();
                            for (int at = 0; at < total; ) {
                                int length = Math.min(total - at, 1 + random.nextInt(100_000));
                                out.write(Pattern.bytes(at, length));
                                at += length;
                            }
                            connection.shutdownOutput();
                        } catch (IOException | RuntimeException e) {
                            connection.abort(); // else the reader waits for ever
                            throw new AssertionError(e);
                        }
                    },
                    executor);
            InputStream in = connection.inputStream();
            byte[] buffer = new byte[50_000];
            int at = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                for (int i = 0; i < count; i++) {
                    if (buffer[i] != Pattern.at(at + i)) {
                        throw new AssertionError("byte at " + (at + i) + " differs, seed=" + seed);
                    }
                }
                at += count;
            }
            writer.get(60, TimeUnit.SECONDS);
            assertEquals(total, at, "seed=" + seed);
        }
    }

    @Test
    void shouldWaitForPeerThatTakesNothingAndFailWhenItResets() throws Exception {
        try (Connection connection = toehold.open(peer(FakeEngine.STUCK));
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var writer = executor.submit(() -> {
                connection.outputStream().write(new byte[64 << 20]);
                return null;
            });
            while (connection.submittedPosition() < 1 << 20) {
                Thread.onSpinWait();
            }
            assertTrue(connection.submittedPosition() <= 2 << 20, "bounded by a share of the send memory");
            assertEquals(0, connection.acknowledgedPosition());
            engine.peer(FakeEngine.STUCK).reset();
            var e = assertThrows(java.util.concurrent.ExecutionException.class, () -> writer.get(30, TimeUnit.SECONDS));
            ToeholdException reason = (ToeholdException) e.getCause();
            assertEquals(dev.toehold.abi.ResultCode.RESET, reason.code());
        }
    }

    @Test
    void shouldGiveSendMemoryBackWhenEverythingIsAcknowledged() throws IOException {
        try (Connection connection = toehold.open(peer(FakeEngine.DISCARD))) {
            SendPool pool = connection.lane().session().sendPool();
            int all = pool.freeCount();
            for (int i = 0; i < 3000; i++) {
                connection.outputStream().write(i);
            }
            connection.outputStream().write(new byte[100_000]);
            while (connection.acknowledgedPosition() < 103_000) {
                Thread.onSpinWait();
            }
            connection.flush();
            assertEquals(all, pool.freeCount());
        }
    }

    @Test
    void shouldReadWhatCameBeforeResetThenThrow() throws IOException {
        Connection connection = toehold.open(peer(1000));
        FakePeer peer = engine.peer(1000);
        peer.send(Pattern.bytes(0, 100));
        while (connection.available() < 100) {
            Thread.onSpinWait();
        }
        peer.reset();
        while (connection.isOpen()) {
            Thread.onSpinWait();
        }
        assertArrayEquals(Pattern.bytes(0, 100), connection.inputStream().readNBytes(100));
        ToeholdException e = assertThrows(
                ToeholdException.class, () -> connection.inputStream().read());
        assertTrue(e.getMessage().contains("RESET"), e.getMessage());
        assertThrows(ToeholdException.class, () -> connection.outputStream().write(1));
        connection.close();
    }

    @Test
    void shouldTimeOutReadAndGoOnAfterwards() throws IOException {
        try (Connection connection = toehold.open(peer(1000))) {
            connection.setReadTimeout(Duration.ofMillis(20));
            assertThrows(
                    SocketTimeoutException.class, () -> connection.inputStream().read());
            engine.peer(1000).send(new byte[] {5});
            connection.setReadTimeout(Duration.ZERO);
            assertEquals(5, connection.inputStream().read());
        }
    }

    @Test
    void shouldSayWhyConnectFailed() {
        assertThrows(ConnectException.class, () -> toehold.open(peer(FakeEngine.REFUSED)));
        assertThrows(SocketTimeoutException.class, () -> toehold.open(peer(FakeEngine.TIMED_OUT)));
        var e = assertThrows(NoRouteToHostException.class, () -> toehold.open(peer(FakeEngine.UNREACHABLE)));
        assertTrue(e.getMessage().contains("UNREACHABLE"), e.getMessage());
        assertEquals(dev.toehold.abi.ResultCode.UNREACHABLE, ((ToeholdException) e.getCause()).code());
        assertThrows(
                java.net.UnknownHostException.class,
                () -> toehold.open(InetSocketAddress.createUnresolved("nowhere.invalid", 80)));
        assertThrows(IllegalArgumentException.class, () -> toehold.open(peer(0)));
    }

    @Test
    void shouldStopBlockedReaderWhenConnectionIsClosed() throws Exception {
        Connection connection = toehold.open(peer(1000));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var reader = executor.submit(() -> connection.inputStream().read());
            Thread.sleep(20);
            connection.close();
            var e = assertThrows(java.util.concurrent.ExecutionException.class, () -> reader.get(30, TimeUnit.SECONDS));
            assertTrue(
                    e.getCause().getMessage().contains("CLOSED"), e.getCause().getMessage());
        }
        connection.closeAsync().get(30, TimeUnit.SECONDS);
        assertTrue(engine.peer(1000).sawEnd());
        assertEquals(0, engine.connectionCount());
    }

    @Test
    void shouldInterruptBlockedReader() throws Exception {
        try (Connection connection = toehold.open(peer(1000))) {
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread reader = Thread.ofVirtual().start(() -> {
                try {
                    outcome.completeExceptionally(
                            new AssertionError(connection.inputStream().read()));
                } catch (IOException e) {
                    outcome.complete(e);
                }
            });
            reader.interrupt();
            assertEquals(
                    java.io.InterruptedIOException.class,
                    outcome.get(30, TimeUnit.SECONDS).getClass());
        }
    }
}
