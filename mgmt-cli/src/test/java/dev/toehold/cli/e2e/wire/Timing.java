package dev.toehold.cli.e2e.wire;

/** Times between segments. What comes early is wrong; what comes late may be the host, so that bound is a generous one. */
final class Timing {
    /** Reading the first of two segments late makes the time between them seem shorter. */
    private static final long READ_LATE_NS = 25_000_000;

    private Timing() {}

    static void check(String what, long ns, long leastMs, long mostMs) {
        if (ns < leastMs * 1_000_000 - READ_LATE_NS || ns > mostMs * 1_000_000) {
            throw new AssertionError(what + " after " + ns / 1e6 + " ms, not " + leastMs + " to " + mostMs);
        }
    }
}
