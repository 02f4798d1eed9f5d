package dev.toehold.control;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.Handle;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.HugePages;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.ffi.linux.SeqPacketMessage;
import dev.toehold.ffi.linux.WakeSocket;
import dev.toehold.placement.Region;
import dev.toehold.session.EngineQueuePair;
import dev.toehold.session.LcoreSession;
import dev.toehold.session.LcoreSessionsProxy;
import dev.toehold.session.ResumeRequest;
import dev.toehold.session.Session;
import dev.toehold.session.SessionLimits;
import dev.toehold.stack.SessionRecords;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a client asks about its session: HELLO, regions, groups, queue pairs. */
final class SessionRequests {
    private static final int MIN_BUFFER_SIZE = 64;
    private static final int MAX_BUFFER_SIZE = 1 << 20;
    private static final int MAX_BUFFERS = 1 << 16;

    private final EngineView engine;
    private final ControlLimits limits;
    private final Counters counters;
    private final ControlServer server;
    private final SecureRandom random = new SecureRandom();
    private final Map<ControlBody.Token, SessionRecords.Entry> resumable = new HashMap<>();
    private final long resumeUntilNs;
    private final Map<Integer, Integer> sessionsByUser = new HashMap<>();
    private int sessionCount;

    SessionRequests(EngineView engine, ControlLimits limits, Counters counters, ControlServer server) {
        this.engine = engine;
        this.limits = limits;
        this.counters = counters;
        this.server = server;
        resumeUntilNs = System.nanoTime() + engine.resumeGraceNs();
        engine.sessions()
                .all()
                .forEach(entry -> resumable.put(new ControlBody.Token(entry.tokenHigh(), entry.tokenLow()), entry));
    }

    /** Forgets sessions of earlier engines that nobody took up in time; the lcores reset what was theirs. */
    void expireResumable(long nowNs) {
        if (!resumable.isEmpty() && nowNs - resumeUntilNs >= 0) {
            resumable.values().forEach(entry -> engine.sessions().close(entry.slot()));
            resumable.clear();
        }
    }

    void answer(ClientSession client, ControlBody body, SeqPacketMessage message, AnswerQueue.Answer answer)
            throws RequestRefusedException {
        if (body instanceof ControlBody.Hello hello) {
            hello(client, hello, answer);
            return;
        }
        if (client.session == null) {
            throw new RequestRefusedException(ResultCode.INVALID, "HELLO comes first");
        }
        switch (body) {
            case ControlBody.Register register -> register(client, register, message, answer);
            case ControlBody.Unregister unregister -> unregister(client, unregister.region(), answer);
            case ControlBody.Group group -> group(client, group, answer);
            case ControlBody.QueuePair queuePair -> queuePair(client, queuePair.lcore(), answer);
            case ControlBody.Resume resume -> resume(client, resume, answer);
            default ->
                throw new RequestRefusedException(
                        ResultCode.INVALID, "type=" + body.type() + " is not for clients to send");
        }
    }

    private void hello(ClientSession client, ControlBody.Hello hello, AnswerQueue.Answer answer)
            throws RequestRefusedException {
        if (client.session != null) {
            throw new RequestRefusedException(ResultCode.INVALID, "HELLO came before");
        }
        if (!client.grant.refusal().isEmpty()) {
            PolicyCounter.ATTACH_DENIED.increment(counters);
            throw new RequestRefusedException(ResultCode.DENIED, client.grant.refusal());
        }
        if (hello.abiMajor() != Abi.MAJOR) {
            throw new RequestRefusedException(
                    ResultCode.INCOMPATIBLE,
                    "abiMajor=" + hello.abiMajor() + ", this engine speaks " + Abi.MAJOR
                            + ": use a client library of the same major version");
        }
        long missing = hello.requiredCapabilities() & ~engine.capabilities();
        if (missing != 0) {
            throw new RequestRefusedException(
                    ResultCode.INCOMPATIBLE,
                    "requiredCapabilities=" + String.join(",", Capability.names(missing)) + " are missing: engine "
                            + engine.name() + " has " + String.join(",", Capability.names(engine.capabilities()))
                            + "; require less, or run the engine on ports that have them (toehold ports)");
        }
        SessionRecords.Entry earlier = hello.token().equals(ControlBody.Token.NONE) ? null : earlier(client, hello);
        checkSessions(client);
        SessionLimits sessionLimits = client.grant.session();
        long credit = Math.min(hello.receiveCreditBytes(), sessionLimits.maxReceiveCreditBytes());
        WakeSocket[] wakeup = WakeSocket.pair();
        int id = earlier == null ? engine.sessions().takeId() : earlier.id();
        client.session = new Session(id, hello.name(), client.peer, wakeup[0], credit, sessionLimits);
        sessionCount++;
        sessionsByUser.merge(client.peer.uid(), 1, Integer::sum);
        ControlBody.Token token = earlier == null ? newToken(client) : hello.token();
        if (earlier != null) {
            resumable.remove(token);
            client.record = earlier.slot();
            client.isResuming = true;
        }
        answer.complete(
                new ControlBody.Welcome(
                        Abi.MAJOR,
                        Math.min(Abi.MINOR, hello.abiMinor()),
                        client.session.id(),
                        engine.lcores().size(),
                        engine.epoch(),
                        token,
                        engine.capabilities(),
                        client.grant.maxRegionBytes(),
                        sessionLimits.maxConnections(),
                        engine.mtu(),
                        limits.maxRegions(),
                        limits.maxGroups(),
                        engine.addresses(),
                        engine.name(),
                        engine.copyEngine(),
                        engine.congestionControllers(),
                        engine.adapters()),
                List.of(wakeup[1].fd()));
    }

    private void checkSessions(ClientSession client) throws RequestRefusedException {
        int ofUser = sessionsByUser.getOrDefault(client.peer.uid(), 0);
        String refusal = sessionCount >= limits.maxSessions()
                ? "all maxSessions=" + limits.maxSessions() + " of the engine are in use: end one"
                : ofUser >= client.grant.maxSessions()
                        ? "uid=" + client.peer.uid() + " has all of its " + ofUser
                                + " sessions: end one, or raise sessions in " + client.grant.rule()
                        : "";
        if (!refusal.isEmpty()) {
            PolicyCounter.SESSIONS_LIMIT.increment(counters);
            throw new RequestRefusedException(ResultCode.LIMIT, refusal);
        }
    }

    /** The session of an earlier engine that the token names. */
    private SessionRecords.Entry earlier(ClientSession client, ControlBody.Hello hello) throws RequestRefusedException {
        expireResumable(System.nanoTime());
        SessionRecords.Entry entry = resumable.get(hello.token());
        if (entry == null) {
            throw new RequestRefusedException(
                    ResultCode.STALE,
                    "no session of an earlier engine waits for this token: attach anew, with token 0");
        }
        if (entry.uid() != client.peer.uid()) {
            PolicyCounter.TAKEOVER_DENIED.increment(counters);
            throw new RequestRefusedException(
                    ResultCode.DENIED, "uid=" + client.peer.uid() + " may not take up the session of another user");
        }
        return entry;
    }

    /** What takes the session up after this engine; {@link ControlBody.Token#NONE} if the state file has no room for it. */
    private ControlBody.Token newToken(ClientSession client) {
        ControlBody.Token token = new ControlBody.Token(random.nextLong(), random.nextLong() | 1);
        client.record = engine.sessions().open(client.session.id(), client.peer.uid(), token.high(), token.low());
        return client.record == SessionRecords.NONE ? ControlBody.Token.NONE : token;
    }

    private void resume(ClientSession client, ControlBody.Resume request, AnswerQueue.Answer answer)
            throws RequestRefusedException {
        if (!client.isResuming) {
            throw new RequestRefusedException(
                    ResultCode.STALE, "this session is not of an earlier engine, or has named all that it knows");
        }
        if (request.handle() == 0) {
            client.isResuming = false;
            finishResume(client, true, () -> {
                answer.complete(new ControlBody.Resumed(0, 0, 0), List.of());
                server.flush(client);
            });
            return;
        }
        ClientSession.Lane lane = client.lanes.get(Handle.lcore(request.handle()));
        if (lane == null) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "lcore=" + Handle.lcore(request.handle())
                            + " of the handle has no queue pair yet: ask for it first");
        }
        ResumeRequest resume = new ResumeRequest(
                request.handle(), request.deliveredPosition(), request.consumedPosition(), request.submittedPosition());
        proxy(Handle.lcore(request.handle()))
                .resume(
                        lane.lcoreSession(),
                        resume,
                        result -> server.execute(() -> {
                            if (result.code() == ResultCode.OK) {
                                answer.complete(
                                        new ControlBody.Resumed(
                                                request.handle(), result.rcvPosition(), result.sndUna()),
                                        List.of());
                            } else {
                                answer.reply(result.code(), result.text());
                            }
                            server.flush(client);
                        }));
    }

    private void finishResume(ClientSession client, boolean isBack, Runnable onDone) {
        int[] lcoresLeft = {engine.lcores().size()};
        for (EngineView.Lcore lcore : engine.lcores()) {
            lcore.sessions()
                    .finishResume(
                            client.session.id(),
                            isBack,
                            () -> server.execute(() -> {
                                if (--lcoresLeft[0] == 0) {
                                    onDone.run();
                                }
                            }));
        }
    }

    private void register(
            ClientSession client, ControlBody.Register request, SeqPacketMessage message, AnswerQueue.Answer answer)
            throws RequestRefusedException {
        int id = request.region();
        long length = request.length();
        if (id < 0 || id >= limits.maxRegions() || client.regions.containsKey(id) || client.removing.containsKey(id)) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "region=" + Integer.toUnsignedString(id) + " is taken or not in 0 to " + (limits.maxRegions() - 1));
        }
        if (length <= 0) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "length=" + Long.toUnsignedString(length) + " is beyond every region");
        }
        long left = client.grant.maxRegionBytes() - client.regionBytes();
        if (length > left) {
            PolicyCounter.REGION_BYTES_LIMIT.increment(counters);
            throw new RequestRefusedException(
                    ResultCode.LIMIT,
                    "length=" + length + ", this session may register " + left
                            + " bytes more: unregister a region, or raise region-bytes in " + client.grant.rule());
        }
        RegionMapping mapping;
        Fd fd = message.takeDescriptor(0);
        try {
            mapping = RegionMapping.map(fd, id, length, client.grant.mayUseHugePages(), engine.copyRegions());
        } catch (RequestRefusedException e) {
            if (e.result() == ResultCode.DENIED) {
                PolicyCounter.HUGE_PAGES_DENIED.increment(counters);
            }
            throw e;
        } finally {
            fd.closeAside(); // what a client sent may block whoever closes it
        }
        client.regions.put(id, mapping);
        String unlocked = mapping.isLocked() ? "" : "not locked in memory: raise RLIMIT_MEMLOCK of the engine";
        String text = mapping.cpuReason().isEmpty() ? unlocked : "the CPU places there: " + mapping.cpuReason();
        Runnable onAdded = afterEachLcore(client, () -> answer.reply(ResultCode.OK, text));
        client.lanes.forEach((lcore, lane) -> proxy(lcore).addRegion(lane.lcoreSession(), mapping.region(), onAdded));
    }

    /**
     * Something to run on each lcore that the client has a queue pair of; after the last, or at once if there is none, the answer
     * is given on the control thread. An answer sent earlier could be overtaken by a submission that relies on it.
     */
    private Runnable afterEachLcore(ClientSession client, Runnable answer) {
        int[] lcoresLeft = {client.lanes.size()};
        if (lcoresLeft[0] == 0) {
            answer.run();
        }
        Runnable onControlThread = () -> {
            if (--lcoresLeft[0] == 0) {
                answer.run();
                server.flush(client);
            }
        };
        return () -> server.execute(onControlThread);
    }

    private void unregister(ClientSession client, int id, AnswerQueue.Answer answer) throws RequestRefusedException {
        if (!client.regions.containsKey(id)) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "region=" + Integer.toUnsignedString(id) + " is not registered");
        }
        if (client.isGrouped(id)) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "region=" + id + " holds a buffer group: groups stay as long as the session");
        }
        RegionMapping mapping = client.regions.remove(id);
        client.removing.put(id, mapping);
        Runnable onIdle = afterEachLcore(client, () -> {
            // A session that ended meanwhile has unmapped it with the others.
            if (client.removing.remove(id, mapping)) {
                mapping.close();
                answer.reply(ResultCode.OK, "");
            }
        });
        client.lanes.forEach((lcore, lane) -> proxy(lcore).removeRegion(lane.lcoreSession(), id, onIdle));
    }

    private void group(ClientSession client, ControlBody.Group request, AnswerQueue.Answer answer)
            throws RequestRefusedException {
        RegionMapping region = client.regions.get(request.region());
        int size = request.bufferSize();
        int count = request.count();
        if (request.group() < 0
                || request.group() >= limits.maxGroups()
                || client.groups.containsKey(request.group())) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "group=" + Integer.toUnsignedString(request.group()) + " is taken or not in 0 to "
                            + (limits.maxGroups() - 1));
        }
        if (size < MIN_BUFFER_SIZE || size > MAX_BUFFER_SIZE || size % MIN_BUFFER_SIZE != 0) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "bufferSize=" + Integer.toUnsignedString(size) + ", allowed: multiples of 64 from 64 to 1048576");
        }
        if (count < 1 || count > MAX_BUFFERS) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "count=" + Integer.toUnsignedString(count) + ", allowed: 1 to " + MAX_BUFFERS);
        }
        long bytes = (long) size * count;
        if (region == null
                || request.base() < 0
                || bytes > region.region().length()
                || request.base() > region.region().length() - bytes) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "base=" + Long.toUnsignedString(request.base()) + " and " + bytes + " bytes do not lie in region="
                            + Integer.toUnsignedString(request.region()));
        }
        ClientSession.Group group =
                new ClientSession.Group(request.group(), request.region(), request.base(), size, count);
        client.groups.put(group.id(), group);
        Runnable onAdded = afterEachLcore(client, () -> answer.reply(ResultCode.OK, ""));
        client.lanes.forEach((lcore, lane) -> proxy(lcore)
                .addGroup(
                        lane.lcoreSession(),
                        lane.lcoreSession().newGroup(group.id(), group.region(), group.base(), size, count),
                        onAdded));
    }

    private void queuePair(ClientSession client, int lcore, AnswerQueue.Answer answer) throws RequestRefusedException {
        if (lcore < 0 || lcore >= engine.lcores().size() || client.lanes.containsKey(lcore)) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "lcore=" + Integer.toUnsignedString(lcore) + " has its queue pair, or is not in 0 to "
                            + (engine.lcores().size() - 1));
        }
        int sq = limits.sqEntries();
        int cq = limits.cqEntries();
        int buf = limits.bufEntries();
        long length = QueuePairDescriptor.length(sq, cq, buf);
        MemFd memory = MemFd.create("toehold-queue-pair", HugePages.NONE);
        Mapping mapping;
        try {
            memory.allocate(length);
            mapping = Mapping.map(memory.fd(), 0, length, Mapping.Access.READ_WRITE);
            mapping.prefault();
            QueuePairDescriptor.initialise(mapping.segment(), sq, cq, buf, lcore, engine.epoch());
            memory.seal(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL));
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
        LcoreSessionsProxy proxy = proxy(lcore);
        List<Region> regions =
                client.regions.values().stream().map(RegionMapping::region).toList();
        LcoreSession lcoreSession =
                proxy.newLcoreSession(client.session, new EngineQueuePair(mapping.segment(), sq, cq, buf), regions);
        client.groups
                .values()
                .forEach(g -> lcoreSession.addGroup(
                        lcoreSession.newGroup(g.id(), g.region(), g.base(), g.bufferSize(), g.count())));
        EventFd doorbell = EventFd.create();
        engine.lcores().get(lcore).doorbells().add(doorbell, client.session.id());
        client.lanes.put(lcore, new ClientSession.Lane(lcoreSession, mapping, doorbell));
        proxy.attach(lcoreSession);
        answer.complete(
                new ControlBody.QueuePairReady(lcore, length),
                List.of(memory.fd(), doorbell.fd().duplicate()));
    }

    /** Ends the session on all lcores, then unmaps everything; {@code onGone} comes last. */
    void end(ClientSession client, Runnable onGone) {
        if (client.isResuming) {
            client.isResuming = false;
            finishResume(client, false, () -> end(client, onGone));
            return;
        }
        client.lcoresLeft = client.lanes.size();
        if (client.lcoresLeft == 0) {
            release(client);
            onGone.run();
            return;
        }
        client.lanes.forEach((lcore, lane) -> proxy(lcore)
                .end(
                        lane.lcoreSession(),
                        () -> server.execute(() -> {
                            if (--client.lcoresLeft == 0) {
                                release(client);
                                onGone.run();
                            }
                        })));
    }

    /** Unmaps: no lcore refers to anything of the session any more. */
    void release(ClientSession client) {
        client.regions.values().forEach(RegionMapping::close);
        client.removing.values().forEach(RegionMapping::close);
        client.lanes.forEach((lcore, lane) -> {
            engine.lcores().get(lcore).doorbells().remove(lane.doorbell());
            lane.doorbell().close();
            lane.memory().close();
        });
        client.regions.clear();
        client.removing.clear();
        client.lanes.clear();
        if (client.session != null) {
            client.session.wakeup().close();
            sessionCount--;
            sessionsByUser.computeIfPresent(client.peer.uid(), (uid, count) -> count == 1 ? null : count - 1);
            if (client.record != SessionRecords.NONE) {
                engine.sessions().close(client.record);
                client.record = SessionRecords.NONE;
            }
        }
    }

    private LcoreSessionsProxy proxy(int lcore) {
        return engine.lcores().get(lcore).sessions();
    }
}
