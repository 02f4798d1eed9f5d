package dev.toehold.engine;

/** Carries an lcore's counters to where others read them. On the lcore's thread only. */
@FunctionalInterface
public interface LcoreObserver {
    /** Called every now and then ({@link LcoreAgent#OBSERVE_INTERVAL_NS}) while the lcore works, and before it sleeps. */
    void observe(long nowNs);
}
