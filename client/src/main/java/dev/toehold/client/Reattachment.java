package dev.toehold.client;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One try to take a session up with the next engine: HELLO with the session's token, the same regions and buffer groups, new queue pairs,
 * then a RESUME for each connection and listener. Nothing of the session changes before all of that is answered; if the engine dies
 * meanwhile, the next try begins from the same state.
 *
 * <p>An engine that does not know the session (it began anew) gets it as a new one: listeners go on there, connections have ended.
 */
final class Reattachment implements AutoCloseable {
    private final Duration patience;
    private final ControlChannel control;
    private final List<AutoCloseable> made = new ArrayList<>();
    private final List<ClientQueuePair> queuePairs = new ArrayList<>();
    private final List<EventFd> doorbells = new ArrayList<>();
    private final Map<ConnectionCore, ControlBody.Resumed> resumed = new HashMap<>();
    private final Set<Long> resumedListeners = new HashSet<>();
    private ControlBody.Welcome welcome;
    private WakeSocket engineWake;
    private boolean isKnown;

    private Reattachment(ControlChannel control, Duration patience) {
        this.control = control;
        this.patience = patience;
    }

    /**
     * Tries it.
     *
     * @throws IOException if it failed; {@link #isWorthRepeating} says whether another try may succeed
     */
    static Reattachment attempt(
            Path socket,
            ToeholdBuilder options,
            ControlBody.Token token,
            SessionMemory memory,
            List<Lane> lanes,
            Arena arena)
            throws IOException {
        SeqPacketSocket peer;
        try {
            peer = SeqPacketSocket.connect(socket.toString(), options.patience.toNanos());
        } catch (LinuxException e) {
            throw new ToeholdException(ResultCode.ENGINE_GONE, "no engine answers at socket=" + socket, e);
        }
        Reattachment attempt = new Reattachment(new ControlChannel(peer), options.patience);
        try {
            attempt.hello(options, token);
            attempt.lend(memory);
            attempt.takeQueuePairs(lanes, arena);
            if (attempt.isKnown) {
                attempt.resume(lanes);
            }
            return attempt;
        } catch (IOException | RuntimeException e) {
            attempt.close();
            throw e;
        }
    }

    static boolean isWorthRepeating(IOException e) {
        return !(e instanceof ToeholdException reason)
                || (reason.code() != ResultCode.DENIED && reason.code() != ResultCode.INCOMPATIBLE);
    }

    private void hello(ToeholdBuilder options, ControlBody.Token token) throws IOException {
        ControlChannel.Answer answer;
        try {
            answer = request(Session.hello(options, token), ControlBody.Welcome.class);
            isKnown = true;
        } catch (ToeholdException e) {
            if (e.code() != ResultCode.STALE) {
                throw e;
            }
            answer = request(Session.hello(options, ControlBody.Token.NONE), ControlBody.Welcome.class);
        }
        welcome = (ControlBody.Welcome) answer.body();
        engineWake = WakeSocket.adopt(answer.descriptors().getFirst());
    }

    private void lend(SessionMemory memory) throws IOException {
        for (Region region : memory.regions()) {
            control.request(
                    new ControlBody.Register(region.id(), region.sizeBytes()),
                    ControlBody.Reply.class,
                    patience,
                    true,
                    region.fd());
        }
        for (ControlBody.Group group : memory.groups()) {
            request(group, ControlBody.Reply.class);
        }
    }

    private void takeQueuePairs(List<Lane> lanes, Arena arena) throws IOException {
        if (welcome.lcoreCount() != lanes.size()) {
            throw new ToeholdException(
                    ResultCode.INCOMPATIBLE,
                    "the next engine has lcoreCount=" + welcome.lcoreCount() + ", this session is of " + lanes.size()
                            + ": attach anew");
        }
        for (int lcore = 0; lcore < lanes.size(); lcore++) {
            ControlChannel.Answer answer = request(new ControlBody.QueuePair(lcore), ControlBody.QueuePairReady.class);
            EventFd doorbell = EventFd.adopt(answer.descriptors().get(1));
            made.add(doorbell);
            ControlBody.QueuePairReady ready = (ControlBody.QueuePairReady) answer.body();
            try (Fd descriptor = answer.descriptors().getFirst()) {
                Mapping mapping = Mapping.map(descriptor, 0, ready.length(), Mapping.Access.READ_WRITE);
                made.add(mapping);
                queuePairs.add(Session.checked(new ClientQueuePair(mapping.segment(arena)), lcore, welcome.epoch()));
            } catch (IllegalArgumentException | IllegalStateException e) {
                throw new ToeholdException(
                        ResultCode.INCOMPATIBLE, "queue pair of lcore=" + lcore + ": " + e.getMessage(), e);
            }
            doorbells.add(doorbell);
        }
    }

    private void resume(List<Lane> lanes) throws IOException {
        for (Lane lane : lanes) {
            List<Long> listeners = new ArrayList<>();
            Map<ConnectionCore, ControlBody.Resume> connections = new HashMap<>();
            lane.lock();
            try {
                lane.core().forEachListener(listeners::add);
                lane.core().forEachConnection(each -> connections.put(each, each.beginResume()));
            } finally {
                lane.unlock();
            }
            for (long listener : listeners) {
                if (ask(new ControlBody.Resume(listener, 0, 0, 0)) != null) {
                    resumedListeners.add(listener);
                }
            }
            for (Map.Entry<ConnectionCore, ControlBody.Resume> each : connections.entrySet()) {
                ControlBody.Resumed answer = ask(each.getValue());
                if (answer != null) {
                    resumed.put(each.getKey(), answer);
                }
            }
        }
        request(new ControlBody.Resume(0, 0, 0, 0), ControlBody.Resumed.class);
    }

    /** Null if the engine cannot, or its policy has changed: that one is lost, the others go on. */
    private ControlBody.Resumed ask(ControlBody.Resume resume) throws IOException {
        try {
            return (ControlBody.Resumed)
                    request(resume, ControlBody.Resumed.class).body();
        } catch (ToeholdException e) {
            return switch (e.code()) {
                case ResultCode.STALE, ResultCode.RESET, ResultCode.LIMIT, ResultCode.DENIED -> null;
                default -> throw e;
            };
        }
    }

    private <T extends ControlBody> ControlChannel.Answer request(ControlBody body, Class<T> expected)
            throws IOException {
        return control.request(body, expected, patience, true);
    }

    /** Everything is answered: the lanes go on. */
    void complete(List<Lane> lanes) {
        for (int lcore = 0; lcore < lanes.size(); lcore++) {
            lanes.get(lcore).attach(queuePairs.get(lcore), doorbells.get(lcore), resumed, resumedListeners);
        }
    }

    ControlBody.Welcome welcome() {
        return welcome;
    }

    ControlChannel control() {
        return control;
    }

    WakeSocket engineWake() {
        return engineWake;
    }

    /** What to close with the session, besides {@link #control}. */
    List<AutoCloseable> resources() {
        return made;
    }

    /** Gives up what was made. */
    @Override
    public void close() {
        control.close();
        if (engineWake != null) {
            engineWake.close();
        }
        for (AutoCloseable resource : made) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException("closing " + resource + " failed: " + e.getMessage(), e);
            }
        }
    }
}
