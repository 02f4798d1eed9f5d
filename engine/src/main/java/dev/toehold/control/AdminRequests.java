package dev.toehold.control;

import dev.toehold.abi.ControlBody;
import dev.toehold.abi.ResultCode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What the management can ask on the control socket, by name; answers are JSON. */
public final class AdminRequests {
    private static final int MAX_WORDS = 8;

    private final JsonMapper json = JsonMapper.builder().build();
    private final Map<String, AdminRequest> byName = new TreeMap<>();
    private final Set<String> changing = new TreeSet<>();
    private final Counters counters;
    private final EngineView engine;
    private final ConnectionListing connections;
    private final ControlServer server;

    AdminRequests(
            EngineView engine,
            Counters counters,
            Collection<ClientSession> clients,
            ListenerRegistry listeners,
            ControlServer server) {
        this.engine = engine;
        this.server = server;
        this.counters = counters;
        connections = new ConnectionListing(engine);
        AdminListings listings = new AdminListings(engine, counters, clients, listeners, connections);
        put("status", withoutArguments(listings::status));
        put("clients", withoutArguments(listings::clients));
        put("counters", withoutArguments(listings::counters));
        put("listeners", withoutArguments(listings::listeners));
        put("ports", withoutArguments(listings::ports));
        put("regions", withoutArguments(listings::regions));
        put("connections", this::connections);
        putChanging("flush", (arguments, answer) -> command("flush", arguments, answer));
        putChanging("abort", (arguments, answer) -> command("abort", arguments, answer));
    }

    /** Adds a request that only tells something, or replaces one. Before the control server runs. */
    public void put(String name, AdminRequest request) {
        byName.put(name, request);
    }

    /** Adds a request that changes something: fewer may make it. Before the control server runs. */
    public void putChanging(String name, AdminRequest request) {
        put(name, request);
        changing.add(name);
    }

    /** All names, in order. */
    public Set<String> names() {
        return new TreeSet<>(byName.keySet());
    }

    /** Answers ADMIN and TCPINFO; returns false for everything else. */
    boolean answer(ClientSession client, ControlBody body, AnswerQueue.Answer answer) {
        if (body instanceof ControlBody.TcpInfo tcpInfo) {
            tcpInfo(client, tcpInfo.handle(), answer);
            return true;
        }
        if (!(body instanceof ControlBody.Admin request)) {
            return false;
        }
        List<String> words = List.of(request.request().strip().split("\\s+", MAX_WORDS));
        String name = words.getFirst();
        AdminRequest known = byName.get(name);
        AdminAnswer adminAnswer = new JsonAnswer(client, name, answer);
        if (known == null) {
            adminAnswer.refuse(
                    ResultCode.INVALID, "unknown request: " + name + ", known: " + String.join(" ", names()));
        } else if (changing.contains(name) ? !client.grant.mayManage() : !client.grant.mayList()) {
            PolicyCounter.ADMIN_DENIED.increment(counters);
            adminAnswer.refuse(
                    ResultCode.DENIED,
                    "uid=" + client.peer.uid() + " may not ask for " + name + ": set admin = \""
                            + (changing.contains(name) ? "all" : "read") + "\" in " + client.grant.rule());
        } else {
            known.answer(words.subList(1, words.size()), adminAnswer);
        }
        return true;
    }

    private static AdminRequest withoutArguments(Supplier<List<?>> items) {
        return (arguments, answer) -> {
            if (arguments.isEmpty()) {
                answer.items(items.get());
            } else {
                answer.refuse(ResultCode.INVALID, "this request takes no argument: " + String.join(" ", arguments));
            }
        };
    }

    private void connections(List<String> arguments, AdminAnswer answer) {
        if (arguments.isEmpty()) {
            answer.items(connections.all());
            return;
        }
        int index = parseId(arguments);
        if (index < 0) {
            answer.refuse(ResultCode.INVALID, "write: connections [ID], an ID of that listing");
            return;
        }
        ConnectionDetails details = connections.details(index);
        if (details == null) {
            answer.refuse(ResultCode.STALE, "connection=" + index + " is not there (any more)");
        } else {
            answer.items(List.of(details));
        }
    }

    private void command(String name, List<String> arguments, AdminAnswer answer) {
        int index = parseId(arguments);
        if (index < 0) {
            answer.refuse(ResultCode.INVALID, "write: " + name + " ID, an ID of `connections`");
            return;
        }
        if (!connections.isLive(index)) {
            answer.refuse(ResultCode.STALE, "connection=" + index + " is not there (any more)");
            return;
        }
        var lcore = engine.lcores().get(connections.lcore(index)).sessions();
        IntConsumer onResult = result -> server.execute(() -> {
            if (result < 0) {
                answer.refuse(result, "connection=" + index + " belongs to no client (any more)");
            } else {
                answer.items(List.of(Map.of("id", index)));
            }
        });
        if (name.equals("flush")) {
            lcore.flush(index, onResult);
        } else {
            lcore.abort(index, onResult);
        }
    }

    private void tcpInfo(ClientSession client, long handle, AnswerQueue.Answer answer) {
        int index = client.session == null ? -1 : connections.find(handle, client.session.id());
        ConnectionDetails details = index < 0 ? null : connections.details(index);
        if (details == null || details.handle() != handle) {
            answer.reply(
                    ResultCode.STALE, "handle=0x" + Long.toHexString(handle) + " is no connection of this session");
        } else {
            new JsonAnswer(client, "tcpinfo", answer).object(details);
        }
    }

    /** The one argument as a TCB index of this engine, or -1. */
    private int parseId(List<String> arguments) {
        if (arguments.size() == 1 && arguments.getFirst().matches("[0-9]{1,9}")) {
            int index = Integer.parseInt(arguments.getFirst());
            return index < engine.maxConnections() ? index : -1;
        }
        return -1;
    }

    private record Listing(String schema, Iterable<?> items) {}

    private final class JsonAnswer implements AdminAnswer {
        private final ClientSession client;
        private final String name;
        private final AnswerQueue.Answer answer;

        JsonAnswer(ClientSession client, String name, AnswerQueue.Answer answer) {
            this.client = client;
            this.name = name;
            this.answer = answer;
        }

        @Override
        public void items(Iterable<?> items) {
            object(new Listing("toehold/" + name + "/1", items));
        }

        @Override
        public void object(Object value) {
            try {
                answer.text(json.writeValueAsString(value));
            } catch (JacksonException e) {
                answer.reply(ResultCode.INVALID, "request=" + name + ": " + e.getOriginalMessage());
            }
            server.flush(client);
        }

        @Override
        public void refuse(int result, String text) {
            answer.reply(result, text);
            server.flush(client);
        }
    }
}
