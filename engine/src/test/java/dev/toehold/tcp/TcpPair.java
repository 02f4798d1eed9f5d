package dev.toehold.tcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Two cores over a seeded link in virtual time. One seed, one trace. */
final class TcpPair {
    private static final int TRACE_LENGTH = 60;

    final SimulatedLink link;
    private final SimulatedHost[] hosts = new SimulatedHost[2];
    private final long[] contentSeeds;
    private final int[] mss;
    private final boolean simultaneous;
    private final ArrayDeque<Supplier<String>> trace = new ArrayDeque<>();
    private long nowNs = 1_000_000_000L;
    int steps;

    TcpPair(
            SplittableRandom random,
            SimulatedLink.Faults faults,
            TcpConfig[] configs,
            SimulatedHost.Application[] applications,
            int[] mss,
            boolean simultaneous) {
        this.mss = mss;
        this.simultaneous = simultaneous;
        link = new SimulatedLink(random.split(), faults);
        contentSeeds = new long[] {random.nextLong(), random.nextLong()};
        for (int side = 0; side < 2; side++) {
            hosts[side] = new SimulatedHost(this, side, configs[side], applications[side], random.split());
        }
    }

    SimulatedHost host(int side) {
        return hosts[side];
    }

    long nowNs() {
        return nowNs;
    }

    long contentSeed(int side) {
        return contentSeeds[side];
    }

    int mss(int side) {
        return mss[side];
    }

    boolean listens(int side) {
        return side == 1 && !simultaneous;
    }

    void send(int from, byte[] packet) {
        note(from == 0 ? "A>B " : "B>A ", packet);
        link.send(1 - from, packet, nowNs);
    }

    private void note(String direction, byte[] packet) {
        if (trace.size() == TRACE_LENGTH) {
            trace.removeFirst();
        }
        long atNs = nowNs;
        trace.add(() -> "%14.6f %s%s".formatted(atNs / 1e9, direction, SegmentCodec.describe(packet)));
    }

    /** Runs until nothing is left to happen; false = that did not come within the bounds. */
    boolean run(int maxSteps, long maxNs) {
        hosts[0].connect();
        if (simultaneous) {
            hosts[1].connect();
        }
        long endNs = nowNs + maxNs;
        for (steps = 0; steps < maxSteps; steps++) {
            long next = link.nextNs();
            for (SimulatedHost host : hosts) {
                next = Math.min(next, Math.min(host.deadlineNs, Math.min(host.applicationNs, host.retryNs)));
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
            SimulatedHost host = hosts[side];
            if (!arrivals.get(side).isEmpty()) {
                host.onBurst(arrivals.get(side));
            }
            if (host.deadlineNs <= nowNs) {
                host.onTimer();
            }
            if (host.retryNs <= nowNs) {
                host.onRetry();
            }
            if (host.applicationNs <= nowNs) {
                host.onApplication();
            }
        }
    }

    /** What a failure report shows. */
    String report() {
        StringBuilder report = new StringBuilder();
        for (SimulatedHost host : hosts) {
            report.append("%s open=%b freed=%b reason=%d received=%d events=%s%n"
                    .formatted(host.name, host.isOpen(), host.freed, host.reason, host.received(), host.events));
            if (host.isOpen()) {
                Tcb tcb = host.tcb;
                report.append(("  %s una=%d nxt=%d max=%d submitted=%d wnd=%d cwnd=%d ssthresh=%d recovery=%d flags=%x"
                                + " rcvNxt=%d rcvPosition=%d edge=%d grant=%d fin=%d/%d/%d rexmt=%d%n")
                        .formatted(
                                TcpState.name(tcb.state()),
                                tcb.sndUna(),
                                tcb.sndNxt(),
                                tcb.sndMax(),
                                tcb.submitted(),
                                tcb.sndWnd(),
                                tcb.cwnd(),
                                tcb.ssthresh(),
                                tcb.recovery(),
                                tcb.flags(),
                                tcb.rcvNxt(),
                                tcb.rcvPosition(),
                                tcb.rcvEdge(),
                                tcb.rcvGrant(),
                                tcb.finSent(),
                                tcb.finPending(),
                                tcb.finReceived(),
                                tcb.rexmtDeadline()));
            }
        }
        report.append("steps=").append(steps).append(" nowNs=").append(nowNs).append('\n');
        trace.forEach(line -> report.append(line.get()).append('\n'));
        return report.toString();
    }
}
