package dev.toehold.tcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Two {@link RestartingHost}s over a seeded link in virtual time. */
final class RestartingPair {
    private static final int TRACE_LENGTH = 40;

    final SimulatedLink link;
    private final RestartingHost[] hosts = new RestartingHost[2];
    private final long[] contentSeeds;
    private final ArrayDeque<String> trace = new ArrayDeque<>();
    private long nowNs = 1_000_000_000L;

    RestartingPair(
            SplittableRandom random, SimulatedLink.Faults faults, TcpConfig config, RestartingHost.Plan[] plans) {
        link = new SimulatedLink(random.split(), faults);
        contentSeeds = new long[] {random.nextLong(), random.nextLong()};
        for (int side = 0; side < 2; side++) {
            hosts[side] = new RestartingHost(this, side, config, plans[side], random.split());
        }
    }

    RestartingHost host(int side) {
        return hosts[side];
    }

    long nowNs() {
        return nowNs;
    }

    long contentSeed(int side) {
        return contentSeeds[side];
    }

    void send(int from, byte[] packet) {
        if (trace.size() == TRACE_LENGTH) {
            trace.removeFirst();
        }
        trace.add("%14.6f %s%s".formatted(nowNs / 1e9, from == 0 ? "A>B " : "B>A ", SegmentCodec.describe(packet)));
        link.send(1 - from, packet, nowNs);
    }

    /** Runs until nothing is left to happen; false = that did not come within the bounds. */
    boolean run(int maxSteps, long maxNs) {
        hosts[1].armDeath();
        hosts[0].connect();
        long endNs = nowNs + maxNs;
        for (int i = 0; i < maxSteps; i++) {
            long next = link.nextNs();
            for (RestartingHost host : hosts) {
                next = Math.min(next, Math.min(host.deadlineNs, Math.min(host.applicationNs, host.engineNs)));
            }
            if (next == Long.MAX_VALUE) {
                return true;
            }
            if (next > endNs) {
                return false;
            }
            nowNs = Math.max(nowNs, next);
            step();
        }
        return false;
    }

    private void step() {
        List<List<byte[]>> arrivals = List.of(new ArrayList<>(), new ArrayList<>());
        for (SimulatedLink.Packet packet = link.poll(nowNs); packet != null; packet = link.poll(nowNs)) {
            arrivals.get(packet.destination).add(packet.bytes);
        }
        for (int side = 0; side < 2; side++) {
            RestartingHost host = hosts[side];
            if (!arrivals.get(side).isEmpty()) {
                host.onBurst(arrivals.get(side));
            }
            if (host.deadlineNs <= nowNs) {
                host.onTimer();
            }
            if (host.engineNs <= nowNs) {
                host.onEngine();
            }
            if (host.applicationNs <= nowNs) {
                host.onApplication();
            }
        }
    }

    String report() {
        StringBuilder report = new StringBuilder();
        for (RestartingHost host : hosts) {
            report.append(host.describe()).append('\n');
        }
        trace.forEach(line -> report.append(line).append('\n'));
        return report.append("nowNs=").append(nowNs).toString();
    }
}
