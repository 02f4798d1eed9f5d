package dev.toehold.engine;

import dev.toehold.control.ClientDoorbells;
import dev.toehold.engine.config.EngineConfig;
import dev.toehold.engine.config.EngineSettings;
import dev.toehold.engine.config.HugepageUse;
import dev.toehold.engine.config.PortSettings;
import dev.toehold.engine.rehearsal.Compilers;
import dev.toehold.engine.rehearsal.PortRehearsal;
import dev.toehold.engine.rehearsal.Rehearsal;
import dev.toehold.ffi.dpdk.DmaDev;
import dev.toehold.ffi.dpdk.Eal;
import dev.toehold.ffi.dpdk.EalConfig;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.port.Adapter;
import dev.toehold.port.DpdkMemory;
import dev.toehold.port.DpdkPort;
import dev.toehold.port.DpdkPorts;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortDevice;
import dev.toehold.port.PortPrivileges;
import dev.toehold.stack.ClaimRecords;
import dev.toehold.stack.DispatchRings;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.FlowOwners;
import dev.toehold.stack.LcoreEnvironment;
import dev.toehold.stack.LcorePort;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.Routes;
import dev.toehold.stack.StateFile;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.agrona.ErrorHandler;

/**
 * An engine from start to end. {@link #start} makes, in this order: state directory and locked state file, EAL and the mbuf pool, ports,
 * addresses, rings, lcores, the control side; whatever fails, everything made before is undone and the exception says in one line what
 * was wrong and what to do. {@link #close} undoes it all in reverse: clients first, then connections are reset, at the end the state file
 * is removed. A process that is killed leaves the state file, from which the next engine resumes.
 *
 * <p>One per process, because EAL is. Nothing here prints.
 */
public final class Engine implements AutoCloseable {
    private static final int RING_SIZE = 2048;

    /** Mbufs that may wait beside those in bursts: transmit batches and unresolved neighbours of an lcore. */
    private static final int RETAINED_PER_LCORE = 1024;

    private static final int MAX_LCORES = 126;

    private final EngineConfig config;
    private final StateFile.Leftovers leftovers;
    private final UndoStack undo = new UndoStack();
    private final List<String> warnings = new ArrayList<>();
    private final List<DpdkPort> ports = new ArrayList<>();
    private final List<Doorbell> doorbells = new ArrayList<>();
    private final List<LcoreAgent> agents = new ArrayList<>();
    private final List<LcoreThread> threads = new ArrayList<>();
    private final int lcoreCount;
    private StateDirectory directory;
    private StateFile stateFile;
    private LocalAddresses addresses;
    private Routes routes;
    private CopyEngines copyEngines;
    private PktMbufPool pool;
    private KernelPaths kernelPaths;
    private boolean hasStarted;

    private Engine(EngineConfig config, StateFile.Leftovers leftovers) {
        this.config = config;
        this.leftovers = leftovers;
        lcoreCount = Math.max(1, config.engine().lcores().size());
    }

    /**
     * Starts an engine; the calling thread is in the network namespace of its interfaces.
     *
     * @throws EngineException if it cannot; nothing is left behind but connections of an earlier engine, as they were
     */
    public static Engine start(EngineConfig config, Rooms rooms) {
        return start(config, rooms, StateFile.Leftovers.REFUSE);
    }

    /** Like {@link #start(EngineConfig, Rooms)}; {@code leftovers} says what becomes of connections of an earlier engine. */
    public static Engine start(EngineConfig config, Rooms rooms, StateFile.Leftovers leftovers) {
        Engine engine = new Engine(config, leftovers);
        try {
            engine.build(rooms);
            return engine;
        } catch (RuntimeException | Error e) {
            try {
                engine.undo.close();
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            if (e instanceof RuntimeException && !(e instanceof EngineException)) {
                throw new EngineException(oneLine(e), e);
            }
            throw e;
        }
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.lines().findFirst().orElse(message);
    }

    private void build(Rooms rooms) {
        EngineSettings settings = config.engine();
        if (lcoreCount > MAX_LCORES) {
            throw new EngineException(
                    "engine.lcores names " + lcoreCount + " CPUs: at most " + MAX_LCORES + " are possible");
        }
        for (PortSettings port : config.ports()) {
            PortPrivileges.check(PortDevice.parse(port.device()), port.mtu());
        }
        directory = undo.add(StateDirectory.create(settings.state()));
        stateFile = StateFile.open(settings.state(), settings.maxConnections(), lcoreCount, leftovers);
        undo.add(this::closeStateFile);
        undo.add(directory.openErrors());
        if (!stateFile.abandoned().isEmpty()) {
            warnings.add(stateFile.abandoned() + "; they are not resumed, their peers get a reset when they send");
        }
        Netlink netlink = undo.add(Netlink.open());
        ClaimRecords claims = new ClaimRecords(stateFile);
        kernelPaths = KernelPaths.open(config, netlink, undo);
        AddressPlan plan = AddressPlan.read(config, netlink, claims.owed());
        pool = startDpdk(settings);
        copyEngines = undo.add(CopyEngines.open(settings, lcoreCount, warnings));
        if (stateFile.liveCount() == 0) { // else peers wait
            Rehearsal.run(settings.state(), pool, config.tcp().toTcpConfig(), settings.rehearsal());
        }
        openPorts();
        PortRehearsal.run(ports);
        addresses = plan.localAddresses(ports, stateFile.hashKey(0), stateFile.hashKey(1));
        routes = new Routes(addresses, plan.gateways());
        undo.add(Takeover.begin(netlink, claims, plan, () -> stateFile.liveCount() > 0));
        kernelPaths.take(addresses, plan, () -> stateFile.liveCount() > 0);
        undo.add(rooms);
        rooms.open(this);
        keepOffLcores();
        startLcores(rooms);
        if (stateFile.liveCount() == 0) {
            Compilers.awaitRest(settings.rehearsal());
        }
        warnOfForeign();
        rooms.start(this);
        undo.add(rooms::stop);
        hasStarted = true;
    }

    private void warnOfForeign() {
        int foreign = agents.stream()
                .mapToInt(agent -> agent.stack().resumption().foreignCount())
                .sum();
        if (foreign > 0) {
            warnings.add(foreign + " connections of an earlier engine have addresses or a clock that this one has not;"
                    + " they are not resumed, their peers get a reset when they send");
        }
    }

    private void closeStateFile() {
        // After an orderly end nothing is left to resume: every connection was reset. A start that failed leaves what
        // it found.
        if (stateFile.liveCount() == 0) {
            stateFile.delete();
        }
        stateFile.close();
    }

    private PktMbufPool startDpdk(EngineSettings settings) {
        List<PortDevice> devices = config.ports().stream()
                .map(port -> PortDevice.parse(port.device()))
                .toList();
        int mtu = config.ports().stream().mapToInt(port -> port.mtu()).max().orElse(1500);
        int retained = lcoreCount * RETAINED_PER_LCORE
                + settings.copyEngines().size() * DmaDev.DESCRIPTORS
                + lcoreCount * lcoreCount * RING_SIZE
                + kernelPaths.retainedMbufs(lcoreCount);
        DpdkMemory memory = DpdkMemory.of(devices, mtu, lcoreCount, retained);
        int megabytes = settings.packetMemoryMegabytes();
        if (megabytes < memory.megabytes()) {
            throw new EngineException("engine.packet-memory=" + megabytes + "M is too little for " + lcoreCount
                    + " lcores and " + devices.size() + " ports: set it to " + memory.megabytes() + "M or more");
        }
        List<String> pciDevices = Stream.concat(
                        devices.stream()
                                .filter(device -> device.kind() == PortDevice.Kind.PCI)
                                .map(PortDevice::target),
                        settings.copyEngines().stream().filter(EalConfig::isPciAddress))
                .distinct()
                .toList();
        Eal eal = undo.add(Eal.init(EalConfig.ofMegabytes(megabytes)
                .withHugepages(hugepages(settings.hugepages()))
                .withPciDevices(pciDevices)));
        if (!eal.isHugepages() && settings.hugepages() != HugepageUse.NEVER) {
            warnings.add("without hugepages: " + eal.memoryReason());
        }
        return undo.add(memory.createPool("toehold"));
    }

    private static EalConfig.Hugepages hugepages(HugepageUse use) {
        return switch (use) {
            case IF_FREE -> EalConfig.Hugepages.IF_FREE;
            case REQUIRED -> EalConfig.Hugepages.REQUIRED;
            case NEVER -> EalConfig.Hugepages.NEVER;
        };
    }

    private void openPorts() {
        for (int i = 0; i < config.ports().size(); i++) {
            PortDevice device = PortDevice.parse(config.ports().get(i).device());
            DpdkPort port = undo.add(DpdkPorts.open(
                    device,
                    i,
                    config.ports().get(i).mtu(),
                    lcoreCount,
                    length -> FlowOwners.redirectionKey(stateFile, length),
                    pool));
            ports.add(port);
            String reason = port.adapter().queueReason();
            if (!reason.isEmpty()) {
                warnings.add("port " + device.text() + " does not choose the lcore of a packet: " + reason
                        + "; rings between the lcores do");
            }
            if (!port.adapter().checksumTransmit()) {
                warnings.add("port " + device.text() + " computes no checksums: the engine does");
            }
        }
    }

    /** Lets the ports' hardware choose the lcores, unless connections of an earlier engine are spread otherwise. */
    private FlowOwners spread() {
        if (stateFile.liveCount() == 0) {
            stateFile.spread(ports.stream()
                    .mapToInt(DpdkPort::redirectionTableSize)
                    .filter(size -> size > 0)
                    .min()
                    .orElse(FlowOwners.KEYED_HASH));
        }
        FlowOwners owners = FlowOwners.of(stateFile);
        for (DpdkPort port : ports) {
            int size = port.redirectionTableSize();
            if (size > 0) {
                boolean isPossible = owners.tableSize() != FlowOwners.KEYED_HASH && size >= owners.tableSize();
                String reason = isPossible
                        ? port.redirect(owners.redirection(size))
                        : "the connections of an earlier engine are spread otherwise";
                if (!reason.isEmpty()) {
                    warnings.add("port " + port.adapter().device() + " does not choose the lcore of a packet: " + reason
                            + "; rings between the lcores do");
                }
            }
        }
        return owners;
    }

    private void keepOffLcores() {
        List<Integer> lcores = config.engine().lcores();
        if (Housekeeping.isPossible(lcores)) {
            undo.add(Housekeeping.keepOff(lcores));
        } else {
            warnings.add(
                    "every CPU that this process may use is an lcore's: the JVM's own threads hold up packets now and then");
        }
    }

    private void startLcores(Rooms rooms) {
        for (int lcore = 0; lcore < lcoreCount; lcore++) {
            doorbells.add(undo.add(new Doorbell()));
        }
        DispatchRings rings =
                undo.add(new DispatchRings("toehold", doorbells.toArray(Doorbell[]::new), RING_SIZE, spread()));
        SecureRandom random = new SecureRandom();
        kernelPaths.openRings(doorbells);
        kernelPaths.start(ports, pool, directory);
        undo.add(this::stopLcores);
        for (int lcore = 0; lcore < lcoreCount; lcore++) {
            LcoreEnvironment environment = new LcoreEnvironment(
                    lcore,
                    lcorePorts(lcore),
                    stateFile,
                    rings,
                    pool,
                    addresses,
                    routes,
                    config.tcp().toTcpConfig(),
                    random.nextLong(),
                    config.engine().resumeGrace().toNanos(),
                    directory);
            List<Integer> cpus = config.engine().lcores();
            LcoreAgent agent = new LcoreAgent(
                    this,
                    rooms,
                    environment,
                    doorbells.get(lcore),
                    config.engine().idle(),
                    cpus.isEmpty() ? -1 : cpus.get(lcore));
            LcoreThread thread = new LcoreThread(agent, directory);
            threads.add(thread);
            agents.add(agent);
            thread.start();
            try {
                agent.started().join();
            } catch (CompletionException e) {
                throw new EngineException(
                        agent.roleName() + " on CPU " + cpus + " cannot start: " + oneLine(e.getCause()), e);
            }
        }
    }

    private List<LcorePort> lcorePorts(int lcore) {
        List<LcorePort> result = new ArrayList<>();
        for (int i = 0; i < ports.size(); i++) {
            int owner = i % lcoreCount;
            Adapter adapter = ports.get(i).adapter();
            boolean hasQueue = adapter.rxQueues() > 1 || owner == lcore;
            int queue = !hasQueue ? LcorePort.NONE : adapter.rxQueues() > 1 ? lcore : 0;
            result.add(new LcorePort(
                    i,
                    ports.get(i),
                    queue,
                    queue,
                    owner,
                    adapter.macAddress(),
                    adapter.mtu(),
                    hasQueue,
                    adapter.partialChecksums(),
                    adapter.checksumTransmit(),
                    kernelPaths.rings(i)));
        }
        return result;
    }

    private void stopLcores() {
        threads.forEach(thread -> thread.terminate(hasStarted));
        threads.forEach(LcoreThread::join);
    }

    public EngineConfig config() {
        return config;
    }

    /** What the engine does without, and why; a line each. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    /** Those of the configuration that are in use. */
    CopyEngines copyEngines() {
        return copyEngines;
    }

    /** In the order of their indexes. */
    public List<? extends PacketPort> ports() {
        return List.copyOf(ports);
    }

    public LocalAddresses addresses() {
        return addresses;
    }

    public Routes routes() {
        return routes;
    }

    /** Mbufs that neither the pool nor an lcore's cache has; exact only while no lcore works. */
    int mbufsInUse() {
        return pool.count() - pool.availableCount();
    }

    int mbufCount() {
        return pool.count();
    }

    public StateFile stateFile() {
        return stateFile;
    }

    /** Takes bugs: into the file {@code errors} of the state directory. Any thread. */
    public ErrorHandler errorHandler() {
        return directory;
    }

    public int lcoreCount() {
        return lcoreCount;
    }

    /** Runs commands on an lcore. */
    public LcoreCommands commands(int lcore) {
        return agents.get(lcore).commands();
    }

    /** Where the clients of an lcore ring. */
    public ClientDoorbells clientDoorbells(int lcore) {
        return agents.get(lcore).clientDoorbells();
    }

    /** The stack of an lcore, to be used on that lcore only. */
    public LcoreStack stack(int lcore) {
        return Objects.requireNonNull(agents.get(lcore).stack());
    }

    /**
     * Ends it: see the class. Idempotent.
     *
     * @throws EngineException if something could not be undone
     */
    @Override
    public synchronized void close() {
        undo.close();
    }
}
