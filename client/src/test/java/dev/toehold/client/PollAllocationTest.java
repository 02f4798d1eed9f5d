package dev.toehold.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.toehold.abi.ResultCode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A polling program allocates nothing per message: counted for its thread by the JVM over 100,000 messages and more. */
@Timeout(180)
class PollAllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int WARM_UP = 50_000;
    private static final int MESSAGES = 100_000;

    /** Until the JIT has compiled it all, which on a busy machine takes longer than the warm-up, some objects are real. */
    private static final int ROUNDS = 4;

    /** Far below one byte per message; what a class that is first used meanwhile costs. */
    private static final long MOST_BYTES = 20_000;

    private static final int LENGTH = 64;
    private static final int CONNECTIONS = 8;

    /** Operations that each connection keeps outstanding: many, so that the two threads change places seldom. */
    private static final int SLOTS = 60;

    @TempDir
    private Path directory;

    /** Counts; what is done is asked for again. */
    private abstract static class Traffic implements ConnectionHandler {
        final Location[] slots = new Location[SLOTS];
        long count;
        boolean isOver;

        Traffic(Region region) {
            for (int i = 0; i < SLOTS; i++) {
                slots[i] = region.location((long) i * LENGTH, LENGTH);
            }
        }

        abstract void start(Connection connection);

        void finish() {}
    }

    private static final class Receiving extends Traffic {
        Receiving(Region region) {
            super(region);
        }

        @Override
        void start(Connection connection) {
            for (int i = 0; i < SLOTS; i++) {
                assertEquals(ResultCode.OK, connection.offerReceive(slots[i], LENGTH, i));
            }
        }

        @Override
        public void onReceived(Connection connection, long token, int length, int code) {
            if (!isOver) {
                assertEquals(LENGTH, length);
                count++;
                assertEquals(ResultCode.OK, connection.offerReceive(slots[(int) token], LENGTH, token));
            }
        }
    }

    private static final class Sending extends Traffic {
        Sending(Region region) {
            super(region);
        }

        @Override
        void start(Connection connection) {
            for (int i = 0; i < SLOTS; i++) {
                assertTrue(connection.offerSend(slots[i], i) >= 0);
            }
        }

        @Override
        public void onSent(Connection connection, long token, int code) {
            if (!isOver) {
                assertEquals(ResultCode.OK, code);
                count++;
                assertTrue(connection.offerSend(slots[(int) token], token) >= 0);
            }
        }
    }

    private static final class InPlace extends Traffic {
        private long sum;

        InPlace(Region region) {
            super(region);
        }

        @Override
        void start(Connection connection) {
            connection.setHandler(this); // the peer sends by itself
        }

        @Override
        void finish() {
            assertTrue(sum != 0, "bytes were looked at");
        }

        @Override
        public void onReadable(Connection connection) {
            for (int length = connection.receivedLength(); length > 0; length = connection.receivedLength()) {
                sum += connection.receivedMemory().get(ValueLayout.JAVA_BYTE, connection.receivedOffset());
                connection.consumed(Math.min(length, LENGTH));
                count++;
            }
        }
    }

    private void measure(int port, Function<Region, Traffic> traffic, Consumer<Toehold> poll, long mostBytes)
            throws IOException {
        try (FakeEngine engine = new FakeEngine(directory.resolve("s"));
                Toehold toehold = Toehold.builder().socket(engine.path).polled().connect()) {
            Traffic user = traffic.apply(toehold.register((long) SLOTS * LENGTH));
            List<Connection> connections = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                Connection connection = toehold.open(StreamsTest.peer(port));
                connections.add(connection);
                connection.setHandler(user);
                user.start(connection);
            }
            run(toehold, user, WARM_UP, poll);
            long allocated = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && allocated > mostBytes; round++) {
                long before = THREADS.getCurrentThreadAllocatedBytes();
                run(toehold, user, user.count + MESSAGES, poll);
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }
            user.isOver = true;
            connections.forEach(Connection::abort);
            user.finish();
            assertTrue(allocated <= mostBytes, allocated + " bytes for " + MESSAGES + " messages");
        }
    }

    private static void run(Toehold toehold, Traffic user, long until, Consumer<Toehold> poll) {
        while (user.count < until) {
            poll.accept(toehold);
        }
    }

    @Test
    void shouldReceiveIntoLocationsWithoutAllocation() throws IOException {
        measure(FakeEngine.STREAM, Receiving::new, Toehold::poll, MOST_BYTES);
    }

    @Test
    void shouldSendFromLocationsWithoutAllocation() throws IOException {
        measure(FakeEngine.DISCARD, Sending::new, Toehold::poll, MOST_BYTES);
    }

    @Test
    void shouldReadInPlaceWithoutAllocation() throws IOException {
        measure(FakeEngine.STREAM, InPlace::new, Toehold::poll, MOST_BYTES);
    }

    /** Draining a wake-up descriptor costs the JDK an object per system call until the JIT has compiled it: not one per message. */
    @Test
    void shouldSleepBetweenMessagesWithLessThanOneObjectEach() throws IOException {
        Duration longest = Duration.ofMillis(100);
        measure(FakeEngine.DISCARD, Sending::new, toehold -> toehold.poll(longest), 4L * MESSAGES);
    }

    @Test
    void shouldSeeAnAllocationOfOneObjectPerMessage() {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Object[] kept = new Object[1000];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = new int[1];
        }
        assertTrue(THREADS.getCurrentThreadAllocatedBytes() - before > 16L * kept.length, "the measure can fail");
        assertEquals(1000, kept.length);
    }
}
