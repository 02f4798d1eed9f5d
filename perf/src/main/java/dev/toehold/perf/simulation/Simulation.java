package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.tcp.TcpCounters;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** One seed: two hosts, their applications and the link between them, from the first packet to the last check. */
final class Simulation {
    /** A connection that comes no further for so long although the link carries packets will never. */
    private static final long STALL_NS = 700_000_000_000L;

    private static final long UP_NS = 60_000_000_000L;
    private static final int MAX_STEPS = 1_000_000;
    private static final int[] MTUS = {576, 1280, 1500, 1500, 1500, 9000};
    private static final int LEAST_IPV4_MTU = 576;
    private static final int LEAST_IPV6_MTU = 1280;
    private static final int MAX_SIDE_CONNECTIONS = 5;

    private final Workbench bench;
    private final long seed;
    private final FaultCounts faults = new FaultCounts();
    private final TcpTotals totals = new TcpTotals();
    private final PacketTrace trace;
    private final SplittableRandom random;
    private final HostPlan[] hostPlans = new HostPlan[2];
    private final List<ConnectionPlan> plans = new ArrayList<>();
    private final LinkPlan linkPlan;
    private final SimulatedHost[] hosts = new SimulatedHost[2];
    private final Application[] applications = new Application[2];
    private VirtualLink link;
    private long nowNs;
    private int steps;

    /** @param out for a packet trace, or null */
    Simulation(Workbench bench, long seed, OutputStream out) {
        this.bench = bench;
        this.seed = seed;
        trace = new PacketTrace(out);
        random = new SplittableRandom(seed);
        nowNs = 1_000_000_000_000L + random.nextLong(1L << 50);
        for (int side = 0; side < 2; side++) {
            hostPlans[side] = HostPlan.of(random, MTUS[random.nextInt(MTUS.length)]);
        }
        int connections = 1 + (random.nextBoolean() ? 0 : random.nextInt(1, MAX_SIDE_CONNECTIONS + 1));
        for (int i = 0; i < connections; i++) {
            plans.add(ConnectionPlan.of(random, hostPlans, i, i == 0));
        }
        int mtu = Math.min(hostPlans[0].mtu(), hostPlans[1].mtu());
        boolean hasIpv6 = plans.stream().anyMatch(ConnectionPlan::isIpv6);
        linkPlan = LinkPlan.of(random, mtu, hasIpv6 ? LEAST_IPV6_MTU : LEAST_IPV4_MTU);
    }

    FaultCounts faults() {
        return faults;
    }

    TcpTotals totals() {
        return totals;
    }

    long packets() {
        return link.carried();
    }

    /**
     * Runs to the end.
     *
     * @throws SimulationFailure with everything that is known
     */
    void run() {
        try (Arena arena = Arena.ofConfined()) {
            open(arena);
            try {
                bringUp();
                link.begin();
                transfer();
                drain();
            } catch (RuntimeException | AssertionError e) {
                throw new SimulationFailure(report(e), e);
            } finally {
                for (SimulatedHost host : hosts) {
                    host.close();
                }
            }
        }
    }

    private void open(Arena arena) {
        int mtu = Math.max(hostPlans[0].mtu(), hostPlans[1].mtu());
        link = new VirtualLink(random.split(), linkPlan, mtu, faults, trace);
        for (int side = 0; side < 2; side++) {
            hosts[side] = new SimulatedHost(
                    bench,
                    side,
                    hostPlans[side],
                    link,
                    faults,
                    random.split(),
                    arena,
                    Application.memoryBytes(plans, side),
                    Application.mayFlush(plans, side),
                    nowNs);
        }
    }

    /** Until both have found that nobody else has their addresses, and listen. */
    private void bringUp() {
        long endNs = nowNs + UP_NS;
        while (!hosts[0].isUp() || !hosts[1].isUp()) {
            check(nowNs < endNs, "the hosts do not come up", steps);
            advance(Math.min(hosts[0].engineWakeNs, hosts[1].engineWakeNs));
        }
        for (int side = 0; side < 2; side++) {
            SimulatedHost host = hosts[side];
            applications[side] = new Application(
                    side,
                    host.client,
                    host.applicationMemory,
                    plans,
                    random.split(),
                    hostPlans[side].cqEntries() / 8,
                    nowNs);
            host.clientWakeNs = nowNs;
        }
        while (!hosts[0].client.isListening() || !hosts[1].client.isListening()) {
            check(nowNs < endNs, "the listeners do not come up", steps);
            advance(nextNs());
        }
        for (int side = 0; side < 2; side++) {
            applications[side].begin(nowNs);
            hosts[side].clientWakeNs = nowNs;
        }
    }

    private void transfer() {
        while (!applications[0].isOver() || !applications[1].isOver()) {
            advance(nextNs());
            long progressNs = Math.max(
                    link.troubleUntilNs(), Math.max(applications[0].progressNs(), applications[1].progressNs()));
            check(nowNs - progressNs < STALL_NS, "nothing has come forward for ns", nowNs - progressNs);
        }
    }

    /** Until the engines have forgotten everything, TIME-WAIT included; then nothing may be left. */
    private void drain() {
        for (int side = 0; side < 2; side++) {
            applications[side].end();
            hosts[side].clientWakeNs = nowNs;
        }
        long endNs = nowNs + STALL_NS;
        while (hosts[0].client.isListening()
                || hosts[1].client.isListening()
                || hosts[0].client.outstanding() > 0
                || hosts[1].client.outstanding() > 0
                || hosts[0].stack.connectionCount() > 0
                || hosts[1].stack.connectionCount() > 0
                || link.nextNs() != Long.MAX_VALUE
                || hosts[0].stack.hasWork()
                || hosts[1].stack.hasWork()) {
            check(nowNs < endNs, "the engines do not come to rest within ns", STALL_NS);
            advance(nextNs());
        }
        for (int side = 0; side < 2; side++) {
            hosts[side].runEngine(nowNs);
            hosts[side].runClient(applications[side], nowNs);
            hosts[side].runEngine(nowNs);
            hosts[side].checkNothingLeaks(bench.buffers(side));
            totals.add(hosts[side].stack.tcpCounters());
        }
        for (int side = 0; side < 2; side++) {
            hosts[side].endSession(nowNs);
        }
    }

    private long nextNs() {
        long next = link.nextNs();
        for (SimulatedHost host : hosts) {
            next = Math.min(next, Math.min(host.engineWakeNs, host.clientWakeNs));
        }
        return next;
    }

    private void advance(long untilNs) {
        steps++;
        check(steps < MAX_STEPS, "too many steps", steps);
        long nextNs = Math.min(untilNs, link.nextNs());
        check(nextNs != Long.MAX_VALUE, "everybody sleeps for ever: a wake-up was forgotten, step", steps);
        nowNs = Math.max(nowNs, nextNs);
        link.deliver(nowNs, (side, frame) -> hosts[side].receive(frame, nowNs));
        for (int side = 0; side < 2; side++) {
            if (hosts[side].engineWakeNs <= nowNs) {
                hosts[side].runEngine(nowNs);
            }
            if (hosts[side].clientWakeNs <= nowNs && applications[side] != null) {
                hosts[side].runClient(applications[side], nowNs);
            }
        }
    }

    private String report(Throwable cause) {
        StringBuilder text = new StringBuilder();
        text.append("seed ").append(seed).append(": ").append(cause).append('\n');
        text.append("replay: toehold bench simulate --seeds 1 --seed ")
                .append(seed)
                .append(" --trace seed-")
                .append(seed)
                .append(".pcapng\n");
        text.append("step ").append(steps).append(", now ").append(nowNs).append(" ns\n");
        text.append("link: ").append(linkPlan).append('\n');
        for (int side = 0; side < 2; side++) {
            text.append(side == 0 ? "A: " : "B: ").append(hostPlans[side]).append('\n');
            if (applications[side] != null) {
                text.append(applications[side].describe());
            }
            if (hosts[side] != null) {
                text.append(hosts[side].describe());
            }
        }
        plans.forEach(plan -> text.append(plan).append('\n'));
        text.append(trace.text());
        return text.toString();
    }

    /** Sums of {@link TcpCounters} over hosts and seeds. */
    static final class TcpTotals {
        private final long[] values = new long[TcpCounters.COUNT];

        void add(TcpCounters counters) {
            for (int i = 0; i < values.length; i++) {
                values[i] += counters.get(i);
            }
        }

        void add(TcpTotals other) {
            for (int i = 0; i < values.length; i++) {
                values[i] += other.values[i];
            }
        }

        long get(int counter) {
            return values[counter];
        }
    }
}
