package dev.toehold.engine;

import dev.toehold.stack.LcoreStack;

/**
 * What an lcore does over and over: commands; receive and place; take submissions; publish completions; commit and acknowledge; timers;
 * transmit; wake clients. Completions become visible before anything is acknowledged, which is the first promise of the engine.
 *
 * <p>It reads no clock, so the same pass runs under the poll loop and under a simulator.
 */
public final class LcorePass {
    private final LcoreCommands commands;
    private final LcoreStack stack;
    private final Applications applications;

    public LcorePass(LcoreCommands commands, LcoreStack stack, Applications applications) {
        this.commands = commands;
        this.stack = stack;
        this.applications = applications;
    }

    /** One pass; returns how much there was to do. */
    public int run(long nowNs) {
        int work = commands.drain();
        work += stack.pollRx(nowNs);
        work += applications.pollSubmissions(nowNs);
        applications.publish(nowNs);
        stack.endOfBurst(nowNs);
        work += stack.pollTimers(nowNs);
        applications.publish(nowNs);
        work += stack.flushTx();
        applications.wakeClients();
        return work;
    }

    /** Before a sleep, when every doorbell is armed: whether nothing has come meanwhile. */
    public boolean maySleep() {
        return applications.armWakeups() && commands.isEmpty() && !stack.hasWork();
    }

    /** When the lcore has something to do even if nobody rings; Long.MAX_VALUE = never. */
    public long nextDeadlineNs() {
        return Math.min(stack.nextDeadlineNs(), applications.nextDeadlineNs());
    }
}
