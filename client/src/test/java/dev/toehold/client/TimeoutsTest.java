package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever waits can be told how long, says so with the value and what to do, and leaves the connection usable. */
@Timeout(120)
class TimeoutsTest {
    private static final Duration SHORT = Duration.ofMillis(30);
    private static final int MANY = 8 << 20;

    @TempDir
    private Path directory;

    private FakeEngine engine;

    @BeforeEach
    void start() {
        engine = new FakeEngine(directory.resolve("control.sock"));
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private Toehold attach(boolean polled) throws IOException {
        ToeholdBuilder builder = Toehold.builder().socket(engine.path).patience(Duration.ofSeconds(20));
        return (polled ? builder.polled() : builder).connect();
    }

    private static void assertSays(SocketTimeoutException e, String... words) {
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), word + " in: " + e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTellHowMuchOfATimedOutWriteWasTaken(boolean polled) throws IOException {
        try (Toehold toehold = attach(polled);
                Connection connection = toehold.open(StreamsTest.peer(FakeEngine.STUCK))) {
            connection.setWriteTimeout(SHORT);
            byte[] bytes = Pattern.bytes(0, MANY);
            SocketTimeoutException e = assertThrows(
                    SocketTimeoutException.class,
                    () -> connection.outputStream().write(bytes));
            assertSays(e, "writeTimeout=PT0.03S", "bytesTransferred", "sendBufferBytes");
            assertTrue(e.bytesTransferred > 0 && e.bytesTransferred < MANY, () -> "" + e.bytesTransferred);
            assertEquals(connection.submittedPosition(), e.bytesTransferred);
            assertTrue(connection.isOpen());
            connection.abort();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTimeOutAWriterThatWaitsForMemoryWhichOthersHold(boolean polled) throws IOException {
        try (Toehold toehold = attach(polled)) {
            Connection[] stuck = new Connection[5];
            for (int i = 0; i < stuck.length; i++) {
                stuck[i] = toehold.open(StreamsTest.peer(FakeEngine.STUCK));
                Connection each = stuck[i];
                each.setWriteTimeout(SHORT);
                assertThrows(
                        SocketTimeoutException.class, () -> each.outputStream().write(new byte[MANY]));
            }
            assertEquals(0, stuck[0].lane().session().sendPool().freeCount());
            for (Connection each : stuck) {
                each.abort();
            }
            try (Connection other = toehold.open(StreamsTest.peer(FakeEngine.ECHO))) {
                other.setWriteTimeout(Duration.ofSeconds(60));
                other.outputStream().write(Pattern.bytes(0, 100_000)); // the memory of the dead is free again
            }
        }
    }

    @Test
    void shouldGoOnWhereATimedOutWriteStopped() throws IOException {
        try (Toehold toehold = attach(false)) {
            Connection connection = toehold.open(StreamsTest.peer(1000));
            byte[] bytes = Pattern.bytes(0, 3 << 20);
            engine.throttle(0);
            connection.setWriteTimeout(SHORT);
            SocketTimeoutException e = assertThrows(
                    SocketTimeoutException.class,
                    () -> connection.outputStream().write(bytes));
            engine.throttle(Integer.MAX_VALUE);
            connection.setWriteTimeout(Duration.ofSeconds(60));
            connection.outputStream().write(bytes, e.bytesTransferred, bytes.length - e.bytesTransferred);
            connection.shutdownOutput();
            while (!engine.peer(1000).sawEnd()) {
                Thread.onSpinWait();
            }
            assertArrayEquals(bytes, engine.peer(1000).received());
            connection.close();
        }
    }

    @Test
    void shouldSayWhoseTheMemoryOfATimedOutSendIs() throws IOException {
        try (Toehold toehold = attach(false);
                Region region = toehold.register(4096)) {
            Connection connection = toehold.open(StreamsTest.peer(FakeEngine.STUCK));
            connection.setWriteTimeout(SHORT);
            SocketTimeoutException e =
                    assertThrows(SocketTimeoutException.class, () -> connection.send(region.location(0, 4096)));
            assertSays(e, "writeTimeout=PT0.03S", "acknowledgedPosition=4096");
            connection.abort();
        }
    }

    @Test
    void shouldSayHowLongAReadWaited() throws IOException {
        try (Toehold toehold = attach(false);
                Connection connection = toehold.open(StreamsTest.peer(1000))) {
            connection.setReadTimeout(SHORT);
            assertSays(
                    assertThrows(
                            SocketTimeoutException.class,
                            () -> connection.inputStream().read()),
                    "readTimeout=PT0.03S",
                    "read again");
            assertThrows(IllegalArgumentException.class, () -> connection.setWriteTimeout(Duration.ofNanos(-1)));
        }
    }

    @Test
    void shouldNotWaitForeverForAStoppedEngine() throws IOException {
        try (Toehold toehold = Toehold.builder()
                .socket(engine.path)
                .patience(Duration.ofMillis(200))
                .connect()) {
            engine.throttle(0);
            assertSays(
                    assertThrows(
                            SocketTimeoutException.class, () -> toehold.open(StreamsTest.peer(FakeEngine.ECHO), SHORT)),
                    "timeout=30 ms",
                    "patience=PT0.2S",
                    "toehold status");
            assertSays(
                    assertThrows(
                            SocketTimeoutException.class, () -> toehold.listen(new InetSocketAddress("0.0.0.0", 90))),
                    "patience=PT0.2S",
                    "toehold status");
            engine.throttle(Integer.MAX_VALUE);
            while (engine.connectionCount() > 0 || engine.isListening(90)) {
                Thread.onSpinWait(); // what was asked for too late is given back
            }
        }
    }
}
