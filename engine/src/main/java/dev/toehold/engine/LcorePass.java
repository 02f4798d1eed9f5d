package dev.toehold.engine;

import dev.toehold.engine.StageTimes.Stage;
import dev.toehold.stack.LcoreStack;

/**
 * What an lcore does over and over: commands; receive and place; take submissions; publish completions; commit and acknowledge; timers;
 * transmit; wake clients. Completions become visible before anything is acknowledged, which is the first promise of the engine.
 *
 * <p>Given {@link StageTimes#off}, it reads no clock, so the same pass runs under the poll loop and under a simulator.
 */
public final class LcorePass {
    private final LcoreCommands commands;
    private final LcoreStack stack;
    private final Applications applications;
    private final StageTimes stages;

    public LcorePass(LcoreCommands commands, LcoreStack stack, Applications applications) {
        this(commands, stack, applications, StageTimes.off());
    }

    public LcorePass(LcoreCommands commands, LcoreStack stack, Applications applications, StageTimes stages) {
        this.commands = commands;
        this.stack = stack;
        this.applications = applications;
        this.stages = stages;
    }

    /** One pass; returns how much there was to do. */
    public int run(long nowNs) {
        stages.begin();
        int work = commands.drain();
        stages.end(Stage.COMMANDS);
        work += stack.pollRx(nowNs);
        stages.end(Stage.RECEIVE);
        work += applications.pollSubmissions(nowNs);
        stages.end(Stage.SUBMISSIONS);
        applications.publish(nowNs);
        stages.end(Stage.PUBLISH);
        stack.endOfBurst(nowNs);
        stages.end(Stage.ACKNOWLEDGE);
        work += stack.pollTimers(nowNs);
        applications.publish(nowNs);
        stages.end(Stage.TIMERS);
        work += stack.flushTx();
        stages.end(Stage.TRANSMIT);
        applications.wakeClients();
        stages.end(Stage.WAKE);
        stages.endPass(work > 0);
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
