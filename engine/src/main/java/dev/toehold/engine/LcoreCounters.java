package dev.toehold.engine;

import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.CounterSource;
import dev.toehold.control.HistogramSource;
import dev.toehold.engine.StageTimes.Stage;
import dev.toehold.session.LcoreSessions;
import dev.toehold.session.SessionCounters;
import dev.toehold.stack.StackCounters;
import dev.toehold.stack.link.LinkCounters;
import dev.toehold.tcp.TcpCounters;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/**
 * All that an lcore counts: the catalogue from which the counters file, Prometheus, {@code toehold counters} and {@code docs/metrics.md}
 * come. Each group has name and meaning beside its numbers.
 *
 * @param connections that the lcore has, closing ones among them
 * @param listeners that it has
 * @param ports its counters
 * @param sessions null for who only wants to know what there is
 */
record LcoreCounters(
        IntSupplier connections,
        IntSupplier listeners,
        TcpCounters tcp,
        StackCounters stack,
        LinkCounters link,
        LcoreStats lcore,
        CounterSource ports,
        LcoreSessions sessions) {
    private static final List<Stage> STAGES = List.of(Stage.values());

    private static final List<CounterDescriptor> GAUGES = List.of(
            CounterDescriptor.gaugeOfLcores("connections.open", "connections, those that are closing among them"),
            CounterDescriptor.gaugeOfLcores("listeners.open", "listeners; a client has one on each lcore"),
            CounterDescriptor.gaugeOfLcores(
                    "session.lanes", "queue pairs; a session has one on each lcore that it uses"));

    /** Names, units and meanings without values. */
    static LcoreCounters ofNames(List<String> devices, int lcoreCount) {
        return new LcoreCounters(
                () -> 0,
                () -> 0,
                new TcpCounters(),
                new StackCounters(),
                new LinkCounters(),
                new LcoreStats(),
                PortCounterSource.ofNames(devices, lcoreCount),
                null);
    }

    /** In the order of the counters file. */
    List<CounterSource> counters() {
        return List.of(
                CounterSource.ofLcores(TcpCounters.COUNT, TcpCounters::name, TcpCounters::meaning, tcp::get),
                CounterSource.ofLcores(StackCounters.COUNT, StackCounters::name, StackCounters::meaning, stack::get),
                CounterSource.ofLcores(LinkCounters.COUNT, LinkCounters::name, LinkCounters::meaning, link::get),
                CounterSource.ofLcores(LcoreStats.COUNT, LcoreStats::name, LcoreStats::meaning, lcore::get),
                new CounterSource(STAGES.size(), i -> ofStage(STAGES.get(i)), lcore.stages()::ns),
                ports,
                CounterSource.of(sessions),
                new CounterSource(GAUGES.size(), GAUGES::get, this::gauge));
    }

    private long gauge(int index) {
        return switch (index) {
            case 0 -> connections.getAsInt();
            case 1 -> listeners.getAsInt();
            default -> sessions == null ? 0 : sessions.count();
        };
    }

    private static CounterDescriptor ofStage(Stage stage) {
        return new CounterDescriptor(
                "lcore.stage.ns",
                "ns",
                "time in busy passes by what they do, estimated from one in " + StageTimes.INTERVAL,
                Map.of("stage", stage.label()),
                false,
                CounterDescriptor.EVERY_LCORE);
    }

    List<HistogramSource> histograms() {
        SessionCounters session = sessions == null ? new SessionCounters() : sessions.counters();
        return List.of(
                HistogramSource.of("tcp.rtt.ns", "round trips, every sample of every connection", tcp.roundTrips()),
                HistogramSource.of(
                        "session.service.ns",
                        "from the last bytes of a request being shown to a client to its first SEND of the answer",
                        session.serviceTimes()),
                HistogramSource.of(
                        "placement.size.bytes",
                        "payload placed at once, as a rule a segment",
                        session.placementSizes()),
                HistogramSource.of("lcore.pass.ns", "durations of passes that found work", lcore.passDurations()),
                HistogramSource.of(
                        "stack.rx.burst.packets", "packets of receive bursts that brought some", stack.rxBursts()),
                HistogramSource.of("stack.tx.burst.packets", "packets that a port took at once", stack.txBursts()));
    }
}
