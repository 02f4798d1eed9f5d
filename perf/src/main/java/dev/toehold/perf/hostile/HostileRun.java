package dev.toehold.perf.hostile;

import dev.toehold.cli.CommandFailedException;
import dev.toehold.perf.rig.EngineResources;
import dev.toehold.perf.rig.JavaCommand;
import dev.toehold.perf.rig.LoneEngine;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.Testbed;
import dev.toehold.perf.rig.UndoStack;
import dev.toehold.perf.soak.TalkReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * An engine, its victims and its attackers: a round to warm up, of the same kind, then what the engine holds, the round that counts, and
 * what it holds again.
 */
public final class HostileRun {
    /** What a warmed-up JVM may take beyond that by the end: compiled code, metaspace, what malloc keeps. */
    public static final long TOLERANCE_KIB = 24 << 10;

    private static final int ATTACKERS = 2;
    private static final int ECHO_PORT = 8;
    private static final int FIRST_PORT = 9000;
    private static final int USER = 64_200;
    private static final int GROUP = 64_100;
    private static final int TURN_MS = 200;
    private static final int CHECK_EVERY = 5;
    private static final Duration QUIET_PATIENCE = Duration.ofMinutes(2);
    private static final String CONTROL = "group = \"" + GROUP + "\"";

    /** A policy as an operator would write it for a user whom he does not trust; short times, so that the end is not waited for. */
    private static final String TABLES = """
            time-wait = "2s"
            linger = "2s"

            [[policy]]
            users = ["%d"]
            listen = ["*:%d-%d"]
            sessions = 16
            region-bytes = "16M"
            connections = 128
            lent-buffers = 1024
            """.formatted(USER, FIRST_PORT, FIRST_PORT + ATTACKERS * Targets.PORTS - 1);

    private final long operations;
    private final long warmUpOperations;
    private final long seed;
    private final PrintWriter out;
    private final SplittableRandom random;
    private Testbed testbed;
    private LoneEngine engine;
    private Victims victims;
    private int kills;
    private int stops;

    public HostileRun(long operations, long warmUpOperations, long seed, PrintWriter out) {
        this.operations = operations;
        this.warmUpOperations = warmUpOperations;
        this.seed = seed;
        this.out = out;
        random = new SplittableRandom(seed);
    }

    /**
     * Attacks, then looks at what is left.
     *
     * @throws CommandFailedException if the engine died, a victim noticed something, or something did not come back
     */
    public void run() throws Exception {
        try (UndoStack undo = new UndoStack()) {
            testbed = Testbed.create(undo, Placement.byDefault());
            testbed.setOffloads(false);
            serveEcho(undo);
            LoneEngine.Setup setup =
                    new LoneEngine.Setup(1024, CONTROL, TABLES, List.of("setpriv", "--groups=" + GROUP));
            engine = LoneEngine.start(testbed, undo, setup);
            victims = Victims.start(testbed, engine);
            AttackCounts warmUp = round(warmUpOperations, seed);
            say("warm-up: %d operations".formatted(warmUp.total()));
            EngineResources before = whenQuiet();
            TalkReport talkBefore = victims.check();
            victims.release();
            final long startNs = System.nanoTime();
            AttackCounts counts = round(operations, seed + 1_000);
            long elapsedNs = System.nanoTime() - startNs;
            EngineResources after = whenQuiet();
            TalkReport talk = victims.check();
            report(
                    counts,
                    elapsedNs,
                    before,
                    after,
                    talk.messages() - talkBefore.messages(),
                    talk.bytes() - talkBefore.bytes());
            judge(counts, before, after, talk.messages() - talkBefore.messages());
        }
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private void report(
            AttackCounts counts,
            long elapsedNs,
            EngineResources before,
            EngineResources after,
            long messages,
            long bytes) {
        counts.print(out);
        say("%d s; attackers killed %d times, stopped %d times"
                .formatted(TimeUnit.NANOSECONDS.toSeconds(elapsedNs), kills, stops));
        say("the victims' streams meanwhile: %d questions with answers, %d bytes, every one compared, none wrong"
                .formatted(messages, bytes));
        EngineResources.print(before, after, out);
    }

    private void judge(AttackCounts counts, EngineResources before, EngineResources after, long messages) {
        List<String> wrong = new ArrayList<>(after.notBack(before, TOLERANCE_KIB));
        JsonNode counters = EngineResources.ask(engine, "counters");
        for (String name : List.of("lcore.errors", "stack.errors")) {
            long value = EngineResources.counter(counters, name);
            if (value > 0) {
                wrong.add(name + ": " + value);
            }
        }
        if (counts.totalPassed() * 2 < counts.total()) {
            wrong.add("past the first check: " + counts.totalPassed() + " of " + counts.total() + ", fewer than half");
        }
        if (messages == 0) {
            wrong.add("the victims' streams stood still");
        }
        if (!wrong.isEmpty()) {
            throw new CommandFailedException("after hostile clients, " + String.join("; ", wrong));
        }
    }

    /** What TCP port 8 of the kernel's side gets, it sends back. */
    private void serveEcho(UndoStack undo) throws Exception {
        ServerSocketChannel channel = testbed.generatorSide().run(ServerSocketChannel::open);
        ServerSocket server = channel.socket();
        server.bind(new InetSocketAddress(Testbed.GENERATOR_ADDRESS, ECHO_PORT));
        undo.push(() -> {
            try {
                server.close();
            } catch (IOException e) {
                // It ends with the process.
            }
        });
        Thread.ofPlatform().daemon().name("echo").start(() -> {
            try {
                while (true) {
                    Socket socket = server.accept();
                    Thread.ofVirtual().start(() -> echo(socket));
                }
            } catch (IOException e) {
                // Closed.
            }
        });
    }

    private static void echo(Socket socket) {
        try (socket) {
            long _ = socket.getInputStream().transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // A reset is what hostile clients make.
        }
    }

    private HostileProcess attacker(int number, long attackSeed, long share) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "setpriv",
                "--reuid=" + USER,
                "--regid=" + USER,
                "--groups=" + GROUP,
                // To read the class path wherever it lies; the engine gives nothing for it.
                "--inh-caps=-all,+dac_read_search",
                "--ambient-caps=-all,+dac_read_search"));
        command.addAll(JavaCommand.java(
                List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m"),
                HostileMain.class.getName(),
                engine.socket().toString(),
                Long.toString(attackSeed),
                Long.toString(share),
                Testbed.ENGINE_ADDRESS,
                Testbed.GENERATOR_ADDRESS,
                Integer.toString(ECHO_PORT),
                Integer.toString(FIRST_PORT + number * Targets.PORTS)));
        return new HostileProcess(testbed.startServerAnywhere("attacker " + number + " seed " + attackSeed, command));
    }

    private AttackCounts round(long total, long firstSeed) throws Exception {
        AttackCounts sum = new AttackCounts();
        long[] left = new long[ATTACKERS];
        HostileProcess[] attackers = new HostileProcess[ATTACKERS];
        long nextSeed = firstSeed;
        for (int i = 0; i < ATTACKERS; i++) {
            left[i] = total / ATTACKERS;
            attackers[i] = attacker(i, nextSeed++, left[i]);
        }
        for (int turn = 0; anyLeft(attackers); turn++) {
            TimeUnit.MILLISECONDS.sleep(TURN_MS);
            checkEngine();
            if (turn % CHECK_EVERY == 0) {
                TalkReport _ = victims.check();
            }
            int chosen = random.nextInt(ATTACKERS);
            int what = random.nextInt(60);
            if (attackers[chosen] == null) {
                continue;
            }
            if (what == 0) {
                attackers[chosen].kill();
                kills++;
            } else if (what < 4) {
                attackers[chosen].stopFor(Duration.ofMillis(50 + random.nextInt(500)));
                stops++;
            }
            for (int i = 0; i < ATTACKERS; i++) {
                if (attackers[i] != null && attackers[i].isDone()) {
                    if (!attackers[i].failure().isEmpty()) {
                        throw new CommandFailedException("an attacker failed itself: " + attackers[i].failure());
                    }
                    sum.add(attackers[i].counts());
                    left[i] -= attackers[i].counts().total();
                    attackers[i] = left[i] > 0 ? attacker(i, nextSeed++, left[i]) : null;
                }
            }
        }
        return sum;
    }

    private static boolean anyLeft(HostileProcess[] attackers) {
        for (HostileProcess attacker : attackers) {
            if (attacker != null) {
                return true;
            }
        }
        return false;
    }

    private void checkEngine() {
        if (!engine.process().isAlive()) {
            throw new CommandFailedException(
                    "the engine died: " + String.join(" | ", engine.process().lastErrors()));
        }
    }

    /** What the engine holds when only the victims are left, and silent. */
    private EngineResources whenQuiet() throws Exception {
        checkEngine();
        victims.hold();
        TalkReport _ = victims.check();
        long deadlineNs = System.nanoTime() + QUIET_PATIENCE.toNanos();
        while (System.nanoTime() - deadlineNs < 0) {
            JsonNode status = EngineResources.ask(engine, "status").get(0);
            boolean isQuiet = status.get("clients").intValue() == victims.sessions()
                    && status.get("connections").intValue() == victims.tcbs()
                    && status.get("mbufsInUse").intValue() == 0;
            if (isQuiet) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(TURN_MS);
        }
        TimeUnit.SECONDS.sleep(1);
        return EngineResources.of(engine);
    }
}
