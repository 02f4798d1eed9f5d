package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer may send: what was asked for, or so much ahead of the reader. */
@Timeout(120)
class WindowModesTest {
    private static final int PORT = 1000;

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

    private ToeholdBuilder builder() {
        return Toehold.builder().socket(engine.path);
    }

    private long undelivered(Connection connection) throws IOException {
        connection.flush(); // a round trip: whatever may come has come
        return connection.receivedPosition();
    }

    @Test
    void shouldReceiveNothingUnaskedInExplicitMode() throws IOException {
        try (Toehold toehold = builder().explicitWindow().connect();
                Region region = toehold.register(4096);
                Connection connection = toehold.open(StreamsTest.peer(PORT))) {
            engine.peer(PORT).send(Pattern.bytes(0, 3000));
            assertEquals(0, undelivered(connection));
            assertEquals(1000, connection.receive(region.location(0, 1000), 1000));
            assertArrayEquals(
                    Pattern.bytes(0, 1000), region.location(0, 1000).memory().toArray(ValueLayout.JAVA_BYTE));
            assertEquals(1000, undelivered(connection), "the rest waits for the next RECEIVE");
            assertEquals(0, engine.copiedBytes());
            assertThrows(IllegalStateException.class, connection::inputStream);
            assertThrows(IllegalStateException.class, () -> connection.setReceiveCredit(4096));
        }
    }

    @Test
    void shouldOpenTheWindowForOneConnectionOnly() throws IOException {
        try (Toehold toehold = builder().receiveCreditBytes(0).connect();
                Connection explicit = toehold.open(StreamsTest.peer(PORT));
                Connection other = toehold.open(StreamsTest.peer(PORT + 1))) {
            engine.peer(PORT).send(Pattern.bytes(0, 30_000));
            engine.peer(PORT + 1).send(Pattern.bytes(0, 30_000));
            other.setReceiveCredit(5000);
            byte[] bytes = other.inputStream().readNBytes(30_000);
            assertArrayEquals(Pattern.bytes(0, 30_000), bytes, "a small credit is given back in small pieces");
            assertEquals(0, undelivered(explicit));
        }
    }

    @Test
    void shouldStopBehindWhatWasAllowedWhenModeBecomesExplicit() throws IOException {
        try (Toehold toehold = builder().receiveCreditBytes(8192).connect();
                Connection connection = toehold.open(StreamsTest.peer(PORT))) {
            engine.peer(PORT).send(Pattern.bytes(0, 20_000));
            while (connection.available() < 8192) {
                Thread.onSpinWait();
            }
            connection.setReceiveCredit(0);
            connection.setReadTimeout(Duration.ofMillis(50));
            assertEquals(8192, connection.inputStream().readNBytes(8192).length);
            assertEquals(8192, undelivered(connection));
            assertThrows(IllegalArgumentException.class, () -> connection.setReceiveCredit(-1));
        }
    }

    @Test
    void shouldShowReceivedBytesWhereTheyLie() throws IOException {
        try (Toehold toehold = builder().connect();
                Connection connection = toehold.open(StreamsTest.peer(PORT))) {
            assertEquals(0, connection.received().byteSize());
            engine.peer(PORT).send(Pattern.bytes(0, 100));
            assertEquals(100, connection.awaitReceived());
            MemorySegment view = connection.received();
            assertArrayEquals(Pattern.bytes(0, 100), view.toArray(ValueLayout.JAVA_BYTE));
            assertTrue(view.isReadOnly());
            connection.consumed(40);
            assertArrayEquals(Pattern.bytes(40, 60), connection.received().toArray(ValueLayout.JAVA_BYTE));
            assertEquals(0, engine.copiedBytes());
        }
    }
}
