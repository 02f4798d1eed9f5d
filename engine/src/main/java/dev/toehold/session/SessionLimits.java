package dev.toehold.session;

/**
 * What one session may use.
 *
 * @param maxConnections open connections on one lcore
 * @param maxListeners open listeners
 * @param maxReceiveCreditBytes largest receive credit of a connection
 * @param lingerNs default of {@link dev.toehold.abi.Option#LINGER_NS}
 * @param maxLingerNs its largest value
 */
public record SessionLimits(
        int maxConnections, int maxListeners, long maxReceiveCreditBytes, long lingerNs, long maxLingerNs) {
    private static final long SECOND_NS = 1_000_000_000L;

    public SessionLimits {
        check("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        check("maxListeners", maxListeners, 0, 65_536);
        check("maxReceiveCreditBytes", maxReceiveCreditBytes, 0, 1L << 30);
        check("maxLingerNs", maxLingerNs, 0, 3600 * SECOND_NS);
        check("lingerNs", lingerNs, 0, maxLingerNs);
    }

    /** 64 MiB of credit, 60 s of lingering, 10 minutes at most. */
    public static SessionLimits of(int maxConnections, int maxListeners) {
        return new SessionLimits(maxConnections, maxListeners, 64L << 20, 60 * SECOND_NS, 600 * SECOND_NS);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + ", allowed: " + min + " to " + max);
        }
    }
}
