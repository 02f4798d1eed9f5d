package dev.toehold.engine;

import java.util.ArrayDeque;

/** What has been made so far, to be undone in reverse order. Each step is undone once, whatever the others do. */
final class UndoStack implements AutoCloseable {
    private final ArrayDeque<AutoCloseable> steps = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T step) {
        steps.push(step);
        return step;
    }

    /**
     * Undoes everything.
     *
     * @throws EngineException the first failure, the others suppressed in it
     */
    @Override
    public void close() {
        EngineException failure = null;
        while (!steps.isEmpty()) {
            try {
                steps.pop().close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = new EngineException("not everything could be undone: " + e.getMessage(), e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
