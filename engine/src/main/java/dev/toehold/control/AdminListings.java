package dev.toehold.control;

import dev.toehold.abi.Handle;
import dev.toehold.session.LcoreSession;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/** The listings that the control thread can make by itself: what it owns, and the counters file. */
final class AdminListings {
    private static final List<String> QUANTILES = List.of("0.5", "0.9", "0.99", "0.999");

    private final EngineView engine;
    private final Counters counters;
    private final Collection<ClientSession> clients;
    private final ListenerRegistry listeners;
    private final ConnectionListing connections;
    private final long startedNs = System.nanoTime();

    AdminListings(
            EngineView engine,
            Counters counters,
            Collection<ClientSession> clients,
            ListenerRegistry listeners,
            ConnectionListing connections) {
        this.engine = engine;
        this.counters = counters;
        this.clients = clients;
        this.listeners = listeners;
        this.connections = connections;
    }

    record Status(
            String name,
            String version,
            long pid,
            long uptimeNs,
            long epoch,
            int lcores,
            int ports,
            int clients,
            int listeners,
            int connections,
            int maxConnections,
            int mbufsInUse) {}

    /** The quotas stand behind what they bound: for the whole session, but submissions per second for each lcore. */
    record Client(
            int id,
            int pid,
            int uid,
            String name,
            int regions,
            int connections,
            long regionBytes,
            boolean ending,
            String policy,
            long maxRegionBytes,
            long maxConnections,
            int lentBuffers,
            int maxSubmissionsPerSecond,
            int denied,
            int throttled) {}

    record Listener(int id, String local, int lcore, int client, int backlog) {}

    record Counter(String name, long value, String unit, Map<String, String> labels) {}

    record RegionItem(int client, int id, long length, boolean locked, boolean removing) {}

    List<?> status() {
        return List.of(new Status(
                engine.name(),
                engine.version(),
                ProcessHandle.current().pid(),
                System.nanoTime() - startedNs,
                engine.epoch(),
                engine.lcores().size(),
                engine.ports().get().size(),
                (int) clients.stream().filter(c -> c.session != null).count(),
                listeners.count(),
                connections.count(),
                engine.maxConnections(),
                engine.mbufsInUse().getAsInt()));
    }

    List<?> clients() {
        List<Client> items = new ArrayList<>();
        for (ClientSession client : clients) {
            if (client.session != null) {
                items.add(new Client(
                        client.session.id(),
                        client.peer.pid(),
                        client.peer.uid(),
                        client.session.name(),
                        client.regions.size(),
                        connections.count(client.session.id()),
                        client.regionBytes(),
                        client.isEnding,
                        client.grant.rule(),
                        client.grant.maxRegionBytes(),
                        (long) client.session.limits().maxConnections()
                                * engine.lcores().size(),
                        ofLanes(client, LcoreSession::lentBuffers),
                        client.session.limits().submissionsPerSecond(),
                        ofLanes(client, LcoreSession::deniedCount),
                        ofLanes(client, LcoreSession::throttledCount)));
            }
        }
        items.sort((a, b) -> Integer.compare(a.id(), b.id()));
        return items;
    }

    private static int ofLanes(ClientSession client, ToIntFunction<LcoreSession> count) {
        return client.lanes.values().stream()
                .mapToInt(lane -> count.applyAsInt(lane.lcoreSession()))
                .sum();
    }

    List<?> listeners() {
        List<Listener> items = new ArrayList<>();
        for (ListenerRegistry.Entry entry : listeners.all()) {
            items.add(new Listener(
                    Handle.index(entry.handle()),
                    ConnectionListing.endpoint(entry.localHigh(), entry.localLow(), entry.localPort()),
                    Handle.lcore(entry.handle()),
                    entry.sessionId(),
                    entry.backlog()));
        }
        return items;
    }

    List<?> counters() {
        List<Counter> items = new ArrayList<>();
        for (int i = 0; i < counters.descriptors().size(); i++) {
            CounterDescriptor descriptor = counters.descriptors().get(i);
            items.add(new Counter(descriptor.name(), counters.sum(i), descriptor.unit(), descriptor.labels()));
        }
        for (int i = 0; i < counters.histograms().size(); i++) {
            addHistogram(items, counters.histograms().get(i), counters.histogram(i));
        }
        return items;
    }

    /** Over all lcores: how many values, their sum, and bounds below which parts of them lie. */
    private static void addHistogram(List<Counter> items, HistogramDescriptor descriptor, HistogramValue value) {
        String name = descriptor.name();
        items.add(new Counter(name + ".values", value.count(), "count", Map.of()));
        items.add(new Counter(name + ".sum", value.sum(), descriptor.unit(), Map.of()));
        for (String quantile : QUANTILES) {
            items.add(new Counter(
                    name,
                    value.quantile(Double.parseDouble(quantile)),
                    descriptor.unit(),
                    Map.of("quantile", quantile)));
        }
    }

    List<?> ports() {
        return engine.ports().get();
    }

    List<?> regions() {
        List<RegionItem> items = new ArrayList<>();
        for (ClientSession client : clients) {
            if (client.session != null) {
                addRegions(items, client, client.regions.values(), false);
                addRegions(items, client, client.removing.values(), true);
            }
        }
        return items;
    }

    private static void addRegions(
            List<RegionItem> items, ClientSession client, Collection<RegionMapping> regions, boolean isRemoving) {
        for (RegionMapping mapping : regions) {
            items.add(new RegionItem(
                    client.session.id(),
                    mapping.region().id(),
                    mapping.region().length(),
                    mapping.isLocked(),
                    isRemoving));
        }
    }
}
