package dev.toehold.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.client.Listener;
import dev.toehold.client.Toehold;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that are attached, listen and do nothing cost the engine no CPU: as much as an engine without any, which is printed. */
final class IdleClientsIT {
    private static final int FIRST_PORT = 9_400;
    private static final int[] CLIENTS = {0, 1, 20};
    private static final long SECONDS = 10;

    /** What the timer ticks of the JVM and other work of the machine make of it, as a share of a core. */
    private static final double NOISE = 0.01;

    /** In the first of them the JVM's compilers may not have come to rest yet. */
    private static final int PERIODS = 3;

    @RegisterExtension
    static final EngineRig RIG = new EngineRig("lcores = []");

    @Test
    void shouldCostNothingToHaveIdleClientsAttached() throws Exception {
        Deque<AutoCloseable> clients = new ArrayDeque<>();
        double alone = 1;
        try {
            for (int count : CLIENTS) {
                while (clients.size() < 2 * count) {
                    Toehold toehold =
                            Toehold.builder().socket(RIG.socket()).name("idle").connect();
                    clients.push(toehold);
                    Listener listener =
                            toehold.listen(new InetSocketAddress(TestNetwork.ENGINE_IPV4, FIRST_PORT + clients.size()));
                    clients.push(listener);
                }
                double most = count == 0 ? NOISE : alone + NOISE;
                double share = 1;
                for (int i = 0; i < PERIODS && share >= most; i++) {
                    share = share();
                }
                System.out.printf("%d idle clients: %.3f %% of a core over %d s%n", count, 100 * share, SECONDS);
                assertTrue(share < most, count + " clients: share=" + share + ", without any " + alone);
                alone = count == 0 ? share : alone;
            }
        } finally {
            while (!clients.isEmpty()) {
                clients.pop().close();
            }
        }
    }

    /** CPU time of the engine as a share of the time that passes. */
    private static double share() throws Exception {
        long startedNs = System.nanoTime();
        long cpuNs = RIG.engine().cpuNs();
        TimeUnit.SECONDS.sleep(SECONDS);
        return (double) (RIG.engine().cpuNs() - cpuNs) / (System.nanoTime() - startedNs);
    }
}
