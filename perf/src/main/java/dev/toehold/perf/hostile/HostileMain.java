package dev.toehold.perf.hostile;

import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.perf.hostile.HostileClient.EndedException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Entry point of a hostile process: {@code SOCKET SEED OPERATIONS ENGINE-ADDRESS PEER-ADDRESS PEER-PORT FIRST-PORT}. One session after
 * the other, each attacked until the engine ends it or it has had its share. What it chooses follows from the seed; what meets what,
 * from the clock. Prints {@link AttackCounts} every second, "done" at the end; ends when its standard input does.
 */
public final class HostileMain {
    private static final int DRAIN_EVERY = 8;
    private static final int ROOM_SPINS = 20_000;
    private static final long REPORT_NS = 1_000_000_000L;
    private static final int MOST_OF_A_SESSION = 6_000;

    private final String path;
    private final long operations;
    private final SplittableRandom random;
    private final AttackCounts counts = new AttackCounts();
    private final List<Attack> urn = new ArrayList<>();
    private final RingAttacks ringAttacks;
    private final ControlAttacks controlAttacks;
    private final MemoryAttacks memoryAttacks;
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private long lastReportNs = System.nanoTime();

    private HostileMain(String path, long seed, long operations, Targets targets) {
        this.path = path;
        this.operations = operations;
        random = new SplittableRandom(seed);
        ringAttacks = new RingAttacks(targets, random);
        controlAttacks = new ControlAttacks(path, counts, random);
        memoryAttacks = new MemoryAttacks(counts, random);
        for (Attack attack : Attack.values()) {
            for (int i = 0; i < attack.weight(); i++) {
                urn.add(attack);
            }
        }
    }

    public static void main(String[] args) {
        Targets targets = new Targets(
                Targets.ipv4(args[3]), Targets.ipv4(args[4]), Integer.parseInt(args[5]), Integer.parseInt(args[6]));
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (System.in.read() >= 0) {
                    // Nothing is ever said.
                }
            } catch (IOException e) {
                // Gone as well.
            }
            Runtime.getRuntime().halt(0);
        });
        new HostileMain(args[0], Long.parseLong(args[1]), Long.parseLong(args[2]), targets).run();
    }

    private void run() {
        while (counts.total() < operations) {
            try (HostileClient client = HostileClient.attach(path)) {
                String reason = "left";
                try {
                    attack(client, 50 + random.nextInt(MOST_OF_A_SESSION));
                } catch (EndedException e) {
                    reason = e.getMessage();
                }
                counts.ended(reason);
            } catch (EndedException e) {
                counts.ended(e.getMessage());
                pause();
            } catch (LinuxException e) {
                counts.ended("not-attached");
                pause();
            }
        }
        out.println(counts);
        out.println("done");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void attack(HostileClient client, int share) throws EndedException {
        for (int i = 0; i < share && counts.total() < operations; i++) {
            Attack attack = urn.get(random.nextInt(urn.size()));
            makeRoom(client);
            counts.made(attack);
            switch (attack) {
                case REQUEST, REQUEST_FIELD, FRAME, UNREAD, TOKEN, SESSION -> controlAttacks.make(attack, client);
                case DESCRIPTOR, FLOOD, REGION, TRUNCATE, HOLES, HUGETLB -> memoryAttacks.make(attack, client);
                default -> ringAttacks.make(attack, client);
            }
            if (random.nextInt(DRAIN_EVERY) == 0) {
                client.rings.drain(counts);
                client.checkAlive();
            }
            report();
        }
    }

    /** Waits until the rings have room; an engine that does not answer any more has most often hung up. */
    private void makeRoom(HostileClient client) throws EndedException {
        Rings rings = client.rings;
        for (int i = 0; !rings.hasRoom() || !rings.hasBufferRoom(); i++) {
            client.checkAlive();
            if (i > ROOM_SPINS) {
                throw new EndedException("stuck-in-its-own-rings");
            }
            rings.drain(counts);
            rings.wake();
            Thread.onSpinWait();
            if (i % 16 == 15) {
                pauseShortly();
            }
        }
    }

    private static void pauseShortly() {
        try {
            TimeUnit.MICROSECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void report() {
        long nowNs = System.nanoTime();
        if (nowNs - lastReportNs >= REPORT_NS) {
            lastReportNs = nowNs;
            out.println(counts);
        }
    }
}
