package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The crash table, tried: engines that end before or after any commit, transmission, placement or completion, in the middle of a burst or
 * a timer, several times in the life of one connection and on either end. What follows has the records alone. Every byte arrives
 * once and right, none that was acknowledged is lost, nothing promised is taken back, and no end sees a reset.
 */
class RestartSimulationTest {
    private static final int SEEDS = Integer.getInteger("toehold.restart.seeds", 600);
    private static final long FIRST_SEED = Long.getLong("toehold.restart.seed", 1);
    private static final int MAX_STEPS = 1_000_000;
    private static final long MAX_NS = 3600 * 1_000_000_000L;
    private static final String[] COMMITS = {
        "publish", "state", "rcvPosition", "rcvEdge", "sndMax", "sndUna", "finSent", "finReceived", "ending", "free"
    };

    @Test
    void shouldLoseNothingWhereverEnginesEnd() {
        Map<String, Integer> crashes = new TreeMap<>();
        int restarts = 0;
        int reoffered = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            RestartingPair pair = run(seed);
            for (int side = 0; side < 2; side++) {
                restarts += pair.host(side).restarts;
                reoffered += pair.host(side).reoffered;
                pair.host(side).store.crashes().forEach((where, count) -> crashes.merge(where, count, Integer::sum));
            }
        }
        System.out.println("restart: seeds=" + SEEDS + " from=" + FIRST_SEED + " restarts=" + restarts + " reoffered="
                + reoffered + " crashes=" + crashes);
        if (SEEDS >= 500) {
            assertTrue(reoffered > 0, "no connection was unknown to its application");
            for (String commit : COMMITS) {
                assertTrue(crashes.getOrDefault("before " + commit, 0) >= 5, () -> "before " + commit + ": " + crashes);
                assertTrue(crashes.getOrDefault("after " + commit, 0) >= 5, () -> "after " + commit + ": " + crashes);
            }
        }
    }

    private static RestartingPair run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedLink.Faults faults = new SimulatedLink.Faults();
        faults.delayNs = new long[] {100_000, 1_000_000, 20_000_000}[random.nextInt(3)];
        faults.jitterNs = random.nextBoolean() ? 0 : faults.delayNs / 2;
        if (random.nextBoolean()) {
            faults.loss = random.nextDouble(0.03);
            faults.duplicate = random.nextDouble(0.03);
            faults.reorder = random.nextDouble(0.05);
        }
        TcpConfig config = TcpConfig.builder()
                .sack(random.nextInt(4) != 0)
                .timestamps(random.nextInt(4) != 0)
                .receiveWindowScale(random.nextInt(-1, 10))
                .pools(2, 2)
                .build();
        RestartingHost.Plan[] plans = {plan(random, true), plan(random, random.nextBoolean())};
        if (plans[0].closes() && plans[1].closes()) {
            // One of both must end first.
            RestartingHost.Plan p = plans[0];
            plans[0] = new RestartingHost.Plan(p.toSend(), p.receiveBuffer(), p.writeMax(), false, p.deaths());
        }
        RestartingPair pair = new RestartingPair(random, faults, config, plans);
        try {
            assertTrue(pair.run(MAX_STEPS, MAX_NS), "did not come to an end");
            assertTrue(pair.host(0).isFinished() && pair.host(1).isFinished(), "an end misses something");
        } catch (AssertionError | RuntimeException e) {
            fail(
                    "seed=" + seed + " (replay: -Dtoehold.restart.seed=" + seed + " -Dtoehold.restart.seeds=1)\n"
                            + pair.report(),
                    e);
        }
        return pair;
    }

    private static RestartingHost.Plan plan(SplittableRandom random, boolean mayDie) {
        return new RestartingHost.Plan(
                random.nextInt(4) == 0 ? random.nextLong(2_000) : random.nextLong(20_000, 80_000),
                1 << random.nextInt(12, 18),
                1 << random.nextInt(6, 16),
                random.nextBoolean(),
                mayDie ? random.nextInt(1, 6) : 0);
    }
}
