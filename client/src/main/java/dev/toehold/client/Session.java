package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.ffi.linux.WakeSocket;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Everything behind a {@link Toehold}: control channel, lanes, regions, buffers, and who polls. */
final class Session {
    private static final int MAX_LCORES = 256;
    private static final Duration UNREGISTER_PATIENCE = Duration.ofSeconds(60);
    private static final long CLOSE_PATIENCE_NS = Duration.ofSeconds(2).toNanos();

    private static final long CLOSE_LOOK_NS = Duration.ofMillis(1).toNanos() / 10;

    private static final long FIRST_DELAY_NS = Duration.ofMillis(5).toNanos();
    private static final long LONGEST_DELAY_NS = Duration.ofMillis(250).toNanos();

    private final ToeholdBuilder options;
    private final Path socketPath;
    private volatile ControlChannel control;
    private WakeSocket engineWake;
    private final EventFd ownWake = EventFd.create();
    private volatile Adapter adapter;
    private volatile ControlBody.Token token;
    private final SessionMemory memory = new SessionMemory();
    private final ReentrantLock attachLock = new ReentrantLock();
    private final Condition attached = attachLock.newCondition();
    private List<AutoCloseable> engineResources = new ArrayList<>();
    private long epoch;
    private volatile boolean isDetached;
    private long resumeUntilNs;
    private long nextAttemptNs;
    private long attemptDelayNs;
    private final List<Lane> lanes = new ArrayList<>();
    private final List<AutoCloseable> resources = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final Region[] regions = new Region[Abi.MAX_REGIONS];
    private final ReentrantLock regionLock = new ReentrantLock();
    private final AtomicInteger nextLane = new AtomicInteger();
    private final ReentrantLock closeLock = new ReentrantLock();
    private Poller poller;
    private volatile SendPool sendPool;
    private volatile ToeholdException failure;
    private volatile RuntimeException failureDue;
    private volatile boolean isClosed;

    private Session(ToeholdBuilder options, Path socketPath, ControlChannel control, ControlChannel.Answer answer) {
        ControlBody.Welcome welcome = (ControlBody.Welcome) answer.body();
        this.options = options;
        this.socketPath = socketPath;
        this.control = control;
        this.engineWake = WakeSocket.adopt(answer.descriptors().getFirst());
        this.token = welcome.token();
        this.epoch = welcome.epoch();
        this.adapter = Adapter.of(welcome);
    }

    /** The first message to an engine; {@link ControlBody.Token#NONE} for a new session. */
    static ControlBody.Hello hello(ToeholdBuilder options, ControlBody.Token token) {
        int credit =
                options.receiveBufferBytes == 0 ? 0 : options.receiveCreditBytes; // nothing to receive into: explicit
        return new ControlBody.Hello(Abi.MAJOR, Abi.MINOR, credit, options.requiredCapabilities, token, options.name);
    }

    /** A queue pair, if it is the one that was asked for. */
    static ClientQueuePair checked(ClientQueuePair queuePair, int lcore, long epoch) throws ToeholdException {
        if (queuePair.lcore() != lcore || queuePair.epoch() != epoch) {
            throw new ToeholdException(
                    ResultCode.INCOMPATIBLE,
                    "queue pair of lcore=" + queuePair.lcore() + " epoch=" + queuePair.epoch() + ", asked for lcore="
                            + lcore + " epoch=" + epoch);
        }
        return queuePair;
    }

    static Session attach(ToeholdBuilder options) throws IOException {
        Path path = options.socket != null ? options.socket : EngineSockets.find();
        SeqPacketSocket socket;
        try {
            socket = SeqPacketSocket.connect(path.toString(), options.patience.toNanos());
        } catch (LinuxException e) {
            throw new IOException(EngineSockets.whyUnreachable(path, e), e);
        }
        ControlChannel control = new ControlChannel(socket);
        Session session = null;
        try {
            ControlChannel.Answer answer = control.request(
                    hello(options, ControlBody.Token.NONE), ControlBody.Welcome.class, options.patience, true);
            session = new Session(options, path, control, answer);
            session.setUp();
            return session;
        } catch (IOException | RuntimeException e) {
            if (session == null) {
                control.close();
            } else {
                session.tearDown();
            }
            throw e;
        }
    }

    private void setUp() throws IOException {
        if (adapter.lcoreCount() < 1 || adapter.lcoreCount() > MAX_LCORES) {
            throw new ToeholdException(ResultCode.INCOMPATIBLE, "the engine said lcoreCount=" + adapter.lcoreCount());
        }
        for (int lcore = 0; lcore < adapter.lcoreCount(); lcore++) {
            lanes.add(newLane(lcore));
        }
        poller = new Poller(this, control, engineWake, ownWake);
        resources.add(poller);
        if (options.receiveBufferBytes > 0) {
            BufferClasses.declare(this, options.receiveBufferBytes);
        }
        if (!options.polled) {
            poller.start("toehold-" + adapter.engineName());
        }
    }

    private Lane newLane(int lcore) throws IOException {
        ControlChannel.Answer answer = request(new ControlBody.QueuePair(lcore), ControlBody.QueuePairReady.class);
        EventFd doorbell = EventFd.adopt(answer.descriptors().get(1));
        engineResources.add(doorbell);
        ControlBody.QueuePairReady ready = (ControlBody.QueuePairReady) answer.body();
        try (Fd descriptor = answer.descriptors().getFirst()) {
            Mapping mapping = Mapping.map(descriptor, 0, ready.length(), Mapping.Access.READ_WRITE);
            engineResources.add(mapping);
            ClientQueuePair queuePair = checked(new ClientQueuePair(mapping.segment(arena)), lcore, epoch);
            return new Lane(this, new QueuePairCore(queuePair, options.receiveCreditBytes), doorbell);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ToeholdException(
                    ResultCode.INCOMPATIBLE, "queue pair of lcore=" + lcore + ": " + e.getMessage(), e);
        }
    }

    Adapter adapter() {
        return adapter;
    }

    /** What a later engine asks for to take this session up again. */
    ControlBody.Token token() {
        return token;
    }

    List<Lane> lanes() {
        return lanes;
    }

    Lane nextLane() {
        return lanes.get(Math.floorMod(nextLane.getAndIncrement(), lanes.size()));
    }

    /** How long the engine may take to answer what it does by itself. */
    Duration patience() {
        return options.patience;
    }

    boolean isPolled() {
        return options.polled;
    }

    boolean hasProvidedBuffers() {
        return options.receiveBufferBytes > 0;
    }

    /** An address of the engine by its index in the WELCOME; the wildcard if there is no such index. */
    InetAddress localAddress(int index) {
        List<InetAddress> addresses = adapter.addresses();
        return index >= 0 && index < addresses.size() ? addresses.get(index) : Endpoints.address(0, 0);
    }

    /** Throws if the session is over. */
    void check() throws IOException {
        ToeholdException reason = failure;
        if (reason != null) {
            throw new ToeholdException(reason.code(), reason.getMessage(), reason);
        }
        if (isClosed) {
            throw new ToeholdException(ResultCode.CLOSED, "this Toehold is closed");
        }
    }

    <T extends ControlBody> ControlChannel.Answer request(ControlBody body, Class<T> expected) throws IOException {
        return request(body, expected, options.patience);
    }

    /** Asks the engine, or the next one if this one dies before it has answered. */
    private <T extends ControlBody> ControlChannel.Answer request(
            ControlBody body, Class<T> expected, Duration patience, Fd... descriptors) throws IOException {
        while (true) {
            check();
            ControlChannel asked = control;
            try {
                awaitAttached();
                asked = control;
                return asked.request(body, expected, patience, pollsHere(), descriptors);
            } catch (ToeholdException e) {
                if (e.code() != ResultCode.ENGINE_GONE || !mayComeBack(asked)) {
                    throw e;
                }
            }
        }
    }

    private boolean pollsHere() {
        return poller == null || !poller.isRunning();
    }

    void requestRegister(int region, long sizeBytes, Fd descriptor) throws IOException {
        request(new ControlBody.Register(region, sizeBytes), ControlBody.Reply.class, options.patience, descriptor);
    }

    /** Declares a group of provided buffers, to this engine and those after it. */
    void declare(ControlBody.Group group) throws IOException {
        request(group, ControlBody.Reply.class);
        memory.add(group);
    }

    Region register(long sizeBytes) throws IOException {
        if (sizeBytes < 1) {
            throw new IllegalArgumentException("sizeBytes=" + sizeBytes + ", allowed: 1 or more");
        }
        if (sizeBytes > adapter.maxRegionBytes()) {
            throw new ToeholdException(
                    ResultCode.LIMIT,
                    "sizeBytes=" + sizeBytes + ": all regions of this session together may have "
                            + adapter.maxRegionBytes()
                            + "; use less, or raise region-bytes in [[policy]] of the engine's configuration");
        }
        regionLock.lock();
        try {
            int id = 0;
            int limit = Math.min(adapter.maxRegions(), regions.length);
            while (id < limit && regions[id] != null) {
                id++;
            }
            if (id >= limit) {
                throw new ToeholdException(
                        ResultCode.LIMIT,
                        "all " + limit + " regions of the session are in use; close one, or make one large");
            }
            Region region = Region.register(this, id, sizeBytes);
            regions[id] = region;
            memory.add(region);
            setRegion(id, region);
            return region;
        } finally {
            regionLock.unlock();
        }
    }

    void unregister(Region region) throws IOException {
        regionLock.lock();
        try {
            if (regions[region.id()] != region) {
                return;
            }
            if (failure == null && !isClosed) {
                request(new ControlBody.Unregister(region.id()), ControlBody.Reply.class, UNREGISTER_PATIENCE);
            }
            memory.remove(region);
            regions[region.id()] = null;
            setRegion(region.id(), null);
            region.release();
        } finally {
            regionLock.unlock();
        }
    }

    private void setRegion(int id, Region region) {
        for (Lane lane : lanes) {
            lane.lock();
            try {
                lane.core().region(id, region == null ? null : region.memory());
            } finally {
                lane.unlock();
            }
        }
    }

    /** Memory for output streams; made when the first one writes. No lane may be locked: the engine is asked. */
    SendPool sendPool() throws IOException {
        SendPool made = sendPool;
        if (made != null) {
            return made;
        }
        regionLock.lock();
        try {
            made = sendPool;
            if (made == null) {
                check();
                made = new SendPool(this, register(options.sendBufferBytes));
                sendPool = made;
            }
            return made;
        } finally {
            regionLock.unlock();
        }
    }

    /** Polls everything once, on the caller's thread. Returns how much there was to do. */
    int pollOnce() {
        RuntimeException due = failureDue;
        if (due != null && failure == null) {
            fail(new ToeholdException(
                    ResultCode.INCOMPATIBLE, "the engine broke the contract: " + due.getMessage(), due));
        }
        if (isDetached && (isPolled() || poller.isCurrentThread())) {
            tryReattach();
        }
        int work = 0;
        for (int i = 0; i < lanes.size(); i++) { // no iterator: polling allocates nothing
            Lane lane = lanes.get(i);
            lane.lock();
            try {
                work += lane.poll();
                lane.drain();
            } finally {
                lane.unlock();
            }
        }
        return work;
    }

    /** Waits at most that long for something to do, then polls. Only where no thread of the session does. */
    int pollBlocking(long timeoutNs) {
        int work = pollOnce();
        return work > 0 ? work : poller.waitAndPoll(timeoutNs);
    }

    /** Makes the poller look again: something waits that nothing announces. */
    void wakePoller() {
        if (!isPolled() && !isClosed) {
            ownWake.signal();
        }
    }

    /** The engine broke the contract: ends the session soon, on the poller, because the caller may hold a lane. */
    void failLater(RuntimeException cause) {
        failureDue = cause;
        if (!isClosed) {
            ownWake.signal();
        }
    }

    /** The control socket hung up: the engine died, or has said why it wants no more of this session. */
    void onHangUp() {
        if (isClosed || failure != null) {
            return;
        }
        String farewell = control.farewell();
        if (!farewell.isEmpty() || !mayResume()) {
            fail(ToeholdException.terminated(control.farewellCode(), farewell.isEmpty() ? wentAway() : farewell));
            return;
        }
        lanes.forEach(Lane::detach);
        long nowNs = System.nanoTime();
        resumeUntilNs = nowNs + options.resumeFor.toNanos();
        nextAttemptNs = nowNs;
        attemptDelayNs = FIRST_DELAY_NS;
        isDetached = true;
    }

    private String wentAway() {
        return "the engine " + adapter.engineName() + " went away";
    }

    private boolean mayResume() {
        return !options.resumeFor.isZero()
                && !token.equals(ControlBody.Token.NONE)
                && (adapter.capabilities() & Capability.RESUME) != 0;
    }

    /** Whether a hang-up of this channel may be followed by another engine; waits until the poller has noticed it. */
    private boolean mayComeBack(ControlChannel hungUp) {
        return mayResume() && hungUp.farewell().isEmpty() && failure == null && !isClosed && poller != null;
    }

    /** One try to find the next engine, when it is time for one. On the thread that polls, no lane locked. */
    private void tryReattach() {
        long nowNs = System.nanoTime();
        if (nowNs - nextAttemptNs < 0) {
            return;
        }
        try {
            complete(Reattachment.attempt(socketPath, options, token, memory, lanes, arena));
        } catch (IOException e) {
            if (!Reattachment.isWorthRepeating(e) || nowNs - resumeUntilNs >= 0) {
                fail(ToeholdException.terminated(
                        ResultCode.ENGINE_GONE,
                        wentAway() + " and this session was not taken up by another within " + options.resumeFor + ": "
                                + e.getMessage()));
            }
        }
        attemptDelayNs = Math.min(2 * attemptDelayNs, LONGEST_DELAY_NS);
        nextAttemptNs = System.nanoTime() + attemptDelayNs;
    }

    private void complete(Reattachment next) {
        ControlChannel oldControl = control;
        WakeSocket oldWake = engineWake;
        List<AutoCloseable> oldResources = engineResources;
        control = next.control();
        engineWake = next.engineWake();
        engineResources = next.resources();
        token = next.welcome().token();
        epoch = next.welcome().epoch();
        adapter = Adapter.of(next.welcome());
        poller.use(control, engineWake);
        next.complete(lanes);
        attachLock.lock();
        try {
            isDetached = false;
            attached.signalAll();
        } finally {
            attachLock.unlock();
        }
        oldControl.close();
        oldWake.close();
        closeAll(oldResources);
    }

    /** System.nanoTime at which the thread that polls must look again; Long.MAX_VALUE = when it is woken. */
    long nextAttemptNs() {
        return isDetached ? nextAttemptNs : Long.MAX_VALUE;
    }

    /** Waits while there is no engine. No lane may be locked. */
    private void awaitAttached() throws IOException {
        if (isPolled()) {
            while (isDetached && failure == null && !isClosed) {
                poller.waitAndPoll(LONGEST_DELAY_NS);
            }
            check();
            return;
        }
        attachLock.lock();
        try {
            while (isDetached && failure == null && !isClosed) {
                attached.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for the next engine");
        } finally {
            attachLock.unlock();
        }
        check();
    }

    private void fail(ToeholdException reason) {
        if (failure == null) {
            failure = reason;
            lanes.forEach(lane -> lane.finish(ResultCode.ENGINE_GONE));
            wakeWaiting();
        }
    }

    private void wakeWaiting() {
        attachLock.lock();
        try {
            isDetached = false;
            attached.signalAll();
        } finally {
            attachLock.unlock();
        }
    }

    void close() {
        closeLock.lock();
        try {
            if (isClosed) {
                return;
            }
            if (failure == null && !isDetached) {
                closeConnections();
            }
            isClosed = true;
            wakeWaiting();
            lanes.forEach(lane -> lane.finish(ResultCode.CLOSED));
            tearDown();
        } finally {
            closeLock.unlock();
        }
    }

    /** Hands every connection back, so that what was written is still sent, and waits until the engine has taken that. */
    private void closeConnections() {
        long deadlineNs = System.nanoTime() + CLOSE_PATIENCE_NS;
        for (Lane lane : lanes) {
            lane.lock();
            try {
                List<ConnectionCore> all = new ArrayList<>();
                lane.core().forEachConnection(all::add);
                all.forEach(connection -> connection.close(false));
            } finally {
                lane.unlock();
            }
        }
        for (Lane lane : lanes) {
            while (!lane.isTaken() && failure == null && System.nanoTime() < deadlineNs) {
                pollOnce();
                LockSupport.parkNanos(CLOSE_LOOK_NS);
            }
        }
    }

    private void tearDown() {
        isClosed = true;
        if (poller != null) {
            poller.stop();
        }
        control.close();
        regionLock.lock();
        try {
            arena.close();
            for (int i = 0; i < regions.length; i++) {
                if (regions[i] != null) {
                    regions[i].release();
                    regions[i] = null;
                }
            }
        } finally {
            regionLock.unlock();
        }
        closeAll(resources);
        closeAll(engineResources);
        engineWake.close();
        ownWake.close();
    }

    private static void closeAll(List<AutoCloseable> all) {
        for (AutoCloseable resource : all) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing " + resource + " failed: " + e.getMessage(), e);
            }
        }
    }

    ConnectionInfo info(long handle) throws IOException {
        ControlChannel.Answer answer = request(new ControlBody.TcpInfo(handle), ControlBody.AdminReply.class);
        try {
            return ConnectionInfo.parse(((ControlBody.AdminReply) answer.body()).text());
        } catch (IllegalArgumentException e) {
            throw new IOException("the engine's answer to TCPINFO cannot be read: " + e.getMessage(), e);
        }
    }
}
