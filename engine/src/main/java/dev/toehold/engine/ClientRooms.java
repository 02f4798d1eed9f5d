package dev.toehold.engine;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.Option;
import dev.toehold.abi.ResultCode;
import dev.toehold.control.ControlLimits;
import dev.toehold.control.ControlServer;
import dev.toehold.control.CounterDescriptor;
import dev.toehold.control.CounterPublisher;
import dev.toehold.control.Counters;
import dev.toehold.control.EngineView;
import dev.toehold.control.HistogramDescriptor;
import dev.toehold.control.HistogramSource;
import dev.toehold.control.Metrics;
import dev.toehold.control.PolicyCounter;
import dev.toehold.control.SessionPolicy;
import dev.toehold.engine.config.Characteristic;
import dev.toehold.engine.config.Endpoint;
import dev.toehold.engine.config.EngineConfig;
import dev.toehold.engine.config.GroupName;
import dev.toehold.ffi.linux.Credentials;
import dev.toehold.ffi.linux.IdMap;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.placement.CopyChannel;
import dev.toehold.session.LcoreSessionsProxy;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.SessionRecords;
import dev.toehold.stack.StateFileDescriptor;
import dev.toehold.stack.link.LinkCounters;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;

/** The rooms of a real engine: sessions on each lcore, the control socket, counters file and metrics. */
public final class ClientRooms implements Rooms {
    private static final String COUNTERS = "counters";

    /** How long an orderly end waits for lcores to let go of sessions. */
    private static final long STOP_MS = 2_000;

    private static final long STOP_POLL_MS = 5;

    /** Far beyond what a pass takes, and below what those wait who ask. */
    private static final long HEALTH_PATIENCE_NS = 2_000_000_000L;

    private final String version;
    private final EventsRelay events = new EventsRelay();
    private final List<LcoreSessionsProxy> proxies = new ArrayList<>();
    private Path countersPath;
    private Counters counters;
    private ControlServer server;
    private AgentRunner runner;
    private Metrics metrics;

    /** @param version of the program, as `toehold status` shows it */
    public ClientRooms(String version) {
        this.version = version;
    }

    /** What lcores tell the control thread, which exists only after them; no session does before. */
    private static final class EventsRelay implements SessionEvents {
        private volatile SessionEvents target;

        @Override
        public void onSessionError(Session session, int resultCode) {
            target.onSessionError(session, resultCode);
        }

        @Override
        public void onListening(
                Session session, long handle, long localHigh, long localLow, int localPort, int backlog) {
            target.onListening(session, handle, localHigh, localLow, localPort, backlog);
        }

        @Override
        public void onListenerClosed(Session session, long handle) {
            target.onListenerClosed(session, handle);
        }
    }

    @Override
    public void open(Engine engine) {
        countersPath = engine.config().engine().state().resolve(COUNTERS);
        LcoreCounters names = LcoreCounters.ofNames(portLabels(engine), engine.lcoreCount());
        List<CounterDescriptor> descriptors = new ArrayList<>(CounterPublisher.descriptors(names.counters()));
        descriptors.addAll(PolicyCounter.descriptors());
        List<HistogramDescriptor> histograms =
                names.histograms().stream().map(HistogramSource::descriptor).toList();
        counters = Counters.create(countersPath, descriptors, histograms, engine.lcoreCount());
    }

    private static List<String> portLabels(Engine engine) {
        return engine.ports().stream().map(port -> port.adapter().device()).toList();
    }

    @Override
    public Applications newApplications(Engine engine, LcoreStack stack, LcoreCommands commands) {
        CopyChannel channel = engine.copyEngines().channel(stack.lcore());
        LcoreClients clients = channel == null
                ? LcoreClients.of(stack, events)
                : LcoreClients.of(stack, events, channel, engine.copyEngines().leastLength());
        clients.sessions().characteristic(option(engine.config().tcp().characteristic()));
        // Lcores start one after the other, so the list is in their order and needs no lock.
        proxies.add(new LcoreSessionsProxy(stack.lcore(), clients.sessions(), commands));
        return clients;
    }

    private static int option(Characteristic characteristic) {
        return switch (characteristic) {
            case AUTO -> Option.CHARACTERISTIC_AUTO;
            case INTERACTIVE -> Option.CHARACTERISTIC_INTERACTIVE;
            case BULK -> Option.CHARACTERISTIC_BULK;
        };
    }

    @Override
    public LcoreObserver newObserver(
            Engine engine, LcoreStack stack, LinkCounters linkCounters, LcoreStats stats, Applications applications) {
        LcoreCounters all = new LcoreCounters(
                stack::connectionCount,
                stack::listenerCount,
                stack.tcpCounters(),
                stack.counters(),
                linkCounters,
                stats,
                PortCounterSource.of(portLabels(engine), engine.lcoreCount(), stack.lcore(), engine.ports()),
                ((LcoreClients) applications).sessions());
        CounterPublisher publisher = new CounterPublisher(counters, stack.lcore(), all.counters(), all.histograms());
        return publisher::publish;
    }

    @Override
    public void start(Engine engine) {
        List<EngineView.Lcore> lcores = new ArrayList<>();
        for (int i = 0; i < engine.lcoreCount(); i++) {
            lcores.add(new EngineView.Lcore(proxies.get(i), engine.clientDoorbells(i)));
        }
        List<ControlBody.Port> adapters = engine.ports().stream()
                .map(port -> EngineCapabilities.adapter(port.adapter()))
                .toList();
        String copyEngine = engine.copyEngines().names();
        EngineView view = new EngineView(
                engine.config().engine().name(),
                version,
                engine.stateFile().epoch(),
                EngineCapabilities.of(engine.addresses(), adapters, copyEngine),
                engine.ports().stream()
                        .mapToInt(port -> port.adapter().mtu())
                        .min()
                        .orElse(1500),
                copyEngine,
                engine.copyEngines(),
                engine.config().tcp().congestionControllers(),
                adapters,
                addresses(engine.addresses()),
                engine.config().tcp().congestionControl().name().toLowerCase(Locale.ROOT),
                engine.stateFile().tcbs(),
                engine.stateFile().maxConnections(),
                new SessionRecords(engine.stateFile()),
                engine.config().engine().resumeGrace().toNanos(),
                lcores,
                () -> engine.ports().stream()
                        .map(port -> EngineCapabilities.listing(port, copyEngine))
                        .toList(),
                engine::mbufsInUse);
        ControlLimits limits = ControlLimits.of(
                Math.max(1, engine.stateFile().maxConnections() / engine.lcoreCount()),
                StateFileDescriptor.LISTENERS_PER_LCORE);
        SessionPolicy policy = new ConfiguredPolicy(
                engine.config().policies(),
                limits,
                engine.lcoreCount(),
                Credentials.effectiveUid(),
                IdMap.ofUsers(),
                IdMap.ofGroups());
        server = listen(engine.config(), limits, policy, view);
        events.target = server;
        runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, engine.errorHandler(), null, server);
        Thread _ = AgentRunner.startOnThread(runner);
        startMetrics(engine);
    }

    private ControlServer listen(EngineConfig config, ControlLimits limits, SessionPolicy policy, EngineView view) {
        Path socket = config.control().socket();
        GroupName group = config.control().group();
        try {
            if (group.gid() != GroupName.NONE
                    && socket.startsWith(config.engine().state())) {
                Files.setAttribute(config.engine().state(), "unix:gid", group.gid());
            }
            return new ControlServer(socket, group.gid(), limits, policy, view, counters);
        } catch (IOException | LinuxException e) {
            String remedy = group.gid() == GroupName.NONE
                    ? ""
                    : "; is the engine a member of control.group=" + group + "? (SupplementaryGroups= of systemd,"
                            + " --groups of setpriv)";
            throw new EngineException("control.socket=" + socket + ": " + e.getMessage() + remedy, e);
        }
    }

    private void startMetrics(Engine engine) {
        Endpoint endpoint = engine.config().metrics().listen();
        if (endpoint.isNone()) {
            return;
        }
        List<Executor> lcores = IntStream.range(0, engine.lcoreCount())
                .<Executor>mapToObj(engine::commands)
                .toList();
        HealthCheck check = new HealthCheck(lcores, server, engine.ports(), HEALTH_PATIENCE_NS);
        metrics = new Metrics(counters, EngineGauges.of(engine, version), check::health, check::readiness);
        try {
            metrics.listen(new InetSocketAddress(
                    InetAddress.getByAddress(endpoint.address().toBytes()), endpoint.port()));
        } catch (IOException e) {
            throw new EngineException(
                    "metrics.listen=" + endpoint + ": " + e.getMessage() + "; choose another port, or \"\" for none",
                    e);
        }
    }

    private static List<ControlBody.Address> addresses(LocalAddresses addresses) {
        List<ControlBody.Address> result = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            result.add(new ControlBody.Address(addresses.high(i), addresses.low(i)));
        }
        return result;
    }

    @Override
    public void stop() {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(STOP_MS);
        boolean isLeft = askServer(() -> {
            server.endAll(ResultCode.CLOSED, "the engine ends");
            return server.hasSessions();
        });
        while (isLeft && System.nanoTime() < end) {
            try {
                Thread.sleep(STOP_POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            isLeft = askServer(server::hasSessions);
        }
    }

    /** Runs a question on the control thread; false if it does not answer any more. */
    private boolean askServer(BooleanSupplier question) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        server.execute(() -> answer.complete(question.getAsBoolean()));
        try {
            return answer.get(STOP_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public void close() {
        if (metrics != null) {
            metrics.close();
        }
        if (runner != null) {
            // The control thread looks whether it is to end each time it wakes.
            Thread closer = Thread.ofPlatform().start(runner::close);
            while (closer.isAlive()) {
                server.execute(() -> {});
                try {
                    closer.join(STOP_POLL_MS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
        } else if (server != null) {
            server.onClose();
        }
        if (counters != null) {
            counters.close();
            removeCounters();
        }
    }

    /** What a crash leaves can be read afterwards; an orderly end leaves nothing. */
    private void removeCounters() {
        try {
            Files.deleteIfExists(countersPath);
        } catch (IOException e) {
            throw new EngineException(countersPath + " cannot be removed: " + e.getMessage(), e);
        }
    }
}
