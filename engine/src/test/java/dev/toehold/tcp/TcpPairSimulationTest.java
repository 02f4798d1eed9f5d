package dev.toehold.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Seeded runs of two cores over a bad link: every byte compared, every invariant checked at every step, every connection ends. */
class TcpPairSimulationTest {
    private static final int SEEDS = Integer.getInteger("toehold.tcp.seeds", 320);
    private static final long FIRST_SEED = Long.getLong("toehold.tcp.seed", 1);
    private static final int MAX_STEPS = 2_000_000;
    private static final long MAX_NS = 4 * 3600 * 1_000_000_000L;

    private long carried;
    private long lost;
    private long duplicated;
    private long reordered;
    private long corrupted;
    private long aborted;
    private long placementsRefused;
    private long transmitsRefused;
    private long fastRecoveries;
    private long timeouts;
    private long probes;
    private long tailLossProbes;
    private long spurious;

    @Test
    void shouldDeliverEveryByteOverABadLink() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            run(seed);
        }
        System.out.printf(
                "tcp pair: seeds=%d from=%d packets=%d lost=%d duplicated=%d reordered=%d corrupted=%d aborted=%d"
                        + " placementsRefused=%d transmitsRefused=%d fastRecoveries=%d timeouts=%d probes=%d"
                        + " tailLossProbes=%d spurious=%d%n",
                SEEDS,
                FIRST_SEED,
                carried,
                lost,
                duplicated,
                reordered,
                corrupted,
                aborted,
                placementsRefused,
                transmitsRefused,
                fastRecoveries,
                timeouts,
                probes,
                tailLossProbes,
                spurious);
        if (SEEDS >= 200) {
            for (long count : new long[] {
                lost,
                duplicated,
                reordered,
                corrupted,
                aborted,
                placementsRefused,
                transmitsRefused,
                fastRecoveries,
                timeouts,
                probes,
                tailLossProbes,
                spurious
            }) {
                assertTrue(count >= 10, "a fault or mechanism struck less than ten times: " + count);
            }
        }
    }

    private void run(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedLink.Faults faults = faults(random);
        boolean mayAbort = random.nextInt(16) == 0;
        TcpConfig[] configs = {config(random), config(random)};
        SimulatedHost.Application[] applications = {application(random, mayAbort), application(random, mayAbort)};
        if (applications[0].closeInsteadOfShutdown) {
            // One of both must end first.
            applications[1].closeInsteadOfShutdown = false;
        }
        int[] sizes = {536, 1220, 1460, 1460, 8960};
        int[] mss = {sizes[random.nextInt(sizes.length)], sizes[random.nextInt(sizes.length)]};
        TcpPair pair = new TcpPair(random, faults, configs, applications, mss, random.nextInt(10) == 0);
        try {
            boolean ended = pair.run(MAX_STEPS, MAX_NS);
            assertTrue(ended, "did not come to an end");
            for (int side = 0; side < 2; side++) {
                check(pair.host(side), mayAbort);
            }
        } catch (AssertionError | RuntimeException e) {
            fail(
                    "seed=" + seed + " (replay: -Dtoehold.tcp.seed=" + seed + " -Dtoehold.tcp.seeds=1) " + faults + "\n"
                            + pair.report(),
                    e);
        }
        count(pair);
    }

    private void check(SimulatedHost host, boolean mayAbort) {
        assertTrue(!host.isOpen(), host.name + " is still open");
        assertEquals(0, host.core.boundSlots(), host.name + " leaks pool slots");
        if (host.freed) {
            assertEquals(4, host.store.freeCount(), host.name + " leaks a record");
            if (mayAbort && host.reason != TcpEffects.ORDERLY) {
                aborted++;
                return;
            }
            assertEquals(TcpEffects.ORDERLY, host.reason, host.name + " ended badly");
            assertTrue(host.isComplete(), host.name + " missed bytes");
        } else {
            assertTrue(mayAbort, host.name + " never connected");
        }
    }

    private void count(TcpPair pair) {
        carried += pair.link.carried;
        lost += pair.link.lost;
        duplicated += pair.link.duplicated;
        reordered += pair.link.reordered;
        corrupted += pair.link.corrupted;
        for (int side = 0; side < 2; side++) {
            TcpCounters counters = pair.host(side).counters;
            placementsRefused += counters.get(TcpCounters.NO_ROOM_DROPS);
            transmitsRefused += counters.get(TcpCounters.OUTPUT_STALLS);
            fastRecoveries += counters.get(TcpCounters.FAST_RECOVERIES);
            timeouts += counters.get(TcpCounters.RETRANSMISSION_TIMEOUTS);
            probes += counters.get(TcpCounters.WINDOW_PROBES_SENT);
            tailLossProbes += counters.get(TcpCounters.TAIL_LOSS_PROBES);
            spurious += counters.get(TcpCounters.SPURIOUS_RECOVERIES);
        }
    }

    private static SimulatedLink.Faults faults(SplittableRandom random) {
        SimulatedLink.Faults faults = new SimulatedLink.Faults();
        faults.delayNs = new long[] {0, 100_000, 1_000_000, 10_000_000, 50_000_000}[random.nextInt(5)];
        faults.jitterNs = random.nextBoolean() ? 0 : faults.delayNs / 2 + 1;
        if (random.nextInt(8) != 0) {
            faults.loss = random.nextInt(3) == 0 ? random.nextDouble(0.10) : random.nextDouble(0.02);
            faults.burst = random.nextInt(3) == 0 ? random.nextDouble(0.005) : 0;
            faults.duplicate = random.nextBoolean() ? random.nextDouble(0.05) : 0;
            faults.reorder = random.nextBoolean() ? random.nextDouble(0.10) : 0;
            faults.corrupt = random.nextBoolean() ? random.nextDouble(0.02) : 0;
        }
        return faults;
    }

    private static TcpConfig config(SplittableRandom random) {
        return TcpConfig.builder()
                .sack(random.nextInt(4) != 0)
                .timestamps(random.nextInt(4) != 0)
                .receiveWindowScale(random.nextInt(-1, 10))
                .congestionControl(
                        random.nextBoolean() ? TcpConfig.CongestionAlgorithm.CUBIC : TcpConfig.CongestionAlgorithm.RENO)
                .pools(2, 2)
                .build();
    }

    private static SimulatedHost.Application application(SplittableRandom random, boolean mayAbort) {
        SimulatedHost.Application application = new SimulatedHost.Application();
        application.toSend = random.nextInt(5) == 0 ? random.nextLong(3_000) : random.nextLong(200_000, 300_000);
        application.writeMax = 1 << random.nextInt(4, 17);
        application.receiveBuffer = 1 << random.nextInt(11, 19);
        application.readMax = 1 << random.nextInt(9, 20);
        application.thinkNs = 1L << random.nextInt(10, 22);
        application.abortAtRandom = mayAbort;
        application.closeInsteadOfShutdown = random.nextInt(3) == 0;
        application.noDelay = random.nextBoolean();
        application.corkProbability = random.nextInt(3) == 0 ? 0.5 : 0;
        application.refusePlacement = random.nextInt(4) == 0 ? 0.02 : 0;
        application.refuseTransmit = random.nextInt(4) == 0 ? 0.02 : 0;
        return application;
    }
}
