package dev.toehold.engine.rehearsal;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** The JVM's compilers, as far as one can see from outside whether they have something to do. */
public final class Compilers {
    private static final long INTERVAL_MS = 50;

    /** So many intervals without a compilation that ended are taken for rest; a single method may take longer than one. */
    private static final int QUIET_INTERVALS = 3;

    private Compilers() {}

    /** Waits until the compilers rest, or for the time to be up: what they still work at they would take from the first requests. */
    public static void awaitRest(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        if (compilers == null || !compilers.isCompilationTimeMonitoringSupported()) {
            return;
        }
        int quiet = 0;
        long before = compilers.getTotalCompilationTime();
        while (quiet < QUIET_INTERVALS && System.nanoTime() - endNs < 0) {
            try {
                Thread.sleep(INTERVAL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            long now = compilers.getTotalCompilationTime();
            quiet = now == before ? quiet + 1 : 0;
            before = now;
        }
    }
}
