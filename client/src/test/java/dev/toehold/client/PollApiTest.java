package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The API without a thread of the library: offers, handlers, back-pressure. */
@Timeout(120)
class PollApiTest {
    private static final Duration MOMENT = Duration.ofMillis(100);

    @Test
    void shouldEchoProvidedBytesInPlaceWithoutBlocking(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect();
                Region region = toehold.register(1 << 16);
                Listener listener = toehold.listen(new InetSocketAddress("0.0.0.0", 7))) {
            FakePeer peer = engine.dial(7, 0);
            Connection connection = null;
            while (connection == null) {
                toehold.poll(MOMENT);
                connection = listener.tryAccept();
            }
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onReadable(Connection each) {
                    for (int length = each.receivedLength(); length > 0; length = each.receivedLength()) {
                        MemorySegment.copy(each.receivedMemory(), each.receivedOffset(), region.memory(), 0, length);
                        assertTrue(each.offerSend(region.location(0, length), 1) >= 0);
                        each.consumed(length);
                        assertThrows(IllegalStateException.class, () -> each.send(region.location(0, 1)));
                    }
                }
            });
            peer.send(Pattern.bytes(0, 1000));
            while (connection.acknowledgedPosition() < 1000) {
                toehold.poll(MOMENT);
            }
            assertArrayEquals(Pattern.bytes(0, 1000), peer.received());
            assertEquals(0, engine.copiedBytes(), "the application copied, the library did not");
            connection.close();
        }
    }

    @Test
    void shouldShowBackPressureAndGoOnWhenRoomReturns(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"), 1, 16, 64);
                Toehold toehold = Toehold.builder()
                        .socket(engine.path)
                        .polled()
                        .receiveBufferBytes(0)
                        .connect();
                Region region = toehold.register(1 << 16)) {
            Connection connection = toehold.open(StreamsTest.peer(1000));
            int[] sent = new int[1];
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onSent(Connection each, long token, int code) {
                    assertEquals(sent[0], token, "SENDs complete in order");
                    assertEquals(0, code);
                    sent[0]++;
                }
            });
            region.memory().copyFrom(MemorySegment.ofArray(Pattern.bytes(0, 1 << 16)));
            engine.throttle(0);
            long position = 0;
            int offered = 0;
            while (position >= 0) {
                position = connection.offerSend(region.location(offered * 10L, 10), offered);
                offered += position >= 0 ? 1 : 0;
            }
            assertEquals(ResultCode.BACK_PRESSURED, position);
            assertEquals(16, offered, "as many as the ring has entries");
            engine.throttle(3);
            while (offered < 5000) {
                position = connection.offerSend(region.location(offered % 6000 * 10L, 10), offered);
                offered += position >= 0 ? 1 : 0;
                toehold.poll();
            }
            while (sent[0] < 5000) {
                toehold.poll(MOMENT);
            }
            assertEquals(50_000, connection.acknowledgedPosition());
            assertArrayEquals(Pattern.bytes(0, 50_000), engine.peer(1000).received());
            IllegalStateException e = assertThrows(IllegalStateException.class, connection::inputStream);
            assertTrue(e.getMessage().contains("receiveBufferBytes"), e.getMessage());
        }
    }

    @Test
    void shouldReceiveInExplicitModeOnlyWhatIsAskedFor(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"), 1, 16, 64);
                Toehold toehold = Toehold.builder()
                        .socket(engine.path)
                        .polled()
                        .receiveBufferBytes(0)
                        .connect();
                Region region = toehold.register(1 << 16)) {
            Connection connection = toehold.open(StreamsTest.peer(FakeEngine.STREAM));
            long[] received = new long[1];
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onReceived(Connection each, long token, int length, int code) {
                    byte[] got = region.memory().asSlice(token * 1000, length).toArray(ValueLayout.JAVA_BYTE);
                    assertArrayEquals(Pattern.bytes(received[0], length), got);
                    received[0] += length;
                    if (received[0] < 1_000_000) {
                        assertEquals(0, each.offerReceive(region.location(token * 1000, 1000), 1000, token));
                    }
                }
            });
            for (int i = 0; i < 8; i++) {
                assertEquals(0, connection.offerReceive(region.location(i * 1000L, 1000), 1000, i));
            }
            while (received[0] < 1_000_000) {
                toehold.poll(MOMENT);
            }
            assertEquals(0, engine.copiedBytes());
            connection.abort();
        }
    }

    @Test
    void shouldFillReceiveFromBuffersBehindOneThatTheEngineHasNotTakenYet(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect();
                Region region = toehold.register(4096);
                Connection connection = toehold.open(StreamsTest.peer(1000))) {
            List<Integer> lengths = new ArrayList<>();
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onReceived(Connection each, long token, int length, int code) {
                    assertEquals(0, code);
                    lengths.add(length);
                }
            });
            engine.throttle(0);
            assertEquals(0, connection.offerReceive(region.location(0, 100), 100, 0));
            engine.peer(1000).send(Pattern.bytes(0, 250));
            while (connection.available() < 150) {
                toehold.poll(MOMENT);
            }
            for (int i = 1; i < 4; i++) {
                assertEquals(0, connection.offerReceive(region.location(i * 100L, 100), 100, i));
            }
            engine.throttle(Integer.MAX_VALUE);
            engine.peer(1000).send(Pattern.bytes(250, 350));
            while (connection.receivedPosition() < 600) {
                toehold.poll(MOMENT);
            }
            assertEquals(List.of(100, 100, 100, 100), lengths);
            assertArrayEquals(
                    Pattern.bytes(0, 400), region.location(0, 400).memory().toArray(ValueLayout.JAVA_BYTE));
            assertEquals(200, connection.available());
        }
    }

    /** Both directions have ended; the RECEIVE lay in the ring when the engine gave the handle up. */
    @Test
    void shouldMeetTheEndWithAReceiveThatTheEngineTookTooLate(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect();
                Region region = toehold.register(4096);
                Connection connection = toehold.open(StreamsTest.peer(1000))) {
            List<String> outcomes = new ArrayList<>();
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onReceived(Connection each, long token, int length, int code) {
                    outcomes.add("length=" + length + " code=" + code);
                }
            });
            engine.throttle(0);
            assertEquals(0, connection.offerReceive(region.location(0, 100), 1, 0));
            engine.peer(1000).endAndBeForgotten();
            while (!connection.isEndOfStream()) {
                toehold.poll(MOMENT);
            }
            assertEquals(List.of(), outcomes);
            engine.throttle(Integer.MAX_VALUE);
            while (outcomes.isEmpty()) {
                toehold.poll(MOMENT);
            }
            assertEquals(List.of("length=0 code=0"), outcomes);
        }
    }

    /** The engine has nothing to flush any more, and says so by the code that the contract has for it. */
    @Test
    void shouldTellALateFlushThatTheConnectionIsForgotten(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect();
                Connection connection = toehold.open(StreamsTest.peer(1000))) {
            List<String> outcomes = new ArrayList<>();
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onFlushed(Connection each, long token, int code) {
                    outcomes.add(token + " " + code);
                }
            });
            engine.throttle(0);
            assertEquals(ResultCode.OK, connection.offerFlush(5));
            engine.peer(1000).endAndBeForgotten();
            while (!connection.isEndOfStream()) {
                toehold.poll(MOMENT);
            }
            engine.throttle(Integer.MAX_VALUE);
            while (outcomes.isEmpty()) {
                toehold.poll(MOMENT);
            }
            assertEquals(List.of("5 " + ResultCode.STALE), outcomes);
        }
    }

    @Test
    void shouldBlockInTheCallersOwnThreadWhenPolled(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"), 2, 16, 64);
                Toehold toehold = Toehold.builder()
                        .socket(engine.path)
                        .polled()
                        .receiveBufferBytes(64 << 10)
                        .sendBufferBytes(64 << 10)
                        .connect();
                Connection connection = toehold.open(StreamsTest.peer(FakeEngine.ECHO))) {
            for (int i = 0; i < 200; i++) {
                byte[] bytes = Pattern.bytes(i, 5000);
                connection.outputStream().write(bytes);
                assertArrayEquals(bytes, connection.inputStream().readNBytes(5000));
            }
            assertEquals(
                    Long.toString(connection.id()), connection.info().fields().get("id"));
        }
    }

    @Test
    void shouldResetConnectionWhoseHandlerThrows(@TempDir Path directory) throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect();
                Connection connection = toehold.open(StreamsTest.peer(1000))) {
            Throwable[] seen = new Throwable[1];
            Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> seen[0] = e);
            connection.setHandler(new ConnectionHandler() {
                @Override
                public void onReadable(Connection each) {
                    throw new IllegalStateException("a bug of the application");
                }
            });
            engine.peer(1000).send(new byte[1]);
            while (seen[0] == null) {
                toehold.poll(MOMENT);
            }
            assertEquals("a bug of the application", seen[0].getMessage());
            while (!engine.peer(1000).sawReset()) {
                toehold.poll(MOMENT);
            }
        }
    }
}
