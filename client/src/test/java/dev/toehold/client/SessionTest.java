package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.abi.Capability;
import dev.toehold.abi.Op;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Attaching, listening, sleeping and waking, many virtual threads, and engines that go away or misbehave. */
@Timeout(180)
class SessionTest {
    @TempDir
    private Path directory;

    private Path socket;

    @BeforeEach
    void name() {
        socket = directory.resolve("control.sock");
    }

    @Test
    void shouldOpenFromTheAddressThatTheApplicationNames() throws IOException {
        try (FakeEngine engine = new FakeEngine(socket);
                Toehold toehold = Toehold.connect(engine.path)) {
            InetSocketAddress remote = StreamsTest.peer(1000);
            toehold.open(remote, new InetSocketAddress("10.0.0.2", 0), Duration.ZERO)
                    .close();
            assertEquals(1, engine.connectRegion(), "the first address of the WELCOME");
            toehold.open(remote, new InetSocketAddress("0.0.0.0", 0), Duration.ZERO)
                    .close();
            assertEquals(0, engine.connectRegion());
            InetSocketAddress foreign = new InetSocketAddress("10.0.0.3", 0);
            assertThrows(IllegalArgumentException.class, () -> toehold.open(remote, foreign, Duration.ZERO));
        }
    }

    @Test
    void shouldDescribeTheEngine() throws IOException {
        try (FakeEngine engine = new FakeEngine(socket);
                Toehold toehold = Toehold.connect(engine.path)) {
            assertEquals("fake", toehold.engineName());
            assertEquals(List.of(InetAddress.getByName("10.0.0.2")), toehold.addresses());
            assertEquals(1500, toehold.mtu());
            assertTrue(toehold.adapter().has(Capability.IPV4));
            assertFalse(toehold.adapter().has(Capability.IPV4 | Capability.IPV6));
            Adapter adapter = toehold.adapter();
            assertEquals("", adapter.copyEngine());
            assertEquals(List.of("cubic", "reno"), adapter.congestionControllers());
            Adapter.Port port = adapter.ports().getFirst();
            assertEquals(new Adapter.Port("eth7", "net_fake", Capability.CHECKSUM_OFFLOAD, 1500, 4, 2), port);
            assertTrue(port.has(Capability.CHECKSUM_OFFLOAD));
            assertFalse(port.has(Capability.CHECKSUM_OFFLOAD | Capability.SEGMENTATION_OFFLOAD));
            assertEquals("eth7 (net_fake, mtu=1500, queues=4/2, [checksum-offload])", port.toString());
            assertThrows(IllegalStateException.class, toehold::poll);
        }
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNoEngineOrItRefuses() throws IOException {
        IOException e = assertThrows(IOException.class, () -> Toehold.connect(socket));
        assertTrue(e.getMessage().contains(socket.toString()), e.getMessage());
        try (FakeEngine engine = new FakeEngine(socket)) {
            ToeholdException refused = assertThrows(
                    ToeholdException.class,
                    () -> Toehold.builder()
                            .socket(engine.path)
                            .require(Capability.COPY_ENGINE)
                            .connect());
            assertEquals(ResultCode.INCOMPATIBLE, refused.code());
            assertTrue(refused.getMessage().contains("copy engine"), refused.getMessage());
        }
    }

    @Test
    void shouldAcceptFromAllLcoresAndGiveCreditBack() throws Exception {
        try (FakeEngine engine = new FakeEngine(socket, 3, 64, 256);
                Toehold toehold = Toehold.connect(engine.path)) {
            InetSocketAddress local = new InetSocketAddress("0.0.0.0", 80);
            Listener listener = toehold.listen(local, 8);
            assertThrows(BindException.class, () -> toehold.listen(local, 8));
            assertNull(listener.tryAccept());
            assertThrows(SocketTimeoutException.class, () -> listener.accept(Duration.ofMillis(10)));
            for (int i = 0; i < 300; i++) {
                FakePeer peer = engine.dial(80, i % 3);
                try (Connection connection = listener.accept()) {
                    assertEquals(new InetSocketAddress("10.0.0.1", 50_000), connection.remoteAddress());
                    connection.outputStream().write(i);
                    while (peer.received().length == 0) {
                        Thread.onSpinWait();
                    }
                }
            }
            FakePeer unaccepted = engine.dial(80, 1);
            while (!unaccepted.isAttached()) {
                Thread.onSpinWait();
            }
            listener.close();
            assertThrows(ToeholdException.class, listener::accept);
            while (engine.connectionCount() > 0) {
                Thread.onSpinWait();
            }
            try (Listener again = toehold.listen(local, 8)) {
                assertEquals(local, again.localAddress());
            }
        }
    }

    @Test
    void shouldNeverLoseAWakeUpInManyRoundTrips() throws Exception {
        int connections = 4;
        int roundTrips = Integer.getInteger("toehold.test.roundTrips", 50_000);
        try (FakeEngine engine = new FakeEngine(socket, 2, 64, 256);
                Toehold toehold = Toehold.builder()
                        .socket(engine.path)
                        .receiveBufferBytes(128 << 10)
                        .connect();
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                clients.add(executor.submit(() -> {
                    try (Connection connection = toehold.open(StreamsTest.peer(FakeEngine.ECHO))) {
                        byte[] one = new byte[1];
                        for (int round = 0; round < roundTrips; round++) {
                            connection.outputStream().write(round);
                            assertEquals(1, connection.readInto(one));
                            assertEquals((byte) round, one[0]);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> client : clients) {
                client.get(150, TimeUnit.SECONDS);
            }
            assertTrue(engine.sleepCount() > 100, "the engine slept: " + engine.sleepCount());
            assertEquals(0, engine.lostWakeups());
        }
    }

    @Test
    void shouldParkThousandsOfVirtualThreadsOnFewCarriers() throws Exception {
        int count = 3000;
        try (FakeEngine engine = new FakeEngine(socket, 2, 256, 1024);
                Toehold toehold = Toehold.connect(engine.path);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            engine.defaultBehaviour(FakePeer.Behaviour.ECHO);
            AtomicInteger reading = new AtomicInteger();
            List<Connection> all = new ArrayList<>();
            List<Future<Integer>> readers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Connection connection = toehold.open(StreamsTest.peer(1000));
                all.add(connection);
                readers.add(executor.submit(() -> {
                    reading.incrementAndGet();
                    return connection.inputStream().read();
                }));
            }
            while (reading.get() < count) {
                Thread.onSpinWait(); // would never end if a blocked reader held its carrier
            }
            for (int i = 0; i < count; i++) {
                all.get(i).outputStream().write(i);
            }
            for (int i = 0; i < count; i++) {
                assertEquals(i & 0xff, readers.get(i).get(60, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void shouldEndEverythingWithTheEnginesWordsWhenItHangsUp() throws Exception {
        try (FakeEngine engine = new FakeEngine(socket);
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Toehold toehold = Toehold.connect(engine.path);
            Region region = toehold.register(4096);
            Connection connection = toehold.open(StreamsTest.peer(1000));
            Listener listener = toehold.listen(new InetSocketAddress("0.0.0.0", 80));
            Future<Integer> reader =
                    executor.submit(() -> connection.inputStream().read());
            Future<Connection> acceptor = executor.submit(() -> listener.accept());
            var receive = connection.receiveAsync(region.location(0, 100), 100);
            engine.hangUp(ResultCode.REGION_FAULT, "region=0 was punched");
            ExecutionException e = assertThrows(ExecutionException.class, () -> reader.get(30, TimeUnit.SECONDS));
            assertEquals(ResultCode.ENGINE_GONE, ((ToeholdException) e.getCause()).code());
            assertThrows(ExecutionException.class, () -> acceptor.get(30, TimeUnit.SECONDS));
            assertThrows(ExecutionException.class, () -> receive.get(30, TimeUnit.SECONDS));
            ToeholdException after = assertThrows(ToeholdException.class, () -> toehold.open(StreamsTest.peer(7)));
            assertEquals(ResultCode.REGION_FAULT, after.code());
            assertTrue(after.getMessage().contains("punched"), after.getMessage());
            assertThrows(IOException.class, () -> connection.outputStream().write(1));
            connection.close();
            connection.closeAsync().get(30, TimeUnit.SECONDS);
            listener.close();
            region.close();
            toehold.close();
            toehold.close();
        }
    }

    @Test
    void shouldEndSessionWhenTheEngineBreaksTheContract() throws Exception {
        for (int kind = 0; kind < 5; kind++) {
            int what = kind;
            Path path = directory.resolve("s" + kind);
            try (FakeEngine engine = new FakeEngine(path);
                    Toehold toehold = Toehold.connect(path)) {
                Connection connection = toehold.open(StreamsTest.peer(1000));
                long handle = connection.id();
                engine.call(() -> {
                    FakeQueuePair pair = engine.queuePairs().getFirst();
                    switch (what) {
                        case 0 ->
                            QueuePairDescriptor.LONG.setVolatile(
                                    pair.memory, (long) QueuePairDescriptor.CQ_TAIL_OFFSET, 1L << 40);
                        case 1 -> pair.complete(false, Op.RECEIVE, 12345, handle, 0, 0, 0, 0, 0, 10, 0, 0, 0);
                        case 2 -> pair.complete(false, Op.PROVIDED, 0, handle, 0, 0, 8, 1 << 30, 0, 10, 0, 0, 0);
                        case 3 -> pair.complete(false, Op.PROVIDED, 0, handle, 77, 0, 8, 0, 0, 10, 0, 0, 0);
                        default -> pair.complete(false, Op.ACCEPT, 9, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0);
                    }
                    return engine.queuePairs().getFirst().lcore;
                });
                assertThrows(
                        ToeholdException.class, () -> connection.inputStream().read(), "kind=" + kind);
                ToeholdException e =
                        assertThrows(ToeholdException.class, () -> toehold.open(StreamsTest.peer(7)), "kind=" + kind);
                assertEquals(ResultCode.INCOMPATIBLE, e.code());
                assertTrue(e.getMessage().contains("engine"), e.getMessage());
            }
        }
    }

    @Test
    void shouldHandOverWhatWasWrittenWhenTheSessionCloses() throws Exception {
        try (FakeEngine engine = new FakeEngine(socket)) {
            Toehold toehold = Toehold.connect(engine.path);
            Connection connection = toehold.open(StreamsTest.peer(1000));
            connection.outputStream().write(Pattern.bytes(0, 100_000));
            toehold.close();
            FakePeer peer = engine.peer(1000);
            assertTrue(peer.sawEnd());
            assertEquals(100_000, peer.received().length);
            while (engine.sessionCount() > 0) {
                Thread.onSpinWait();
            }
            assertThrows(IOException.class, () -> connection.outputStream().write(1));
            assertThrows(IOException.class, () -> toehold.open(StreamsTest.peer(7)));
        }
    }
}
