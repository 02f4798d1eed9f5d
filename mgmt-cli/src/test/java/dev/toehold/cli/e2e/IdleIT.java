package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An idle engine uses next to no CPU and yet answers: nothing is lost, and what it takes is printed. */
final class IdleIT {
    private static final int PORT = 7;
    private static final int REQUESTS = 200;
    private static final int REQUEST_BYTES = 64;
    private static final long INTERVAL_MS = 100;
    private static final long IDLE_SECONDS = 20;
    private static final double MAX_IDLE_SHARE = 0.02;

    /** In the first of them the JVM's compilers may not have come to rest yet. */
    private static final int IDLE_PERIODS = 3;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @BeforeAll
    static void serve() throws Exception {
        RIG.serve("echo", PORT);
    }

    @Test
    void shouldBeQuietAndAwakeWhenIdle() throws Exception {
        Content content = new Content(Seeds.next("idle"));
        RIG.peer("ping", "-n", "-q", "-c", "10", "-i", "0.1", TestNetwork.ENGINE_IPV4);
        try (SocketChannel socket = RIG.network().connect(PORT, false)) {
            content.send(socket, 0, REQUEST_BYTES, REQUEST_BYTES);
            content.receive(socket, 0, REQUEST_BYTES);

            double idle = 1;
            for (int i = 0; i < IDLE_PERIODS && idle >= MAX_IDLE_SHARE; i++) {
                idle = share(() -> TimeUnit.SECONDS.sleep(IDLE_SECONDS));
                System.out.printf("idle: %.2f %% of a core over %d s%n", 100 * idle, IDLE_SECONDS);
            }
            assertTrue(idle < MAX_IDLE_SHARE, "idle share=" + idle);

            double busy = share(() -> {
                ChildProcess ping =
                        RIG.startPeer("ping", "-n", "-q", "-c", "" + REQUESTS, "-i", "0.1", TestNetwork.ENGINE_IPV4);
                ChildProcess ping6 =
                        RIG.startPeer("ping", "-n", "-q", "-c", "" + REQUESTS, "-i", "0.1", TestNetwork.ENGINE_IPV6);
                request(content, socket);
                for (ChildProcess child : new ChildProcess[] {ping, ping6}) {
                    child.awaitExit(60);
                    System.out.print(child.out());
                    assertTrue(child.out().contains(" " + REQUESTS + " received, 0% packet loss"), child.out());
                }
            });
            System.out.printf("with %d pings and requests: %.2f %% of a core%n", REQUESTS, 100 * busy);
        }
    }

    private static void request(Content content, SocketChannel socket) throws Exception {
        long[] ns = new long[REQUESTS];
        for (int i = 0; i < REQUESTS; i++) {
            long startedNs = System.nanoTime();
            long position = (long) i * REQUEST_BYTES;
            content.send(socket, position, position + REQUEST_BYTES, REQUEST_BYTES);
            content.receive(socket, position, position + REQUEST_BYTES);
            ns[i] = System.nanoTime() - startedNs;
            Thread.sleep(INTERVAL_MS);
        }
        Arrays.sort(ns);
        System.out.printf(
                "echo: p50=%.0f us p99=%.0f us%n", ns[REQUESTS / 2] / 1e3, ns[REQUESTS - 1 - REQUESTS / 100] / 1e3);
    }

    private interface Task {
        void run() throws Exception;
    }

    /** CPU time of the engine while the task runs, as a share of the time that passes. */
    private static double share(Task task) throws Exception {
        long startedNs = System.nanoTime();
        long cpuNs = RIG.engine().cpuNs();
        task.run();
        return (double) (RIG.engine().cpuNs() - cpuNs) / (System.nanoTime() - startedNs);
    }
}
