package dev.toehold.engine;

import dev.toehold.control.ClientDoorbells;
import dev.toehold.engine.config.IdleMode;
import dev.toehold.ffi.dpdk.Lcore;
import dev.toehold.ffi.linux.Affinity;
import dev.toehold.ffi.linux.Epoll;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.LcoreEnvironment;
import dev.toehold.stack.LcorePort;
import dev.toehold.stack.LcoreStack;
import dev.toehold.stack.TimerWheel;
import dev.toehold.stack.link.EthernetLinkLayer;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;

/**
 * The poll loop of one lcore, around {@link LcorePass}.
 *
 * <p>Without work the lcore yields for a while, then arms every doorbell, looks at everything once more and sleeps until a packet, a client, a command or a
 * timer wants it.
 */
final class LcoreAgent implements Agent {
    /** Between two {@link LcoreObserver#observe} of a busy lcore. */
    static final long OBSERVE_INTERVAL_NS = 50_000_000;

    /** How long an lcore is quiet before it publishes its last counters; earlier the next request might have to wait for that. */
    static final long OBSERVE_DELAY_NS = 5_000_000;

    /**
     * How long an lcore without work yields before it sleeps. What was just handed to a client is often answered within this time; to be woken for the answer would cost both more than the
     * wait. An lcore that is spoken to ten times a second spends a few thousandths of a core on it.
     */
    static final long LINGER_NS = 200_000;

    /** Enough for the JVM to have compiled how an lcore falls asleep and wakes up, before it first has to. */
    private static final int REHEARSED_SLEEPS = 2_000;

    private final Engine engine;
    private final Rooms rooms;
    private final LcoreEnvironment environment;
    private final Doorbell doorbell;
    private final IdleMode idleMode;
    private final int cpu;
    private final LcoreCommands commands;
    private final LcoreStats stats = new LcoreStats();
    private final CompletableFuture<LcoreAgent> started = new CompletableFuture<>();
    private Lcore dpdkLcore;
    private LcoreStack stack;
    private Applications applications;
    private LcorePass pass;
    private LcoreObserver observer;
    private LcoreSleep sleep;
    private long lastWorkNs;

    /** When the first work was done that no observation has seen yet. */
    private long unobservedNs;

    private boolean isObserved;

    /** @param cpu to be pinned on, negative = not pinned */
    LcoreAgent(
            Engine engine, Rooms rooms, LcoreEnvironment environment, Doorbell doorbell, IdleMode idleMode, int cpu) {
        this.engine = engine;
        this.rooms = rooms;
        this.environment = environment;
        this.doorbell = doorbell;
        this.idleMode = idleMode;
        this.cpu = cpu;
        commands = new LcoreCommands(doorbell);
    }

    /** Completes on the lcore's thread: with this agent when it is about to enter its loop, or with what kept it from it. */
    CompletableFuture<LcoreAgent> started() {
        return started;
    }

    LcoreCommands commands() {
        return commands;
    }

    /** Where clients ring; there once {@link #started} has completed. */
    ClientDoorbells clientDoorbells() {
        return sleep;
    }

    LcoreStack stack() {
        return stack;
    }

    @Override
    public String roleName() {
        return "lcore-" + environment.lcore();
    }

    @Override
    public void onStart() {
        try {
            if (cpu >= 0) {
                Affinity.pin(cpu);
            }
            dpdkLcore = Lcore.register();
            long nowNs = System.nanoTime();
            stack = new LcoreStack(environment, dpdkLcore, nowNs);
            applications = rooms.newApplications(engine, stack, commands);
            EthernetLinkLayer link = newLinkLayer(nowNs);
            stack.bind(link, applications.handler());
            pass = new LcorePass(commands, stack, applications, stats.stages());
            observer = rooms.newObserver(engine, stack, link.counters(), stats, applications);
            sleep = new LcoreSleep(doorbell, environment.ports(), applications::onRing, applications::onPacketWake);
            rehearseSleep(nowNs);
            stats.start(System.nanoTime());
            started.complete(this);
        } catch (RuntimeException | Error e) {
            started.completeExceptionally(e);
            throw new AgentTerminationException(e);
        }
    }

    private void rehearseSleep(long nowNs) {
        for (int i = 0; i < REHEARSED_SLEEPS; i++) {
            observe(nowNs);
            doorbell.arm();
            doorbell.ring();
            if (pass.maySleep()) {
                long _ = deadlineNs();
                int _ = sleep.await(0);
            }
            applications.onPacketWake();
            doorbell.disarm();
            applications.disarmWakeups();
        }
    }

    private EthernetLinkLayer newLinkLayer(long nowNs) {
        long[] macs = environment.ports().stream().mapToLong(LcorePort::mac).toArray();
        boolean isClaimer = environment.lcore() == 0;
        RandomGenerator random = new SplittableRandom(~environment.randomSeed());
        return new EthernetLinkLayer(
                environment.addresses(), macs, stack.frameOutput(), stack, isClaimer, random, nowNs);
    }

    @Override
    public int doWork() {
        long nowNs = System.nanoTime();
        stats.beginPass(nowNs);
        int work = 0;
        try {
            work = pass.run(nowNs);
        } catch (InternalError e) {
            if (!applications.onMemoryFault()) {
                onError(e);
            }
            work = 1;
        } catch (AgentTerminationException e) {
            throw e;
        } catch (RuntimeException e) {
            onError(e);
            work = 1;
        }
        stats.endPass(work > 0);
        if (work > 0) {
            onWork(nowNs);
        } else {
            idle(nowNs);
        }
        return work;
    }

    private void onWork(long nowNs) {
        lastWorkNs = nowNs;
        if (isObserved) {
            isObserved = false;
            unobservedNs = nowNs;
        } else if (nowNs - unobservedNs >= OBSERVE_INTERVAL_NS) {
            observe(nowNs);
        }
    }

    private void observe(long nowNs) {
        observer.observe(nowNs);
        isObserved = true;
    }

    private void onError(Throwable e) {
        stats.error();
        environment.errorHandler().onError(e);
    }

    @SuppressWarnings("ThreadPriorityCheck") // lets a client on the same CPU go first
    private void idle(long nowNs) {
        long quietNs = nowNs - lastWorkNs;
        if (idleMode == IdleMode.SPIN) {
            Thread.onSpinWait();
        } else if (quietNs < LINGER_NS || !sleep.isPossible()) {
            Thread.yield();
        } else {
            sleep(nowNs);
        }
    }

    private void sleep(long nowNs) {
        if (!isObserved && nowNs - lastWorkNs >= OBSERVE_DELAY_NS) {
            observe(nowNs);
        }
        doorbell.arm();
        try {
            if (pass.maySleep()) {
                long deadlineNs = deadlineNs();
                long before = System.nanoTime();
                if (deadlineNs == TimerWheel.NEVER) {
                    int _ = sleep.await(Epoll.FOREVER);
                } else if (deadlineNs > before) {
                    int _ = sleep.await(deadlineNs - before);
                }
                stats.slept(System.nanoTime() - before);
            }
        } finally {
            doorbell.disarm();
            applications.disarmWakeups();
        }
    }

    private long deadlineNs() {
        long deadlineNs = pass.nextDeadlineNs();
        return isObserved ? deadlineNs : Math.min(deadlineNs, lastWorkNs + OBSERVE_DELAY_NS);
    }

    /**
     * Ends the loop, by a command.
     *
     * @param isOrderly connections that are left are reset, and the resets leave; else they stay in the state file
     */
    void terminate(boolean isOrderly) {
        commands.execute(() -> {
            if (isOrderly) {
                stack.abortAll(System.nanoTime());
                stack.flushTx();
            }
            throw new AgentTerminationException();
        });
    }

    @Override
    public void onClose() {
        if (sleep != null) {
            sleep.close();
        }
        if (applications != null) {
            applications.close();
        }
        if (stack != null) {
            stack.close();
        }
        if (dpdkLcore != null) {
            dpdkLcore.close();
        }
    }
}
