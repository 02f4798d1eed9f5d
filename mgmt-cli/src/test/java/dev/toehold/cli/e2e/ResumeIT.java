package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An engine that is killed and started again: connections go on, byte for byte, and their peers see no reset. */
final class ResumeIT {
    private static final int ECHO_PORT = 7;
    private static final int VICTIM_PORT = 8007;
    private static final int STREAMS = 20;
    private static final int KILLS = 4;
    private static final int CHUNK = 16 << 10;
    private static final long PACE_MS = 10;

    /** More than the kernel of the peer can have received before the engine died. */
    private static final long MORE_THAN_BUFFERED = 4 << 20;

    private static final int GRACE_SECONDS = 10;
    private static final long SECONDS = 180;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []", "resume-grace = \"" + GRACE_SECONDS + "s\"");

    @Test
    void shouldCarryStreamsThroughSeveralDeathsOfTheEngine() throws Exception {
        long seed = Seeds.next("resume");
        Random random = new Random(seed);
        RIG.serve("echo", ECHO_PORT);
        ChildProcess resets = watchResets();
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLongArray received = new AtomicLongArray(STREAMS);
        AtomicLongArray sent = new AtomicLongArray(STREAMS);
        Parallel.Running running = Parallel.start(STREAMS, i -> {
            Content content = new Content(seed + i);
            try (SocketChannel socket = RIG.network().connect(ECHO_PORT, i % 2 == 1)) {
                Parallel.Running sending = Parallel.start(1, task -> {
                    while (!isOver.get()) {
                        long from = sent.get(i);
                        content.send(socket, from, from + CHUNK, CHUNK);
                        sent.set(i, from + CHUNK);
                        Thread.sleep(PACE_MS);
                    }
                    socket.shutdownOutput();
                });
                ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
                while (socket.read(buffer.clear()) >= 0) {
                    content.check(received.get(i), buffer.flip());
                    received.addAndGet(i, buffer.limit());
                }
                sending.await(SECONDS);
                assertEquals(sent.get(i), received.get(i), "the stream ended early");
            }
        });
        try {
            awaitProgress(running, received);
            for (int kill = 0; kill < KILLS; kill++) {
                Thread.sleep(random.nextInt(500));
                RIG.restartEngine();
                awaitProgress(running, received);
            }
        } finally {
            isOver.set(true);
        }
        running.await(SECONDS);
        resets.terminate();
        resets.awaitExit(SECONDS);
        assertEquals("", resets.out().strip(), "resets on the wire");
        assertEquals(0, EngineRig.counter(RIG.listing("counters"), "lcore.errors"));
        assertTrue(EngineRig.counter(RIG.listing("counters"), "resume.connections") >= STREAMS);
        // The listener went through it as well.
        try (SocketChannel socket = RIG.network().connect(ECHO_PORT, true)) {
            Content content = new Content(seed);
            content.send(socket, 0, 1000, 1000);
            content.receive(socket, 0, 1000);
        }
    }

    @Test
    void shouldResetConnectionsWhoseClientDiesWithoutAnEngine() throws Exception {
        long seed = Seeds.next("resume-victim");
        ChildProcess victim = RIG.serve("echo", VICTIM_PORT);
        try (SocketChannel socket = RIG.network().connect(VICTIM_PORT, false)) {
            Content content = new Content(seed);
            content.send(socket, 0, 10_000, 10_000);
            content.receive(socket, 0, 10_000);
            RIG.engine().kill();
            victim.kill();
            RIG.restartEngine();
            IOException reset = assertThrows(IOException.class, () -> socket.read(ByteBuffer.allocate(1)));
            assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
        }
        assertTrue(EngineRig.counter(RIG.listing("counters"), "resume.expired") >= 1);
        assertEquals(0, EngineRig.counter(RIG.listing("counters"), "lcore.errors"));
    }

    /** Every stream gets on from where it is now. */
    private static void awaitProgress(Parallel.Running running, AtomicLongArray received) throws Exception {
        long[] before = new long[STREAMS];
        for (int i = 0; i < STREAMS; i++) {
            before[i] = received.get(i) + MORE_THAN_BUFFERED;
        }
        ChildProcess.await("progress of every stream", SECONDS, () -> {
            boolean isAhead = true;
            for (int i = 0; i < STREAMS; i++) {
                isAhead &=
                        received.get(i) > before[i] || running.futures().get(i).isDone();
            }
            return isAhead;
        });
        if (running.futures().stream().anyMatch(java.util.concurrent.Future::isDone)) {
            running.await(SECONDS);
        }
    }

    /** Prints a line for every RST of either side. */
    private static ChildProcess watchResets() throws Exception {
        ChildProcess watcher = RIG.startPeer(
                "tcpdump",
                "-l",
                "-n",
                "-i",
                TestNetwork.PEER_DEVICE,
                "(tcp port " + ECHO_PORT + ") and ((ip and tcp[13] & 4 != 0) or (ip6 and ip6[53] & 4 != 0))");
        ChildProcess.await("tcpdump listens", SECONDS, () -> watcher.err().contains("listening"));
        TimeUnit.MILLISECONDS.sleep(100);
        return watcher;
    }
}
