package dev.toehold.engine;

import dev.toehold.ffi.linux.NativeThread;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.NoOpIdleStrategy;

/** The platform thread of an lcore. The agent idles by itself: only it knows what to wait for. */
final class LcoreThread {
    /** The shortest that Linux has: where others run on its CPU, an lcore runs as soon as a packet wakes it. */
    private static final long TIME_SLICE_NS = 100_000;

    private final LcoreAgent agent;
    private final AgentRunner runner;
    private final Thread thread;

    LcoreThread(LcoreAgent agent, ErrorHandler errorHandler) {
        this.agent = agent;
        runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, e -> onError(errorHandler, e), null, agent);
        thread = new Thread(this::run, agent.roleName());
    }

    /** The end that was asked for, or a start that failed and was told to who waits for it, are no bugs. */
    private static void onError(ErrorHandler errorHandler, Throwable e) {
        if (!(e instanceof AgentTerminationException)) {
            errorHandler.onError(e);
        }
    }

    private void run() {
        NativeThread.setName(agent.roleName());
        boolean _ = NativeThread.setTimeSlice(TIME_SLICE_NS);
        runner.run();
    }

    void start() {
        thread.start();
    }

    /** Asks it to end; {@link #join} waits for that. */
    void terminate(boolean isOrderly) {
        if (thread.isAlive()) {
            agent.terminate(isOrderly);
        }
    }

    void join() {
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
    }
}
