package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** No blocking call keeps the carrier of a virtual thread: the JVM's own event would say so. */
@Timeout(180)
class VirtualThreadPinningTest {
    private static final String PINNED = "jdk.VirtualThreadPinned";
    private static final int THREADS = 40;
    private static final int LENGTH = 5000;

    @TempDir
    private Path directory;

    /** Runs each task on a virtual thread and returns what was pinned meanwhile. */
    private List<RecordedEvent> pinnedBy(List<Callable<Void>> tasks) throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable(PINNED).withoutThreshold().withStackTrace();
            recording.start();
            try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<Void>> futures = new ArrayList<>();
                for (Callable<Void> task : tasks) {
                    futures.add(executor.submit(task));
                }
                await(futures);
            }
            recording.stop();
            Path file = directory.resolve("pinned.jfr");
            recording.dump(file);
            return RecordingFile.readAllEvents(file);
        }
    }

    private static void await(List<Future<Void>> futures)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (Future<Void> future : futures) {
            future.get(120, TimeUnit.SECONDS);
        }
    }

    /** Parks while it is initialised, which no virtual thread can leave its carrier in. */
    private static final class ParksWhenInitialised {
        static final long PARKED_NS = park();

        private static long park() {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            return 1;
        }
    }

    @Test
    void shouldNoticeAPinnedThread() throws Exception {
        List<RecordedEvent> events = pinnedBy(List.of(() -> {
            assertEquals(1, ParksWhenInitialised.PARKED_NS);
            return null;
        }));
        assertFalse(events.isEmpty(), "the measure can fail");
    }

    @Test
    void shouldNeverPinAVirtualThread() throws Exception {
        try (FakeEngine engine = new FakeEngine(directory.resolve("control.sock"));
                Toehold toehold = Toehold.connect(engine.path);
                Region region = toehold.register((long) THREADS * LENGTH);
                Listener listener = toehold.listen(new InetSocketAddress("0.0.0.0", 70))) {
            engine.defaultBehaviour(FakePeer.Behaviour.ECHO);
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                Location mine = region.location((long) i * LENGTH, LENGTH);
                tasks.add(() -> streams(toehold, mine));
                tasks.add(() -> accepts(engine, listener));
            }
            tasks.add(() -> timesOut(toehold));
            pinnedBy(tasks); // loads and initialises every class, in which the JVM does pin who waits for it
            assertEquals(List.of(), pinnedBy(tasks));
        }
    }

    private static Void streams(Toehold toehold, Location location) throws IOException {
        try (Connection connection = toehold.open(StreamsTest.peer(FakeEngine.ECHO))) {
            byte[] bytes = Pattern.bytes(0, LENGTH);
            for (int i = 0; i < 10; i++) {
                connection.outputStream().write(bytes);
                assertArrayEquals(bytes, connection.inputStream().readNBytes(LENGTH));
                connection.send(location);
                assertEquals(LENGTH, connection.receive(location, LENGTH));
            }
            connection.flush();
            assertNotNull(connection.info());
        }
        return null;
    }

    private static Void accepts(FakeEngine engine, Listener listener) throws IOException {
        engine.dial(70, 0);
        try (Connection connection = listener.accept(Duration.ofSeconds(60))) {
            connection.outputStream().write(1);
            assertEquals(1, connection.awaitReceived());
        }
        return null;
    }

    private static Void timesOut(Toehold toehold) throws IOException {
        try (Connection connection = toehold.open(StreamsTest.peer(FakeEngine.STUCK))) {
            connection.setReadTimeout(Duration.ofMillis(20));
            connection.setWriteTimeout(Duration.ofMillis(20));
            try {
                connection.inputStream().read();
                throw new AssertionError("nothing can come");
            } catch (SocketTimeoutException e) {
                connection.outputStream().write(1);
            }
            try {
                connection.outputStream().write(new byte[8 << 20]);
                throw new AssertionError("nothing is taken");
            } catch (SocketTimeoutException e) {
                connection.abort();
            }
        }
        return null;
    }
}
