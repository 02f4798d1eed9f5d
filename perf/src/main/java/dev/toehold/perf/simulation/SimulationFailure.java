package dev.toehold.perf.simulation;

/** A check failed: what the engine or the library did is wrong. */
public final class SimulationFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SimulationFailure(String message) {
        super(message);
    }

    SimulationFailure(String message, Throwable cause) {
        super(message, cause);
    }

    static void check(boolean condition, String what, long value) {
        if (!condition) {
            throw new SimulationFailure(what + ": " + value);
        }
    }
}
