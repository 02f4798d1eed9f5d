package dev.toehold.control;

import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlEncoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.SeqPacketListener;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.session.LcoreSessions;
import dev.toehold.session.LcoreSessionsProxy;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import dev.toehold.session.SessionLimits;
import dev.toehold.session.TcpCommands;
import dev.toehold.stack.SessionRecords;
import dev.toehold.stack.StateFile;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcbLayout;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A control server over a real socket in a directory of its own, with one lcore; the test turns the crank, so nothing waits. */
final class ControlRig implements AutoCloseable {
    static final int MAX_CONNECTIONS = 4096;
    static final long MAX_REGION_BYTES = 4 << 20;

    final Path directory;
    final Path socket;
    final Arena arena = Arena.ofShared();
    final MemorySegment tcbs = arena.allocate((long) MAX_CONNECTIONS * TcbLayout.LENGTH, 64);
    final StateFile stateFile;
    final List<EventFd> doorbells = new ArrayList<>();
    final LcoreSessions sessions;
    final Counters counters;
    final ControlServer server;
    long nowNs = 1_000_000_000L;
    /** What the control thread asks of the lcore meanwhile is never done. */
    boolean isLcoreDeaf;

    private boolean isClosed;

    ControlRig(SessionPolicy policy) throws IOException {
        this(policy, CopyRegions.NONE);
    }

    ControlRig(SessionPolicy policy, CopyRegions copyRegions) throws IOException {
        directory = Files.createTempDirectory(
                "toehold-control-" + ProcessHandle.current().pid() + "-");
        socket = directory.resolve("control.sock");
        stateFile = StateFile.open(directory, MAX_CONNECTIONS, 1, StateFile.Leftovers.REFUSE);
        TcpCommands noTcp = (TcpCommands) Proxy.newProxyInstance(
                TcpCommands.class.getClassLoader(), new Class<?>[] {TcpCommands.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("no connection can be here: " + method);
                });
        ForwardedEvents events = new ForwardedEvents();
        sessions = new LcoreSessions(noTcp, events, (high, low) -> 0, 0, 64, MAX_CONNECTIONS, 8);
        List<CounterSource> sources = List.of(CounterSource.of(sessions));
        List<CounterDescriptor> descriptors = new ArrayList<>(CounterPublisher.descriptors(sources));
        descriptors.addAll(PolicyCounter.descriptors());
        counters = Counters.create(directory.resolve("counters"), descriptors, List.of(), 1);
        LcoreSessionsProxy proxy = new LcoreSessionsProxy(0, sessions, this::onLcore);
        EngineView engine = new EngineView(
                "test-engine",
                "0",
                42,
                Capability.IPV4 | Capability.PROVIDED_BUFFERS,
                1500,
                "",
                copyRegions,
                List.of("cubic", "reno"),
                List.of(new ControlBody.Port("eth9", "net_null", Capability.CHECKSUM_OFFLOAD, 1500, 2, 1)),
                List.of(new ControlBody.Address(0, 0xffff_0a00_0002L)),
                "cubic",
                tcbs,
                MAX_CONNECTIONS,
                new SessionRecords(stateFile),
                1_000_000_000L,
                List.of(new EngineView.Lcore(proxy, new RecordedDoorbells())),
                () -> List.of(new EngineView.Port(
                        "eth9",
                        "net_null",
                        1500,
                        "up",
                        2,
                        1,
                        "one lcore",
                        List.of("checksum-offload"),
                        "cpu",
                        List.of("none"))),
                () -> 3);
        ControlLimits limits = new ControlLimits(8, 4, 16, MAX_REGION_BYTES, 4, 64, 64, 64, 4, SessionLimits.of(64, 8));
        server = new ControlServer(socket, SeqPacketListener.KEEP_GROUP, limits, policy, engine, counters);
        events.target = server;
    }

    static SessionPolicy everybody() {
        return peer -> grant("", true, true);
    }

    static Grant grant(String refusal, boolean mayList, boolean mayManage) {
        return new Grant("test", refusal, mayList, mayManage, true, 4, MAX_REGION_BYTES, SessionLimits.of(64, 8));
    }

    private void onLcore(Runnable command) {
        if (!isLcoreDeaf) {
            command.run();
        }
    }

    /** The control thread's turn, and the lcore's. */
    void turn() {
        for (int i = 0; i < 3; i++) {
            server.execute(() -> {
                nowNs += 1_000_000;
                sessions.pollSubmissions(nowNs);
                sessions.publish(nowNs);
                sessions.wakeClients();
            });
            server.doWork();
        }
    }

    TestClient connect() {
        return new TestClient(SeqPacketSocket.connect(socket.toString(), 1_000_000_000L));
    }

    TestClient attach(String name) throws ControlException {
        TestClient client = connect();
        Answer welcome = client.request(hello(name));
        welcome.close();
        if (!(welcome.body() instanceof ControlBody.Welcome)) {
            throw new AssertionError(welcome.toString());
        }
        return client;
    }

    static ControlBody.Hello hello(String name) {
        return new ControlBody.Hello(1, 0, 65536, 0, ControlBody.Token.NONE, name);
    }

    Tcb tcb(int index) {
        return new Tcb(tcbs).wrap(index);
    }

    /** A decoded message and its descriptors, which the test closes. */
    record Answer(long correlation, ControlBody body, String text, List<Fd> descriptors) implements AutoCloseable {
        int result() {
            return ((ControlBody.Reply) body).result();
        }

        @Override
        public void close() {
            descriptors.forEach(Fd::close);
        }
    }

    /** A client that speaks the codec, or raw bytes. */
    final class TestClient implements AutoCloseable {
        final SeqPacketSocket peer;
        private final MemorySegment buffer = arena.allocate(ControlMessage.MAX_LENGTH, 8);
        private final SeqPacketMessage message = new SeqPacketMessage();
        private long correlation = 100;

        TestClient(SeqPacketSocket peer) {
            this.peer = peer;
        }

        Answer request(ControlBody body, Fd... descriptors) throws ControlException {
            send(body, descriptors);
            Answer answer = await();
            if (answer == null) {
                throw new AssertionError("no answer to " + body);
            }
            return answer;
        }

        long send(ControlBody body, Fd... descriptors) {
            correlation++;
            int length = new ControlEncoder(buffer).encode(correlation, body);
            if (peer.send(buffer.asSlice(0, length), descriptors) != length) {
                throw new AssertionError("not sent: " + body);
            }
            return correlation;
        }

        void sendRaw(byte[] bytes, Fd... descriptors) {
            peer.send(MemorySegment.ofArray(bytes), descriptors);
        }

        /** The next answer, put together if it has parts; null if the server said nothing, or hung up. */
        Answer await() throws ControlException {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 10_000; i++) {
                turn();
                int length;
                while ((length = peer.receive(message)) > 0) {
                    ControlFrame frame = new ControlDecoder().decode(message.payload(), length);
                    List<Fd> descriptors = new ArrayList<>();
                    for (int d = 0; d < message.descriptorCount(); d++) {
                        descriptors.add(message.takeDescriptor(d));
                    }
                    if (frame.body() instanceof ControlBody.AdminReply part) {
                        text.append(part.text());
                    }
                    if (!frame.more()) {
                        return new Answer(frame.correlation(), frame.body(), text.toString(), descriptors);
                    }
                }
                if (length == SeqPacketSocket.HANG_UP || text.isEmpty()) {
                    return null;
                }
            }
            throw new AssertionError("an answer without end");
        }

        boolean isHungUp() {
            turn();
            return peer.receive(message) == SeqPacketSocket.HANG_UP;
        }

        @Override
        public void close() {
            peer.close();
            message.close();
        }
    }

    private final class RecordedDoorbells implements ClientDoorbells {
        @Override
        public void add(EventFd doorbell, int sessionId) {
            doorbells.add(doorbell);
        }

        @Override
        public void remove(EventFd doorbell) {
            if (!doorbells.remove(doorbell)) {
                throw new AssertionError("not in the set: fd=" + doorbell.fd());
            }
        }
    }

    private static final class ForwardedEvents implements SessionEvents {
        private SessionEvents target;

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

    void closeServer() {
        if (!isClosed) {
            isClosed = true;
            server.onClose();
        }
    }

    @Override
    public void close() throws IOException {
        closeServer();
        counters.close();
        stateFile.close();
        arena.close();
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
