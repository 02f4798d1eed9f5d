package dev.toehold.perf.link;

import dev.toehold.ffi.linux.Epoll;
import dev.toehold.ffi.linux.EventFd;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.PacketSocket;
import java.lang.foreign.Arena;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Joins two interfaces on a thread of its own. Both ends of both veths must have tso, gso, gro and tx checksums off, else frames of
 * 64 KiB without sums would pass as one ({@link LinkCounters.Count#OVERSIZED}); the kernel must have no address on the
 * link's own ends, and must not forward.
 */
public final class ImpairingLink implements AutoCloseable {
    private static final int ETHERNET_OVERHEAD = 18;
    private static final int SMALL_SLOT_LENGTH = 2048;
    private static final int SMALL_SLOT_COUNT = 8192;
    private static final int LARGE_SLOT_LENGTH = 10 << 10;
    private static final int LARGE_SLOT_COUNT = 4096;
    private static final int SOCKET_BUFFER_BYTES = 32 << 20;
    private static final int EVENTS = 4;
    private static final long ANSWER_POLL_MS = 100;
    private static final int LEFT_TO_RIGHT = 0;
    private static final int RIGHT_TO_LEFT = 1;

    private final PacketSocket left;
    private final PacketSocket right;
    private final Epoll epoll;
    private final EventFd doorbell;
    private final Arena arena = Arena.ofShared();
    private final LinkDirection[] directions;
    private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final Thread thread;

    private volatile boolean isStopping;

    /** Why the thread ended by itself, or null. */
    private volatile RuntimeException failure;

    private ImpairingLink(PacketSocket left, PacketSocket right, Epoll epoll, EventFd doorbell, int mtu) {
        this.left = left;
        this.right = right;
        this.epoll = epoll;
        this.doorbell = doorbell;
        int maxFrameLength = mtu + ETHERNET_OVERHEAD;
        directions = new LinkDirection[] {
            direction(left, right, maxFrameLength), direction(right, left, maxFrameLength),
        };
        epoll.add(left.fd(), Epoll.IN, 0);
        epoll.add(right.fd(), Epoll.IN, 0);
        epoll.add(doorbell.fd(), Epoll.IN, 0);
        thread = Thread.ofPlatform().daemon().name("impairing-link").start(this::run);
    }

    private LinkDirection direction(PacketSocket in, PacketSocket out, int maxFrameLength) {
        boolean isSmall = maxFrameLength <= SMALL_SLOT_LENGTH;
        int slotCount = isSmall ? SMALL_SLOT_COUNT : LARGE_SLOT_COUNT;
        FramePool pool = new FramePool(arena, slotCount, isSmall ? SMALL_SLOT_LENGTH : LARGE_SLOT_LENGTH);
        return new LinkDirection(in, out, pool, maxFrameLength, slotCount);
    }

    /**
     * Joins two interfaces of the calling thread's network namespace, at first as a wire does.
     *
     * @throws IllegalArgumentException if there is no such interface, or its MTU is beyond 9,216
     */
    public static ImpairingLink start(String leftInterface, String rightInterface) {
        PacketSocket left = null;
        PacketSocket right = null;
        Epoll epoll = null;
        try (Netlink netlink = Netlink.open()) {
            var leftLink = netlink.link(leftInterface).orElseThrow(() -> missing(leftInterface));
            var rightLink = netlink.link(rightInterface).orElseThrow(() -> missing(rightInterface));
            int mtu = Math.max(leftLink.mtu(), rightLink.mtu());
            if (mtu > LARGE_SLOT_LENGTH - ETHERNET_OVERHEAD) {
                throw new IllegalArgumentException("mtu=" + mtu + ": too large for this link");
            }
            left = PacketSocket.open(leftLink.index(), SOCKET_BUFFER_BYTES);
            right = PacketSocket.open(rightLink.index(), SOCKET_BUFFER_BYTES);
            epoll = Epoll.create(EVENTS);
            return new ImpairingLink(left, right, epoll, EventFd.create(), mtu);
        } catch (RuntimeException e) {
            close(left);
            close(right);
            close(epoll);
            throw e;
        }
    }

    private static IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("interface=" + name + ": there is none in this network namespace");
    }

    private static void close(AutoCloseable resource) {
        if (resource != null) {
            try {
                resource.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private void run() {
        try {
            while (!isStopping) {
                step();
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void step() {
        Runnable order;
        while ((order = orders.poll()) != null) {
            order.run();
        }
        long nowNs = System.nanoTime();
        int work = 0;
        for (LinkDirection direction : directions) {
            work += direction.receive(nowNs);
            work += direction.transmit(nowNs);
        }
        if (work == 0) {
            long dueNs = Math.min(directions[0].nextDueNs(), directions[1].nextDueNs());
            epoll.await(dueNs == Long.MAX_VALUE ? Epoll.FOREVER : Math.max(dueNs - System.nanoTime(), 0));
            doorbell.drain();
        }
    }

    /** Runs something on the link's thread and waits for it. */
    private <T> T order(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        orders.add(() -> result.complete(task.get()));
        doorbell.signal();
        while (true) {
            try {
                return result.get(ANSWER_POLL_MS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!thread.isAlive()) {
                    throw new IllegalStateException("the link has ended", failure);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    /**
     * Impairs from now on, by the decisions of a seed from the first on: the same frames meet the same fate. What is on its
     * way is dropped.
     */
    public void impair(Impairments leftToRight, Impairments rightToLeft, long seed) {
        order(() -> {
            directions[LEFT_TO_RIGHT].impair(leftToRight, seed, LEFT_TO_RIGHT);
            directions[RIGHT_TO_LEFT].impair(rightToLeft, seed, RIGHT_TO_LEFT);
            return true;
        });
    }

    /** Of frames that came in at the left end, since the start. */
    public LinkCounters leftToRight() {
        return counters(LEFT_TO_RIGHT);
    }

    /** Of frames that came in at the right end, since the start. */
    public LinkCounters rightToLeft() {
        return counters(RIGHT_TO_LEFT);
    }

    private LinkCounters counters(int direction) {
        return order(() -> {
            directions[direction].countOverruns();
            return directions[direction].counters().copy();
        });
    }

    /** Ends it. Frames on their way are dropped. */
    @Override
    public void close() {
        if (isStopping) {
            return;
        }
        isStopping = true;
        doorbell.signal();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return; // the thread still uses what would be closed; it ends with the process
        }
        left.close();
        right.close();
        epoll.close();
        doorbell.close();
        arena.close();
    }
}
