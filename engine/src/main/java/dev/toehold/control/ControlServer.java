package dev.toehold.control;

import dev.toehold.abi.ControlDecoder;
import dev.toehold.abi.ControlException;
import dev.toehold.abi.ControlFrame;
import dev.toehold.abi.ControlMessage;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.PeerCredentials;
import dev.toehold.ffi.linux.SeqPacketListener;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.SeqPacketSocket;
import dev.toehold.session.Session;
import dev.toehold.session.SessionEvents;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.ManyToOneConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control socket: an agent that sleeps in epoll until a client, an lcore or somebody with a task for the control thread
 * wants it. A client is alive as long as its socket is; a hang-up ends its session.
 *
 * <p>{@link #execute} may be called by any thread; everything else is the control thread's. End the lcores before {@link #onClose}:
 * it unmaps what clients had lent.
 */
public final class ControlServer implements Agent, Executor, SessionEvents {
    /** Longest sleep: after that long at most, a stopped agent is noticed even if nobody woke it. */
    private static final long MAX_WAIT_NS = 1_000_000_000L;

    private static final int SOCKET_MODE = 0660;
    private static final int BACKLOG = 128;
    private static final int MAX_EVENTS = 64;
    private static final int ACCEPTS_PER_PASS = 16;
    private static final int MESSAGES_PER_PASS = 16;
    private static final int TASKS_PER_PASS = 1024;
    private static final long LISTENER_KEY = 0;
    private static final long WAKEUP_KEY = 1;
    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);

    private final ControlLimits limits;
    private final SessionPolicy policy;
    private final Counters counters;
    private final SeqPacketListener listener;
    private final Epoll epoll = Epoll.create(MAX_EVENTS);
    private final EventFd wakeup = EventFd.create();
    private boolean isClosed;
    private final ManyToOneConcurrentLinkedQueue<Runnable> tasks = new ManyToOneConcurrentLinkedQueue<>();
    private final Long2ObjectHashMap<ClientSession> clients = new Long2ObjectHashMap<>();
    private final SeqPacketMessage message = new SeqPacketMessage();
    private final ControlDecoder decoder = new ControlDecoder();
    private final MemorySegment sendBuffer = Arena.ofAuto().allocate(ControlMessage.MAX_LENGTH, Long.BYTES);
    private final SessionRequests requests;
    private final ListenerRegistry listeners = new ListenerRegistry();
    private final AdminRequests admin;
    private long nextKey = WAKEUP_KEY + 1;
    private int openSockets;

    /**
     * Begins to listen; clients are served once the agent runs.
     *
     * @param socket path of the control socket, in an existing directory; one that a dead engine left is replaced
     * @param gid group of the socket, or {@link SeqPacketListener#KEEP_GROUP}
     * @throws LinuxException EADDRINUSE if another engine listens there
     */
    public ControlServer(
            Path socket, int gid, ControlLimits limits, SessionPolicy policy, EngineView engine, Counters counters) {
        this.limits = limits;
        this.policy = policy;
        this.counters = counters;
        requests = new SessionRequests(engine, limits, counters, this);
        admin = new AdminRequests(engine, counters, clients.values(), listeners, this);
        listener = SeqPacketListener.bind(socket.toString(), SOCKET_MODE, gid, BACKLOG);
        epoll.add(listener.fd(), Epoll.IN, LISTENER_KEY);
        epoll.add(wakeup.fd(), Epoll.IN, WAKEUP_KEY);
    }

    /** For requests that other rooms answer. Before the agent runs. */
    public AdminRequests adminRequests() {
        return admin;
    }

    @Override
    public String roleName() {
        return "toehold-control";
    }

    /** Runs a task on the control thread soon; never, once that has ended. */
    @Override
    public void execute(Runnable task) {
        tasks.offer(task);
        wake();
    }

    /** The lock keeps a late caller from the descriptor of a server that has just closed it. */
    private void wake() {
        synchronized (wakeup) {
            if (!isClosed) {
                wakeup.signal();
            }
        }
    }

    @Override
    public int doWork() {
        int work = runTasks();
        requests.expireResumable(System.nanoTime());
        int events = epoll.await(work > 0 ? 0 : MAX_WAIT_NS);
        for (int i = 0; i < events; i++) {
            long key = epoll.data(i);
            if (key == LISTENER_KEY) {
                acceptAll();
            } else if (key == WAKEUP_KEY) {
                wakeup.drain();
            } else {
                onEvent(clients.get(key), epoll.events(i));
            }
        }
        return work + events + runTasks();
    }

    private int runTasks() {
        int done = 0;
        Runnable task;
        while (done < TASKS_PER_PASS && (task = tasks.poll()) != null) {
            task.run();
            done++;
        }
        if (done == TASKS_PER_PASS) {
            wake();
        }
        return done;
    }

    private void acceptAll() {
        for (int i = 0; i < ACCEPTS_PER_PASS; i++) {
            SeqPacketSocket socket = listener.accept();
            if (socket == null) {
                return;
            }
            AnswerQueue answers = new AnswerQueue(sendBuffer, limits.maxOutstandingAnswers());
            PeerCredentials peer = socket.peerCredentials();
            ClientSession client = new ClientSession(nextKey++, socket, peer, policy.grant(peer), answers);
            if (client.grant.isNothing()) {
                PolicyCounter.ATTACH_DENIED.increment(counters);
                refuse(client, ResultCode.DENIED, client.grant.refusal());
            } else if (openSockets >= limits.maxSockets()) {
                refuse(client, ResultCode.LIMIT, "all maxSockets=" + limits.maxSockets() + " are open");
            } else {
                epoll.add(socket.fd(), Epoll.IN, client.key);
                clients.put(client.key, client);
                openSockets++;
            }
        }
    }

    /** Says why, unasked, and hangs up on a socket that was never served. */
    private static void refuse(ClientSession client, int result, String text) {
        client.answers.add(0).reply(result, text);
        client.answers.flush(client.socket);
        client.socket.close();
    }

    private void onEvent(ClientSession client, int events) {
        if (client == null || client.isEnding) {
            return;
        }
        try {
            if ((events & Epoll.OUT) != 0) {
                flush(client);
            }
            if (client.isEnding) {
                return;
            }
            if (!client.isReading && (events & (Epoll.HUP | Epoll.ERR)) != 0) {
                // Told whatever is asked for, and told again until it is heeded; an answer that is due may wait for
                // ever.
                end(client);
            } else if ((events & ~Epoll.OUT) != 0) {
                read(client);
            }
        } catch (LinuxException e) {
            LOG.warn("control socket of {}: {}", client.describe(), e.getMessage());
            end(client);
        }
    }

    private void read(ClientSession client) {
        for (int i = 0; i < MESSAGES_PER_PASS && client.isReading && !client.isEnding; i++) {
            int result = client.socket.receive(message);
            if (result == SeqPacketSocket.WOULD_BLOCK) {
                return;
            }
            if (result == SeqPacketSocket.HANG_UP) {
                end(client);
                return;
            }
            if (result == SeqPacketSocket.REFUSED) {
                endWithReason(client, ResultCode.INVALID, "message too long, or with too many descriptors");
                return;
            }
            try {
                serve(client);
            } finally {
                message.close(); // descriptors that nobody took
            }
            flush(client);
        }
    }

    private void serve(ClientSession client) {
        ControlFrame frame;
        try {
            checkReserved();
            frame = decoder.decode(message.payload(), message.length());
            int expected = frame.body().descriptorCount();
            if (message.descriptorCount() != expected) {
                throw new ControlException(
                        ResultCode.INVALID,
                        frame.correlation(),
                        "descriptors=" + message.descriptorCount() + ", this message has " + expected);
            }
        } catch (ControlException e) {
            if (e.correlation() == 0) {
                endWithReason(client, e.result(), e.getMessage());
            } else {
                client.answers.add(e.correlation()).reply(e.result(), e.getMessage());
            }
            return;
        }
        AnswerQueue.Answer answer = client.answers.add(frame.correlation());
        try {
            if (!admin.answer(client, frame.body(), answer)) {
                requests.answer(client, frame.body(), message, answer);
            }
        } catch (RequestRefusedException e) {
            answer.reply(e.result(), e.getMessage());
        } catch (LinuxException e) {
            answer.reply(ResultCode.LIMIT, e.getMessage());
        }
    }

    /** Types that the contract reserves have a codec of their own some day; until then they get more than "unknown". */
    private void checkReserved() throws ControlException {
        MemorySegment payload = message.payload();
        if (payload.byteSize() < ControlMessage.BODY_OFFSET) {
            return;
        }
        int type = Short.toUnsignedInt(payload.get(U16, ControlMessage.TYPE_OFFSET));
        if (type == ControlMessage.OFFLOAD || type == ControlMessage.HAND_BACK) {
            throw new ControlException(
                    ResultCode.INVALID,
                    payload.get(U64, ControlMessage.CORRELATION_OFFSET),
                    "this version neither offloads connections nor hands them back yet");
        }
    }

    /** Sends what can be sent; reads on, or waits for the client to read. */
    void flush(ClientSession client) {
        if (client.isEnding) {
            return;
        }
        if (!client.answers.flush(client.socket)) {
            end(client);
            return;
        }
        boolean isReading = !client.answers.isFull();
        boolean isWriting = client.answers.isBlockedBySocket();
        if (isReading != client.isReading || isWriting != client.isWriting) {
            client.isReading = isReading;
            client.isWriting = isWriting;
            int interest = (isReading ? Epoll.IN : 0) | (isWriting ? Epoll.OUT : 0);
            epoll.modify(client.socket.fd(), interest, client.key);
        }
    }

    private void endWithReason(ClientSession client, int result, String text) {
        client.answers.add(0).reply(result, text);
        client.answers.flush(client.socket);
        end(client);
    }

    /** The socket goes at once; the session when no lcore holds anything of it any more. */
    private void end(ClientSession client) {
        if (client.isEnding) {
            return;
        }
        client.isEnding = true;
        epoll.remove(client.socket.fd());
        client.socket.close();
        client.answers.clear();
        openSockets--;
        requests.end(client, () -> {
            listeners.removeSession(client);
            clients.remove(client.key);
        });
    }

    // --- from the lcores

    @Override
    public void onSessionError(Session session, int resultCode) {
        execute(() -> {
            ClientSession client = find(session);
            if (client != null && !client.isEnding) {
                LOG.warn("{} ended by the engine: {}", client.describe(), ResultCode.name(resultCode));
                endWithReason(client, resultCode, describe(resultCode));
            }
        });
    }

    private static String describe(int resultCode) {
        return switch (resultCode) {
            case ResultCode.BAD_INDEX -> "a ring counter went backwards or led by more than its ring";
            case ResultCode.LIMIT -> "the doorbell rang all the time with nothing behind it";
            case ResultCode.REGION_FAULT -> "an access to a region faulted: its memory went away";
            default -> ResultCode.name(resultCode);
        };
    }

    @Override
    public void onListening(Session session, long handle, long localHigh, long localLow, int localPort, int backlog) {
        execute(() -> listeners.add(session.id(), handle, localHigh, localLow, localPort, backlog));
    }

    @Override
    public void onListenerClosed(Session session, long handle) {
        execute(() -> listeners.remove(handle));
    }

    private ClientSession find(Session session) {
        for (ClientSession client : clients.values()) {
            if (client.session != null && client.session.id() == session.id()) {
                return client;
            }
        }
        return null;
    }

    // --- the end

    /** Ends all sessions; the lcores that hold something of them must still run. Sockets stay open for {@code text} to be read. */
    public void endAll(int result, String text) {
        List<ClientSession> all = new ArrayList<>(clients.values());
        for (ClientSession client : all) {
            if (!client.isEnding) {
                endWithReason(client, result, text);
            }
        }
    }

    /** Whether a session, or what is left of one, is still there. */
    public boolean hasSessions() {
        return clients.values().stream().anyMatch(client -> client.session != null);
    }

    /** Removes the socket's path, hangs up, and unmaps everything: no lcore runs any more. */
    @Override
    public void onClose() {
        listener.close();
        runTasks();
        List<ClientSession> all = new ArrayList<>(clients.values());
        for (ClientSession client : all) {
            if (!client.isEnding) {
                client.isEnding = true;
                client.socket.close();
                client.answers.clear();
            }
            requests.release(client);
        }
        clients.clear();
        message.close();
        epoll.close();
        synchronized (wakeup) {
            isClosed = true;
            wakeup.close();
        }
    }
}
