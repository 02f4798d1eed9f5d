package dev.toehold.perf.rig;

import java.util.ArrayDeque;

/**
 * What has to be undone, newest first, exactly once: when closed or when the JVM ends by a signal, whichever is first. A step
 * that fails does not keep the others from running.
 */
public final class UndoStack implements AutoCloseable {
    private final ArrayDeque<Runnable> steps = new ArrayDeque<>();
    private final Thread hook = Thread.ofPlatform().unstarted(this::undoAll);
    private boolean isUndone;

    public UndoStack() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Remembers a step to undo.
     *
     * @throws IllegalStateException if everything was undone already; the step has run then
     */
    public void push(Runnable step) {
        synchronized (steps) {
            if (!isUndone) {
                steps.push(step);
                return;
            }
        }
        step.run();
        throw new IllegalStateException("ended by a signal");
    }

    private void undoAll() {
        synchronized (steps) {
            isUndone = true;
            while (!steps.isEmpty()) {
                try {
                    steps.pop().run();
                } catch (RuntimeException e) {
                    System.err.println("toehold: cannot clean up: " + e.getMessage());
                }
            }
        }
    }

    @Override
    public void close() {
        undoAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and finds nothing left.
        }
    }
}
