package dev.toehold.engine.rehearsal;

import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.tcp.TcpConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Exchanges messages between two hosts in memory until there were enough or the time is up, over both families: small ones one after the other, then some of
 * several segments, and echo requests between them. A JVM interprets what it has not seen often: the first segments of an engine that
 * has not rehearsed take far longer than later ones.
 */
public final class Rehearsal {
    private static final long LEFT_MAC = 0x02_00_00_00_00_01L;
    private static final long RIGHT_MAC = 0x02_00_00_00_00_02L;
    private static final int MTU = 1500;
    private static final int SMALL = 64;
    private static final int LARGE = 8_000;
    private static final int TURNS_BETWEEN_PINGS = 64;

    /** Messages of a connection; then comes another one, so that opens and closes are rehearsed too. */
    private static final int MESSAGES = 100;

    /** By then the optimizing compiler has seen all of it often enough. */
    private static final long ENOUGH_MESSAGES = 12_000;

    /** Bounds the turns of a connection that for whatever reason does not get on. */
    private static final int MOST_TURNS = 20_000;

    private final RehearsalHost left;
    private final RehearsalHost right;
    private final long endNs;
    private long messageCount;

    private Rehearsal(RehearsalHost left, RehearsalHost right, long endNs) {
        this.left = left;
        this.right = right;
        this.endNs = endNs;
    }

    /**
     * Rehearses on a thread of its own, which is an lcore of DPDK meanwhile; the caller waits.
     *
     * @param directory for the hosts' state files, which are gone afterwards
     * @param pool whose mbufs it borrows
     * @param limit how long at most; zero = not at all
     * @return messages exchanged
     */
    public static long run(Path directory, PktMbufPool pool, TcpConfig tcpConfig, Duration limit) {
        if (limit.isZero()) {
            return 0;
        }
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long[] count = new long[1];
        Thread thread = Thread.ofPlatform()
                .name("rehearsal")
                .uncaughtExceptionHandler((ended, e) -> failure.set(e))
                .start(() -> count[0] = rehearse(directory, pool, tcpConfig, limit));
        boolean isInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("the rehearsal failed: " + failure.get(), failure.get());
        }
        return count[0];
    }

    private static long rehearse(Path directory, PktMbufPool pool, TcpConfig tcpConfig, Duration limit) {
        List<Throwable> errors = new ArrayList<>();
        RehearsalWire[] wire = RehearsalWire.pair(LEFT_MAC, RIGHT_MAC, MTU);
        long nowNs = System.nanoTime();
        Path leftState = directory.resolve("rehearsal-1");
        Path rightState = directory.resolve("rehearsal-2");
        try (Lcore lcore = Lcore.register()) {
            Files.createDirectories(leftState);
            Files.createDirectories(rightState);
            try (RehearsalHost left =
                            new RehearsalHost(1, leftState, wire[0], tcpConfig, pool, lcore, errors::add, nowNs);
                    RehearsalHost right =
                            new RehearsalHost(2, rightState, wire[1], tcpConfig, pool, lcore, errors::add, nowNs)) {
                Rehearsal rehearsal = new Rehearsal(left, right, nowNs + limit.toNanos());
                rehearsal.play();
                if (!errors.isEmpty()) {
                    throw new IllegalStateException(errors.getFirst());
                }
                return rehearsal.messageCount;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(leftState);
            delete(rightState);
        }
    }

    private static void delete(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void play() {
        right.client().listen();
        for (boolean isIpv6 = false; messageCount < ENOUGH_MESSAGES && System.nanoTime() < endNs; isIpv6 = !isIpv6) {
            converse(isIpv6, SMALL);
            converse(isIpv6, LARGE);
        }
        long nowNs = System.nanoTime();
        left.end(nowNs);
        right.end(nowNs);
    }

    private void converse(boolean isIpv6, int length) {
        left.client()
                .connect(
                        isIpv6 ? right.ipv6().hi() : right.ipv4().hi(),
                        isIpv6 ? right.ipv6().lo() : right.ipv4().lo());
        long before = left.client().receivedCount();
        boolean hasSpoken = false;
        for (int turn = 0; turn < MOST_TURNS && left.client().receivedCount() - before < MESSAGES; turn++) {
            long nowNs = System.nanoTime();
            if (nowNs >= endNs) {
                break;
            }
            left.turn(nowNs);
            right.turn(nowNs);
            if (!hasSpoken && left.client().isConnected()) {
                hasSpoken = true;
                left.client().say(length);
            }
            if (turn % TURNS_BETWEEN_PINGS == 0) {
                RehearsalPing.sendArpRequest(left.stack().frameOutput(), left, right);
                RehearsalPing.sendIpv4(left.stack().frameOutput(), left, right);
                RehearsalPing.sendIpv6(left.stack().frameOutput(), left, right);
            }
        }
        messageCount += left.client().receivedCount() - before;
        left.client().close();
        right.client().close();
    }
}
