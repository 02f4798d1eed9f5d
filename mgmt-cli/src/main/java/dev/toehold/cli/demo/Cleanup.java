package dev.toehold.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a demo has made, to be removed in reverse order: at its end, after a failure, or from a shutdown hook after Ctrl-C or
 * SIGTERM. From then on nothing new is kept.
 */
final class Cleanup implements AutoCloseable {
    /** Removes one thing. */
    @FunctionalInterface
    interface Step {
        void run() throws Exception;
    }

    private record Named(String what, Step step) {}

    private final Deque<Named> steps = new ArrayDeque<>();
    private boolean isClosed;
    private volatile boolean isInterrupted;

    /** Also when the process is asked to end. */
    Cleanup() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::interrupt, "demo-cleanup"));
    }

    private void interrupt() {
        isInterrupted = true;
        close();
    }

    /** Whether the process was asked to end. */
    boolean isInterrupted() {
        return isInterrupted;
    }

    /** Makes something and remembers how to remove it, so that no signal falls between the two. */
    synchronized <T> T make(String what, Maker<T> maker, Remover<T> remover) throws Exception {
        if (isClosed) {
            throw new InterruptedException("the demo is being ended");
        }
        T made = maker.make();
        steps.push(new Named(what, () -> remover.remove(made)));
        return made;
    }

    /** Makes one thing. */
    @FunctionalInterface
    interface Maker<T> {
        T make() throws Exception;
    }

    /** Removes it. */
    @FunctionalInterface
    interface Remover<T> {
        void remove(T made) throws Exception;
    }

    @Override
    public synchronized void close() {
        isClosed = true;
        while (!steps.isEmpty()) {
            Named named = steps.pop();
            try {
                named.step().run();
            } catch (Exception e) {
                System.err.println("toehold: demo: could not remove " + named.what() + ": " + e.getMessage());
            }
        }
    }
}
