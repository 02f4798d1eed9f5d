package dev.toehold.client;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.ffi.linux.SeqPacketListener;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.ffi.linux.WakeSocket;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An engine in this process: the real control protocol over a real socket, real queue pairs in sealed memfds, real sleeping
 * and doorbells; only TCP is pretended. One thread plays all lcores. A sleep that ends by its safety timeout and then finds
 * work is a lost wake-up and counted.
 */
final class FakeEngine implements AutoCloseable {
    static final long PEER_ADDRESS_LOW = 0xffff_0a00_0001L;
    static final long OWN_ADDRESS_LOW = 0xffff_0a00_0002L;
    static final int ECHO = 7;
    static final int DISCARD = 9;
    static final int STREAM = 19;
    static final int STUCK = 20;
    static final int REFUSED = 81;
    static final int TIMED_OUT = 82;
    static final int UNREACHABLE = 83;
    private static final long SAFETY_NS = TimeUnit.SECONDS.toNanos(2);
    private static final int WAKE = 1;
    private static final int ACCEPT = 2;
    private static final int DOORBELL = 3;
    private static final int CLIENT = 16;

    final Path path;
    private final int lcores;
    private final int sqEntries;
    private final int cqEntries;
    private final SeqPacketListener listener;
    private final EventFd wake = EventFd.create();
    private final EventFd doorbell = EventFd.create();
    private final Epoll epoll = Epoll.create(64);
    private final SeqPacketMessage message = new SeqPacketMessage();
    private final MemorySegment sendBuffer = Arena.ofAuto().allocate(65536);
    private final ControlEncoder encoder = new ControlEncoder(sendBuffer);
    private final ControlDecoder decoder = new ControlDecoder();
    private final ConcurrentLinkedQueue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private final List<FakeSession> sessions = new ArrayList<>();
    private final Map<Integer, FakePeer> peers = new HashMap<>();
    private final Thread thread;
    private volatile boolean stopped;
    private volatile Throwable failure;
    private long lostWakeups;
    private long sleepCount;
    private FakePeer.Behaviour defaultBehaviour = FakePeer.Behaviour.COLLECT;

    /** One attached client. */
    private static final class FakeSession {
        private final SeqPacketSocket socket;
        private final int number;
        private final Map<Integer, Mapping> regions = new HashMap<>();
        private final Map<Integer, FakeQueuePair.FakeGroup> groups = new HashMap<>();
        private final List<FakeQueuePair> queuePairs = new ArrayList<>();
        private final List<AutoCloseable> resources = new ArrayList<>();
        private WakeSocket clientWake;
        private int credit;

        private FakeSession(SeqPacketSocket socket, int number) {
            this.socket = socket;
            this.number = number;
        }
    }

    FakeEngine(Path path, int lcores, int sqEntries, int cqEntries) {
        this.path = path;
        this.lcores = lcores;
        this.sqEntries = sqEntries;
        this.cqEntries = cqEntries;
        listener = SeqPacketListener.bind(path.toString(), 0600, SeqPacketListener.KEEP_GROUP, 16);
        epoll.add(wake.fd(), Epoll.IN, WAKE);
        epoll.add(doorbell.fd(), Epoll.IN, DOORBELL);
        epoll.add(listener.fd(), Epoll.IN, ACCEPT);
        thread = Thread.ofPlatform().name("fake-engine").daemon().start(this::run);
    }

    FakeEngine(Path path) {
        this(path, 1, QueuePairDescriptor.DEFAULT_SQ_ENTRIES, QueuePairDescriptor.DEFAULT_CQ_ENTRIES);
    }

    void execute(Runnable command) {
        commands.add(command);
        wake.signal();
    }

    <T> T call(Callable<T> command) {
        CompletableFuture<T> future = new CompletableFuture<>();
        execute(() -> {
            try {
                future.complete(command.call());
            } catch (Exception e) {
                future.completeExceptionally(e);
            }
        });
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("fake engine: " + failure, e);
        }
    }

    long lostWakeups() {
        return call(() -> lostWakeups);
    }

    long sleepCount() {
        return call(() -> sleepCount);
    }

    long copiedBytes() {
        return call(() ->
                queuePairs().stream().mapToLong(FakeQueuePair::copiedBytes).sum());
    }

    /** Buffers that clients have lent and the engine not given back. */
    int lentBuffers() {
        return call(
                () -> queuePairs().stream().mapToInt(FakeQueuePair::lentCount).sum());
    }

    int connectionCount() {
        return call(() ->
                queuePairs().stream().mapToInt(pair -> pair.connections.size()).sum());
    }

    long consumedBytes() {
        return call(() ->
                queuePairs().stream().mapToLong(pair -> pair.consumedCount).sum());
    }

    /** The region field of the last CONNECT of the only queue pair. */
    int connectRegion() {
        return call(() -> queuePairs().getFirst().connectRegion);
    }

    /** How many submissions a pass takes at most: 0 stops it from taking any. */
    void throttle(int maxSubmissionsPerPass) {
        call(() -> {
            queuePairs().forEach(pair -> pair.maxSubmissionsPerPass = maxSubmissionsPerPass);
            return null;
        });
    }

    /** On the engine's thread. */
    List<FakeQueuePair> queuePairs() {
        List<FakeQueuePair> all = new ArrayList<>();
        sessions.forEach(session -> all.addAll(session.queuePairs));
        return all;
    }

    /** What peers do that dial in, or that are dialled at a port without a meaning of its own. */
    void defaultBehaviour(FakePeer.Behaviour behaviour) {
        call(() -> defaultBehaviour = behaviour);
    }

    /** A remote host connects to a listener, on the lcore that the count says. */
    FakePeer dial(int port, int lcore) {
        return call(() -> {
            FakePeer peer = new FakePeer(this, defaultBehaviour, 50_000);
            for (FakeQueuePair pair : queuePairs()) {
                FakeQueuePair.FakeListener found = pair.listeners.get(port);
                if (pair.lcore == lcore && found != null) {
                    found.backlog.add(peer);
                    return peer;
                }
            }
            throw new IllegalStateException("nobody listens on port " + port + " of lcore " + lcore);
        });
    }

    boolean isListening(int port) {
        return call(() -> queuePairs().stream().anyMatch(pair -> pair.listeners.containsKey(port)));
    }

    /** The last peer that was dialled at a port. */
    FakePeer peer(int port) {
        return call(() -> peers.get(port));
    }

    /** Says a last word and hangs up on every client. */
    void hangUp(int code, String text) {
        call(() -> {
            for (FakeSession session : List.copyOf(sessions)) {
                if (!text.isEmpty()) {
                    send(session, 0, new ControlBody.Reply(code, text));
                }
                remove(session);
            }
            return null;
        });
    }

    int refusal(int port) {
        return switch (port) {
            case REFUSED -> ResultCode.REFUSED;
            case TIMED_OUT -> ResultCode.TIMED_OUT;
            case UNREACHABLE -> ResultCode.UNREACHABLE;
            default -> 0;
        };
    }

    FakePeer peerAt(int port) {
        FakePeer.Behaviour behaviour = switch (port) {
            case ECHO -> FakePeer.Behaviour.ECHO;
            case DISCARD -> FakePeer.Behaviour.DISCARD;
            case STREAM -> FakePeer.Behaviour.STREAM;
            case STUCK -> FakePeer.Behaviour.STUCK;
            default -> defaultBehaviour;
        };
        FakePeer peer = new FakePeer(this, behaviour, port);
        peers.put(port, peer);
        return peer;
    }

    int credit(FakeQueuePair pair) {
        for (FakeSession session : sessions) {
            if (session.queuePairs.contains(pair)) {
                return session.credit;
            }
        }
        throw new AssertionError();
    }

    private void run() {
        try {
            while (!stopped) {
                if (!pass()) {
                    sleep();
                }
            }
        } catch (Throwable t) {
            failure = t;
            t.printStackTrace();
        } finally {
            List.copyOf(sessions).forEach(this::remove);
        }
    }

    private boolean pass() {
        boolean work = false;
        for (Runnable command = commands.poll(); command != null; command = commands.poll()) {
            command.run();
            work = true;
        }
        for (FakeSession session : List.copyOf(sessions)) {
            boolean wakeClient = false;
            for (FakeQueuePair pair : List.copyOf(session.queuePairs)) {
                work |= pair.poll(this);
                wakeClient |= pair.publish();
            }
            if (wakeClient) {
                session.clientWake.signal();
            }
        }
        return work;
    }

    private void sleep() {
        queuePairs().forEach(FakeQueuePair::arm);
        java.lang.invoke.VarHandle.fullFence();
        boolean news = !commands.isEmpty();
        for (FakeQueuePair pair : queuePairs()) {
            news |= pair.maxSubmissionsPerPass > 0 && pair.hasNews();
        }
        sleepCount++;
        int events = epoll.await(news ? 0 : SAFETY_NS);
        queuePairs().forEach(FakeQueuePair::disarm);
        for (int i = 0; i < events; i++) {
            long data = epoll.data(i);
            if (data == WAKE) {
                wake.drain();
            } else if (data == DOORBELL) {
                doorbell.drain();
            } else if (data == ACCEPT) {
                accept();
            } else {
                pollControl(data);
            }
        }
        if (!news && events == 0 && !stopped) {
            for (FakeQueuePair pair : queuePairs()) {
                lostWakeups += pair.maxSubmissionsPerPass > 0 && pair.hasNews() ? 1 : 0;
            }
        }
    }

    private void accept() {
        SeqPacketSocket socket = listener.accept();
        if (socket != null) {
            int number = CLIENT + sessions.size() + (int) (sleepCount & 0xffff) * 64;
            sessions.add(new FakeSession(socket, number));
            epoll.add(socket.fd(), Epoll.IN, number);
        }
    }

    private void pollControl(long number) {
        for (FakeSession session : List.copyOf(sessions)) {
            if (session.number == number) {
                int result = session.socket.receive(message);
                if (result == SeqPacketSocket.HANG_UP) {
                    remove(session);
                } else if (result > 0) {
                    try {
                        answer(session, decoder.decode(message.payload(), result));
                    } catch (ControlException e) {
                        throw new AssertionError("client sent a bad message", e);
                    }
                }
            }
        }
    }

    private void answer(FakeSession session, ControlFrame frame) {
        long correlation = frame.correlation();
        switch (frame.body()) {
            case ControlBody.Hello hello -> welcome(session, correlation, hello);
            case ControlBody.Register register -> {
                try (Fd fd = message.takeDescriptor(0);
                        MemFd memFd = MemFd.adopt(fd)) {
                    boolean good = memFd.seals().contains(Seal.SHRINK) && memFd.isFullyAllocated();
                    session.regions.put(
                            register.region(), Mapping.map(fd, 0, register.length(), Mapping.Access.READ_WRITE));
                    send(session, correlation, new ControlBody.Reply(good ? 0 : ResultCode.INVALID, ""));
                }
            }
            case ControlBody.Unregister unregister -> {
                session.regions.remove(unregister.region()).close();
                send(session, correlation, new ControlBody.Reply(0, ""));
            }
            case ControlBody.Group group -> {
                FakeQueuePair.FakeGroup known = new FakeQueuePair.FakeGroup(
                        group.group(), group.region(), group.base(), group.bufferSize(), group.count());
                session.groups.put(group.group(), known);
                send(session, correlation, new ControlBody.Reply(0, ""));
            }
            case ControlBody.QueuePair pair -> newQueuePair(session, correlation, pair.lcore());
            case ControlBody.TcpInfo info -> {
                send(session, correlation, new ControlBody.AdminReply("{\"id\":"), true);
                send(session, correlation, new ControlBody.AdminReply(info.handle() + "}"));
            }
            default -> throw new AssertionError(frame);
        }
    }

    private void welcome(FakeSession session, long correlation, ControlBody.Hello hello) {
        if ((hello.requiredCapabilities() & Capability.COPY_ENGINE) != 0) {
            send(
                    session,
                    correlation,
                    new ControlBody.Reply(ResultCode.INCOMPATIBLE, "this engine has no copy engine"));
            return;
        }
        session.credit = hello.receiveCreditBytes();
        WakeSocket[] pair = WakeSocket.pair();
        session.clientWake = pair[0];
        session.resources.add(pair[0]);
        ControlBody welcome = new ControlBody.Welcome(
                Abi.MAJOR,
                Abi.MINOR,
                session.number,
                lcores,
                4711,
                new ControlBody.Token(1, 2),
                Capability.PROVIDED_BUFFERS | Capability.IPV4,
                1L << 34,
                65_536,
                1500,
                Abi.MAX_REGIONS,
                Abi.MAX_GROUPS,
                List.of(new ControlBody.Address(0, OWN_ADDRESS_LOW)),
                "fake",
                "",
                List.of("cubic", "reno"),
                List.of(new ControlBody.Port("eth7", "net_fake", Capability.CHECKSUM_OFFLOAD, 1500, 4, 2)));
        send(session, correlation, welcome, false, pair[1].fd());
        pair[1].close();
    }

    private void newQueuePair(FakeSession session, long correlation, int lcore) {
        long length = QueuePairDescriptor.length(sqEntries, cqEntries, cqEntries);
        try (MemFd memFd = MemFd.create("fake-queue-pair", HugePages.NONE)) {
            memFd.allocate(length);
            memFd.seal(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL));
            Mapping mapping = Mapping.map(memFd.fd(), 0, length, Mapping.Access.READ_WRITE);
            session.resources.add(mapping);
            session.queuePairs.add(new FakeQueuePair(
                    mapping.segment(),
                    sqEntries,
                    cqEntries,
                    cqEntries,
                    lcore,
                    4711,
                    region -> session.regions.get(region).segment(),
                    session.groups));
            send(session, correlation, new ControlBody.QueuePairReady(lcore, length), false, memFd.fd(), doorbell.fd());
        }
    }

    private void send(FakeSession session, long correlation, ControlBody body) {
        send(session, correlation, body, false);
    }

    private void send(FakeSession session, long correlation, ControlBody body, boolean more, Fd... descriptors) {
        int length = encoder.encode(correlation, body, more);
        int result = session.socket.send(sendBuffer.asSlice(0, length), descriptors);
        if (result != length && result != SeqPacketSocket.HANG_UP) {
            throw new AssertionError("send: " + result);
        }
    }

    private void remove(FakeSession session) {
        sessions.remove(session);
        epoll.remove(session.socket.fd());
        session.socket.close();
        session.queuePairs.clear();
        session.regions.values().forEach(Mapping::close);
        session.resources.forEach(resource -> {
            try {
                resource.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    int sessionCount() {
        return call(sessions::size);
    }

    /** Throws what went wrong on the engine's thread: the client broke the contract. */
    void check() {
        Throwable t = failure;
        if (t != null) {
            throw new AssertionError("fake engine failed", t);
        }
    }

    @Override
    public void close() {
        stopped = true;
        wake.signal();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(30));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        listener.close();
        epoll.close();
        wake.close();
        doorbell.close();
        message.close();
        check();
    }
}
