package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** RECEIVE and SEND on a region: where bytes land, in which order, and who copied them. */
@Timeout(120)
class DirectPlacementTest {
    private FakeEngine engine;
    private Toehold toehold;
    private Region region;
    private Connection connection;
    private FakePeer peer;

    @BeforeEach
    void attach(@TempDir Path directory) throws IOException {
        engine = new FakeEngine(directory.resolve("control.sock"));
        toehold = Toehold.connect(engine.path);
        region = toehold.register(4 << 20);
        connection = toehold.open(StreamsTest.peer(1000));
        peer = engine.peer(1000);
    }

    @AfterEach
    void detach() {
        toehold.close();
        long lost = engine.lostWakeups();
        engine.close();
        assertEquals(0, lost, "lost wake-ups");
    }

    private byte[] bytes(long offset, int length) {
        return region.memory().asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }

    @Test
    void shouldPlacePostedReceivesWithoutAnyCopy() throws Exception {
        List<CompletableFuture<Integer>> receives = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            receives.add(connection.receiveAsync(region.location(i * 1000L, 1000), 1000));
        }
        assertEquals(ResultCode.LIMIT, connection.offerReceive(region.location(0, 10), 10, 0));
        for (int at = 0; at < 64_000; at += 777) {
            peer.send(Pattern.bytes(at, Math.min(777, 64_000 - at)));
        }
        for (CompletableFuture<Integer> receive : receives) {
            assertEquals(1000, receive.get(30, TimeUnit.SECONDS));
        }
        assertArrayEquals(Pattern.bytes(0, 64_000), bytes(0, 64_000));
        assertEquals(0, engine.copiedBytes());
        assertEquals(64_000, connection.consumedPosition());
    }

    @Test
    void shouldCopyAndCountWhatCameBeforeTheReceive() throws IOException {
        peer.send(Pattern.bytes(0, 5000));
        while (connection.available() < 5000) {
            Thread.onSpinWait();
        }
        assertEquals(0, engine.copiedBytes());
        assertEquals(5000, connection.receive(region.location(100, 8000), 4000));
        assertArrayEquals(Pattern.bytes(0, 5000), bytes(100, 5000));
        assertEquals(5000, engine.copiedBytes());
        assertEquals(5000, connection.consumedPosition());
    }

    @Test
    void shouldJoinBytesThatWereBoundElsewhereWithPlacedOnes() throws Exception {
        peer.bindAhead(); // [0, 2048) belongs to a provided buffer before the RECEIVE comes
        CompletableFuture<Integer> receive = connection.receiveAsync(region.location(64, 10_000), 10_000);
        CompletableFuture<Integer> next = connection.receiveAsync(region.location(20_000, 500), 500);
        peer.send(Pattern.bytes(0, 3000));
        peer.send(Pattern.bytes(3000, 7500));
        assertEquals(10_000, receive.get(30, TimeUnit.SECONDS));
        assertEquals(500, next.get(30, TimeUnit.SECONDS));
        assertArrayEquals(Pattern.bytes(0, 10_000), bytes(64, 10_000));
        assertArrayEquals(Pattern.bytes(10_000, 500), bytes(20_000, 500));
        assertTrue(engine.copiedBytes() >= 2048 && engine.copiedBytes() < 10_000, "copied=" + engine.copiedBytes());
    }

    @Test
    void shouldFillReceiveThatLiesWhollyInBuffersBoundBefore() throws Exception {
        peer.bindAhead();
        CompletableFuture<Integer> receive = connection.receiveAsync(region.location(0, 1000), 1000);
        peer.send(Pattern.bytes(0, 1500));
        assertEquals(1000, receive.get(30, TimeUnit.SECONDS));
        assertArrayEquals(Pattern.bytes(0, 1000), bytes(0, 1000));
        assertArrayEquals(Pattern.bytes(1000, 500), connection.inputStream().readNBytes(500));
    }

    @Test
    void shouldKeepOrderBehindReceiveThatMayCompleteShort() throws Exception {
        CompletableFuture<Integer> first = connection.receiveAsync(region.location(0, 1000), 10);
        CompletableFuture<Integer> second = connection.receiveAsync(region.location(1000, 1000), 1000);
        peer.send(Pattern.bytes(0, 300));
        assertEquals(300, first.get(30, TimeUnit.SECONDS));
        peer.send(Pattern.bytes(300, 1000));
        assertEquals(1000, second.get(30, TimeUnit.SECONDS));
        assertArrayEquals(Pattern.bytes(0, 300), bytes(0, 300));
        assertArrayEquals(Pattern.bytes(300, 1000), bytes(1000, 1000));
    }

    @Test
    void shouldMixReceivesAndStreamReadsByteForByte() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Connection stream = toehold.open(StreamsTest.peer(FakeEngine.STREAM));
        engine.peer(FakeEngine.STREAM).keepsBuffers = random.nextBoolean();
        long at = 0;
        byte[] target = new byte[30_000];
        for (int i = 0; i < 3000; i++) {
            int length = 1 + random.nextInt(30_000);
            byte[] got;
            if (random.nextBoolean()) {
                int count = stream.receive(region.location(7, length), 1 + random.nextInt(length));
                got = bytes(7, count);
            } else {
                int count = stream.readInto(target, 0, length);
                got = java.util.Arrays.copyOf(target, count);
            }
            assertArrayEquals(Pattern.bytes(at, got.length), got, "position=" + at + " seed=" + seed);
            at += got.length;
        }
        assertEquals(at, stream.consumedPosition(), "seed=" + seed);
        stream.abort();
    }

    @Test
    void shouldReturnWhatIsThereAtTheEndOfTheStream() throws Exception {
        CompletableFuture<Integer> first = connection.receiveAsync(region.location(0, 1000), 1000);
        CompletableFuture<Integer> second = connection.receiveAsync(region.location(1000, 1000), 1000);
        peer.send(Pattern.bytes(0, 600));
        peer.end();
        assertEquals(600, first.get(30, TimeUnit.SECONDS));
        assertEquals(0, second.get(30, TimeUnit.SECONDS));
        assertEquals(-1, connection.receive(region.location(0, 10), 1));
        assertArrayEquals(Pattern.bytes(0, 600), bytes(0, 600));
    }

    @Test
    void shouldTakeMemoryBackAfterTimeout() throws IOException {
        connection.setReadTimeout(Duration.ofMillis(20));
        assertThrows(SocketTimeoutException.class, () -> connection.receive(region.location(0, 100), 1));
        peer.send(Pattern.bytes(0, 40));
        assertEquals(40, connection.receive(region.location(0, 100), 40));
        peer.send(Pattern.bytes(40, 10));
        while (connection.receivedPosition() < 50 && connection.available() == 0) {
            Thread.onSpinWait();
        }
        assertEquals(10, connection.receive(region.location(0, 100), 60), "what came until the timeout");
        assertArrayEquals(Pattern.bytes(40, 10), bytes(0, 10));
    }

    @Test
    void shouldSendFromRegionAndKnowWhenItsMemoryIsFree() throws Exception {
        byte[] payload = Pattern.bytes(0, 1 << 20);
        region.memory().asSlice(0, payload.length).copyFrom(java.lang.foreign.MemorySegment.ofArray(payload));
        List<CompletableFuture<Void>> sends = new ArrayList<>();
        for (int at = 0; at < payload.length; at += 1 << 16) {
            sends.add(connection.sendAsync(region.location(at, 1 << 16)));
        }
        for (CompletableFuture<Void> send : sends) {
            send.get(30, TimeUnit.SECONDS);
        }
        connection.send(region.location(0, 10));
        assertEquals(payload.length + 10, connection.acknowledgedPosition());
        byte[] got = peer.received();
        assertArrayEquals(payload, java.util.Arrays.copyOf(got, payload.length));
        assertEquals(0, engine.copiedBytes());
    }

    @Test
    void shouldKeepUncompletedSubmissionsAsARecord() throws IOException {
        Connection stuck = toehold.open(StreamsTest.peer(FakeEngine.STUCK));
        assertEquals(0, stuck.offerSend(region.location(10, 100), 1));
        assertEquals(100, stuck.offerSend(region.location(500, 50), 2));
        assertEquals(0, stuck.offerReceive(region.location(1000, 300), 300, 3));
        List<String> recorded = new ArrayList<>();
        stuck.lane().lock();
        try {
            stuck.core()
                    .forEachUncompleted((op, position, regionId, offset, length) ->
                            recorded.add(op + " " + position + " " + offset + " " + length));
        } finally {
            stuck.lane().unlock();
        }
        assertEquals(List.of(Op.RECEIVE + " 0 1000 300", Op.SEND + " 0 10 100", Op.SEND + " 100 500 50"), recorded);
        stuck.abort();
    }

    @Test
    void shouldFailOutstandingOperationsWhenReset() {
        CompletableFuture<Integer> receive = connection.receiveAsync(region.location(0, 100), 100);
        peer.reset();
        ExecutionException e = assertThrows(ExecutionException.class, () -> receive.get(30, TimeUnit.SECONDS));
        assertEquals(ResultCode.RESET, ((ToeholdException) e.getCause()).code());
        assertThrows(ToeholdException.class, () -> connection.receive(region.location(0, 10), 1));
        assertThrows(ToeholdException.class, () -> connection.send(region.location(0, 10)));
    }

    @Test
    void shouldRefuseWrongLocations() throws IOException {
        assertThrows(IndexOutOfBoundsException.class, () -> region.location(4 << 20, 1));
        assertThrows(IndexOutOfBoundsException.class, () -> region.location(-1, 1));
        assertThrows(IllegalArgumentException.class, () -> region.location(0, 0));
        assertThrows(IllegalArgumentException.class, () -> connection.receive(region.location(0, 10), 0));
        assertThrows(IllegalArgumentException.class, () -> connection.receive(region.location(0, 10), 11));
        Region other = toehold.register(4096);
        other.close();
        other.close();
        assertThrows(IllegalStateException.class, () -> other.memory().get(ValueLayout.JAVA_BYTE, 0));
        ToeholdException e = assertThrows(
                ToeholdException.class, () -> connection.setOption(99, 1), "the engine refuses the option");
        assertEquals(ResultCode.INVALID, e.code());
    }

    @Test
    void shouldReturnEveryBufferWhenConnectionsClose() throws Exception {
        int lent = engine.lentBuffers();
        List<Connection> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Connection each = toehold.open(StreamsTest.peer(2000 + i));
            engine.peer(2000 + i).keepsBuffers = i % 2 == 0;
            engine.peer(2000 + i).send(Pattern.bytes(0, 3000));
            all.add(each);
        }
        for (Connection each : all) {
            while (each.available() < 3000) {
                Thread.onSpinWait();
            }
            each.closeAsync().get(30, TimeUnit.SECONDS);
        }
        while (engine.lentBuffers() < lent) {
            Thread.onSpinWait();
        }
        assertEquals(lent, engine.lentBuffers());
        assertEquals(1, engine.connectionCount());
    }
}
