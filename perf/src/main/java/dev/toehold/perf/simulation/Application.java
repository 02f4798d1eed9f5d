package dev.toehold.perf.simulation;

import static dev.toehold.perf.simulation.SimulationFailure.check;

import dev.toehold.abi.ResultCode;
import dev.toehold.client.SimulatedClient;
import dev.toehold.net.IpAddress;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The application of one side: listens, opens connections when their time has come, and lets each stream act. */
final class Application {
    private static final int BACKLOG = 16;

    /** Ports that the engine chooses begin above those that plans name. */
    private static final int EPHEMERAL = 10_000;

    private static final long RETRY_NS = 5_000_000;

    /** Of a simultaneous open: two SYNs rarely cross on a link of 20 us. */
    private static final int MAX_REFUSALS = 2_000;

    private final int side;
    private final SimulatedClient client;
    private final SplittableRandom random;
    private final List<ConnectionPlan> plans;
    private final List<SimulatedStream> streams = new ArrayList<>();
    private final long[] openNs;
    private final int[] refusals;
    private boolean isListenSubmitted;
    private boolean isEnding;
    private boolean isEndSubmitted;
    private final int maxSends;
    private int sends;
    private long nowNs;
    private long progressNs;

    Application(
            int side,
            SimulatedClient client,
            MemorySegment memory,
            List<ConnectionPlan> plans,
            SplittableRandom random,
            int maxSends,
            long nowNs) {
        this.side = side;
        this.client = client;
        this.plans = plans;
        this.random = random;
        this.maxSends = maxSends;
        this.nowNs = nowNs;
        progressNs = nowNs;
        openNs = new long[plans.size()];
        refusals = new int[plans.size()];
        long base = 0;
        for (ConnectionPlan plan : plans) {
            streams.add(new SimulatedStream(this, plan, side, memory, base, random.split()));
            base += plan.streams().get(side).memoryBytes();
            openNs[plan.index()] = Long.MAX_VALUE;
        }
    }

    static long memoryBytes(List<ConnectionPlan> plans, int side) {
        return plans.stream()
                .mapToLong(plan -> plan.streams().get(side).memoryBytes())
                .sum();
    }

    static boolean mayFlush(List<ConnectionPlan> plans, int side) {
        return plans.stream()
                .anyMatch(plan -> plan.streams().get(side).flush() > 0
                        || plan.streams().get(side).more() > 0);
    }

    /**
     * Whether another SEND may be outstanding. Each holds a completion slot until the peer has acknowledged it, and without slots the
     * engine takes no CONSUMED and no RECEIVE either: two applications that only send would wait for each other for ever.
     */
    boolean maySend() {
        return sends < maxSends;
    }

    void onSubmitted() {
        sends++;
    }

    /** A SEND is done: whoever waited may send. */
    void onSent() {
        sends--;
        streams.forEach(SimulatedStream::onRoom);
    }

    /** Both sides listen: connections may come. */
    void begin(long now) {
        for (ConnectionPlan plan : plans) {
            openNs[plan.index()] = plan.opens(side) ? now + plan.startNs() : Long.MAX_VALUE;
        }
    }

    long nowNs() {
        return nowNs;
    }

    /** Something came forward. */
    void progress() {
        progressNs = nowNs;
    }

    long progressNs() {
        return progressNs;
    }

    /** When the application wants its turn whatever the engine does. */
    long nextActNs() {
        long next = needsListener() ? nowNs + RETRY_NS : Long.MAX_VALUE;
        for (int i = 0; i < openNs.length; i++) {
            next = Math.min(next, Math.min(openNs[i], streams.get(i).actNs));
        }
        return next;
    }

    private boolean needsListener() {
        return !isListenSubmitted || (isEnding && !isEndSubmitted);
    }

    void act(long now) {
        nowNs = now;
        if (!isListenSubmitted) {
            isListenSubmitted =
                    client.listen(ConnectionPlan.LISTEN_PORT, BACKLOG, BACKLOG, this::accept) == ResultCode.OK;
        } else if (isEnding && !isEndSubmitted && client.isListening()) {
            isEndSubmitted = client.closeListener() == ResultCode.OK;
        }
        for (int i = 0; i < openNs.length; i++) {
            if (openNs[i] <= now) {
                openNs[i] = Long.MAX_VALUE;
                open(plans.get(i));
            }
            if (streams.get(i).actNs <= now) {
                streams.get(i).act();
            }
        }
    }

    private void open(ConnectionPlan plan) {
        IpAddress remote = SimulatedHost.address(1 - side, plan.isIpv6());
        SimulatedStream stream = streams.get(plan.index());
        int code = client.connect(
                remote.hi(), remote.lo(), plan.remotePort(), plan.openerPort(), new SimulatedClient.Connector() {
                    @Override
                    public void onConnected(SimulatedClient.Stream opened, int localPort) {
                        progress();
                        stream.attach(opened);
                    }

                    @Override
                    public void onFailed(int code) {
                        check(plan.isSimultaneous() && code == ResultCode.REFUSED, "CONNECT failed with", code);
                        refusals[plan.index()]++;
                        check(refusals[plan.index()] < MAX_REFUSALS, "CONNECT refused so often", MAX_REFUSALS);
                        retry(plan);
                    }
                });
        if (code != ResultCode.OK) {
            check(code == ResultCode.BACK_PRESSURED, "CONNECT refused", code);
            retry(plan);
        }
    }

    private void retry(ConnectionPlan plan) {
        openNs[plan.index()] = nowNs + random.nextLong(RETRY_NS) + 1;
    }

    private void accept(SimulatedClient.Stream accepted, int remotePort) {
        progress();
        for (ConnectionPlan plan : plans) {
            boolean isIt = plan.openerPort() == remotePort || (plan.openerPort() == 0 && remotePort >= EPHEMERAL);
            if (isIt && !plan.opens(side)) {
                streams.get(plan.index()).attach(accepted);
                return;
            }
        }
        throw new SimulationFailure("a connection that nobody opened: remotePort=" + remotePort);
    }

    /** Whether nothing of this side is left to do or to wait for. */
    boolean isOver() {
        for (int i = 0; i < streams.size(); i++) {
            SimulatedStream stream = streams.get(i);
            boolean mayBeMissing = !plans.get(i).isOrderly() && !plans.get(i).opens(side);
            if (stream.isAttached() ? !stream.isOver() : !mayBeMissing) {
                return false;
            }
        }
        return true;
    }

    /** Ends the listener. */
    void end() {
        isEnding = true;
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        streams.forEach(stream -> text.append("  ").append(stream.describe()).append('\n'));
        return text.toString();
    }
}
