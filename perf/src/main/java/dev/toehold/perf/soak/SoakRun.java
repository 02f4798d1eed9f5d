package dev.toehold.perf.soak;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.rig.EngineResources;
import dev.toehold.perf.rig.LoneEngine;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * Many client processes on one engine, each with many connections to one process of kernel sockets; every byte is compared at both ends.
 * Clients picked at random get SIGKILL and are replaced. Whoever was not killed must notice nothing, at either end.
 */
public final class SoakRun {
    private static final int PORT = 7;
    private static final int CLIENT_HEAP_MEGABYTES = 32;
    private static final int PEER_HEAP_MEGABYTES = 1024;
    private static final int SPARE_CONNECTIONS = 1024;
    private static final int STARTS_AT_A_TIME = 4;
    private static final int MOST_REPLACEMENTS_DUE = 6;
    private static final int TURN_MS = 100;
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(120);
    private static final long TOLERANCE_KIB = 32 << 10;
    private static final String TABLES = "time-wait = \"2s\"\nlinger = \"2s\"\n";

    private final int clients;
    private final int connections;
    private final int seconds;
    private final int killEveryMs;
    private final SplittableRandom random;
    private final PrintWriter out;
    private final Map<Long, Talker> talkers = new TreeMap<>();
    private final Map<Long, Talker> starting = new TreeMap<>();
    private final Set<Long> killed = new HashSet<>();
    private long nextTag = 1;
    private Testbed testbed;
    private LoneEngine engine;
    private Talker peer;

    /** @param killEveryMs 0 = nobody is killed */
    public SoakRun(int clients, int connections, int seconds, int killEveryMs, long seed, PrintWriter out) {
        this.clients = clients;
        this.connections = connections;
        this.seconds = seconds;
        this.killEveryMs = killEveryMs;
        this.out = out;
        random = new SplittableRandom(seed);
    }

    /**
     * Serves, kills and compares, then looks at what is left.
     *
     * @throws CommandFailedException if the engine died, anybody was disturbed who was not killed, or something did not come back
     */
    public void run() throws Exception {
        try (UndoStack undo = new UndoStack()) {
            testbed = Testbed.create(undo, Placement.byDefault());
            testbed.setOffloads(false);
            int most = clients * connections + MOST_REPLACEMENTS_DUE * connections + SPARE_CONNECTIONS;
            engine = LoneEngine.start(testbed, undo, new LoneEngine.Setup(most, "", TABLES, List.of()));
            String port = Integer.toString(PORT);
            peer = new Talker(testbed.startGeneratorAnywhere(
                            "peer",
                            Talker.command(PEER_HEAP_MEGABYTES, "kernel-answer", Testbed.GENERATOR_ADDRESS, port)))
                    .awaitReady();
            startAll();
            say("%d client processes with %d connections each stand".formatted(clients, connections));
            EngineResources before = whenQuiet();
            long bytesBefore = peer.report().bytes();
            releaseAll();
            disturb();
            EngineResources after = whenQuiet();
            TalkReport report = peer.report();
            say("%d s, %d clients killed and replaced; %d questions with answers, %d bytes compared at each end"
                    .formatted(seconds, killed.size(), report.messages(), report.bytes() - bytesBefore));
            say("connections that broke at the peer, all of killed clients: %d"
                    .formatted(report.broken().values().stream()
                            .mapToInt(Integer::intValue)
                            .sum()));
            EngineResources.print(before, after, out);
            judge(report, before, after, report.bytes() - bytesBefore);
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private void judge(TalkReport report, EngineResources before, EngineResources after, long bytes) {
        List<String> wrong = new ArrayList<>(after.notBack(before, TOLERANCE_KIB));
        report.broken().forEach((tag, count) -> {
            if (!killed.contains(tag)) {
                wrong.add(count + " connections of client " + tag + ", which nobody killed, broke at the peer");
            }
        });
        JsonNode counters = EngineResources.ask(engine, "counters");
        for (String name : List.of("lcore.errors", "stack.errors")) {
            if (EngineResources.counter(counters, name) > 0) {
                wrong.add(name + ": " + EngineResources.counter(counters, name));
            }
        }
        if (killEveryMs > 0 && killed.isEmpty()) {
            wrong.add("nobody was killed");
        }
        if (bytes == 0) {
            wrong.add("nothing was transferred");
        }
        if (!wrong.isEmpty()) {
            throw new CommandFailedException("soak: " + String.join("; ", wrong));
        }
    }

    private void startOne() throws Exception {
        long tag = nextTag++;
        starting.put(
                tag,
                new Talker(testbed.startServerAnywhere(
                        "client " + tag,
                        Talker.command(
                                CLIENT_HEAP_MEGABYTES,
                                "toehold-ask",
                                engine.socket().toString(),
                                Long.toString(tag),
                                Integer.toString(connections),
                                Testbed.GENERATOR_ADDRESS,
                                Integer.toString(PORT)))));
    }

    private void startAll() throws Exception {
        while (talkers.size() < clients) {
            for (int i = 0; i < STARTS_AT_A_TIME && talkers.size() + starting.size() < clients; i++) {
                startOne();
            }
            awaitStarting();
            for (Talker talker : talkers.values()) {
                talker.hold(); // those who come later want to connect
            }
        }
    }

    private void awaitStarting() throws IOException, InterruptedException {
        for (Map.Entry<Long, Talker> entry : starting.entrySet()) {
            talkers.put(entry.getKey(), entry.getValue().awaitReady());
        }
        starting.clear();
    }

    private void releaseAll() throws IOException, InterruptedException {
        for (Talker talker : talkers.values()) {
            talker.release();
        }
    }

    /** The time of the soak: kills, replaces, and asks everybody whether anything failed. */
    private void disturb() throws Exception {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long nextKillNs = System.nanoTime();
        while (System.nanoTime() - endNs < 0) {
            TimeUnit.MILLISECONDS.sleep(TURN_MS);
            if (!engine.process().isAlive()) {
                throw new CommandFailedException("the engine died: "
                        + String.join(" | ", engine.process().lastErrors()));
            }
            boolean isDue = killEveryMs > 0 && System.nanoTime() - nextKillNs >= 0;
            if (isDue && talkers.size() > 1 && starting.size() < MOST_REPLACEMENTS_DUE) {
                nextKillNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(killEveryMs);
                killOne();
                startOne();
            }
            if (starting.size() == MOST_REPLACEMENTS_DUE) {
                awaitStarting();
            }
            TalkReport _ = anybody().report();
        }
        awaitStarting();
    }

    private Talker anybody() {
        return talkers.values().stream()
                .skip(random.nextInt(talkers.size()))
                .findFirst()
                .orElseThrow();
    }

    private void killOne() {
        long tag = talkers.keySet().stream()
                .skip(random.nextInt(talkers.size()))
                .findFirst()
                .orElseThrow();
        talkers.remove(tag).process().kill();
        killed.add(tag);
    }

    /** Who does not get its answers may be held up by the engine: then it says what it knows of that one's connections. */
    private TalkReport held(Talker talker) throws IOException, InterruptedException {
        try {
            return talker.awaitHeld();
        } catch (IOException e) {
            throw new IOException(
                    e.getMessage()
                            + EngineResources.outstanding(
                                    engine, talker.process().pid()),
                    e);
        }
    }

    /** What the engine holds when all that is said has been answered. Asks everybody how it went. */
    private EngineResources whenQuiet() throws Exception {
        for (Talker talker : talkers.values()) {
            talker.beginHold(); // all at once, or the last answers of one compete with the questions of the others
        }
        for (Map.Entry<Long, Talker> entry : talkers.entrySet()) {
            TalkReport report = held(entry.getValue());
            if (report.open() != connections) {
                throw new CommandFailedException("client " + entry.getKey() + " has " + report.open() + " of its "
                        + connections + " connections left, and nobody killed it");
            }
        }
        say("all is answered");
        long deadlineNs = System.nanoTime() + QUIET_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            JsonNode status = EngineResources.ask(engine, "status").get(0);
            if (status.get("clients").intValue() == clients
                    && status.get("connections").intValue() == clients * connections
                    && status.get("mbufsInUse").intValue() == 0) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(TURN_MS);
        }
        TimeUnit.SECONDS.sleep(1);
        return EngineResources.of(engine);
    }
}
