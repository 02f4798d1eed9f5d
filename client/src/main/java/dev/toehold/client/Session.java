package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.ffi.linux.WakeSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/** Everything behind a {@link Toehold}: control channel, lanes, regions, buffers, and who polls. */
final class Session {
    private static final int MAX_LCORES = 256;
    private static final int MAX_CONSUMED_THRESHOLD = 16 << 10;
    private static final Duration UNREGISTER_PATIENCE = Duration.ofSeconds(60);
    private static final long CLOSE_PATIENCE_NS = Duration.ofSeconds(2).toNanos();

    private static final long CLOSE_LOOK_NS = Duration.ofMillis(1).toNanos() / 10;

    private final ToeholdBuilder options;
    private final ControlChannel control;
    private final WakeSocket engineWake;
    private final EventFd ownWake = EventFd.create();
    private final Adapter adapter;
    private final ControlBody.Token token;
    private final long epoch;
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

    private Session(ToeholdBuilder options, ControlChannel control, ControlChannel.Answer answer) {
        ControlBody.Welcome welcome = (ControlBody.Welcome) answer.body();
        this.options = options;
        this.control = control;
        this.engineWake = WakeSocket.adopt(answer.descriptors().getFirst());
        this.token = welcome.token();
        this.epoch = welcome.epoch();
        this.adapter = Adapter.of(welcome);
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
            int credit = options.receiveBufferBytes == 0 ? 0 : options.receiveCreditBytes;
            ControlBody hello = new ControlBody.Hello(
                    Abi.MAJOR, Abi.MINOR, credit, options.requiredCapabilities, ControlBody.Token.NONE, options.name);
            ControlChannel.Answer answer = control.request(hello, ControlBody.Welcome.class, options.patience, true);
            session = new Session(options, control, answer);
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
        resources.add(doorbell);
        ControlBody.QueuePairReady ready = (ControlBody.QueuePairReady) answer.body();
        try (Fd memory = answer.descriptors().getFirst()) {
            Mapping mapping = Mapping.map(memory, 0, ready.length(), Mapping.Access.READ_WRITE);
            resources.add(mapping);
            ClientQueuePair queuePair = new ClientQueuePair(mapping.segment(arena));
            if (queuePair.lcore() != lcore || queuePair.epoch() != epoch) {
                throw new ToeholdException(
                        ResultCode.INCOMPATIBLE,
                        "queue pair of lcore=" + queuePair.lcore() + " epoch=" + queuePair.epoch()
                                + ", asked for lcore=" + lcore + " epoch=" + epoch);
            }
            int threshold = Math.min(options.receiveCreditBytes / 4, MAX_CONSUMED_THRESHOLD);
            return new Lane(this, new QueuePairCore(queuePair, threshold), doorbell);
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
        check();
        return control.request(body, expected, options.patience, pollsHere());
    }

    private boolean pollsHere() {
        return poller == null || !poller.isRunning();
    }

    void requestRegister(int region, long sizeBytes, Fd memory) throws IOException {
        check();
        control.request(
                new ControlBody.Register(region, sizeBytes),
                ControlBody.Reply.class,
                options.patience,
                pollsHere(),
                memory);
    }

    Region register(long sizeBytes) throws IOException {
        if (sizeBytes < 1 || sizeBytes > adapter.maxRegionBytes()) {
            throw new IllegalArgumentException("sizeBytes=" + sizeBytes + ", allowed: 1 .. " + adapter.maxRegionBytes()
                    + " (all regions together)");
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
                control.request(
                        new ControlBody.Unregister(region.id()),
                        ControlBody.Reply.class,
                        UNREGISTER_PATIENCE,
                        pollsHere());
            }
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
        int work = 0;
        for (Lane lane : lanes) {
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

    /** The control socket hung up. */
    void onHangUp() {
        if (!isClosed) {
            String farewell = control.farewell();
            String what = farewell.isEmpty() ? "the engine " + adapter.engineName() + " went away" : farewell;
            fail(ToeholdException.terminated(control.farewellCode(), what));
        }
    }

    private void fail(ToeholdException reason) {
        if (failure == null) {
            failure = reason;
            lanes.forEach(lane -> lane.finish(ResultCode.ENGINE_GONE));
        }
    }

    void close() {
        closeLock.lock();
        try {
            if (isClosed) {
                return;
            }
            if (failure == null) {
                closeConnections();
            }
            isClosed = true;
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
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing " + resource + " failed: " + e.getMessage(), e);
            }
        }
        engineWake.close();
        ownWake.close();
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
