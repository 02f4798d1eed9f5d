package dev.toehold.session;

/**
 * What one session may use on each lcore.
 *
 * @param maxConnections open connections
 * @param maxListeners open listeners
 * @param maxReceiveCreditBytes largest receive credit of a connection
 * @param lingerNs default of {@link dev.toehold.abi.Option#LINGER_NS}
 * @param maxLingerNs its largest value
 * @param maxLentBuffers provided buffers lent at a time; the queue pair may allow less
 * @param submissionsPerSecond submissions and lent buffers that are taken in a second; 0 = any number
 * @param listen where it may listen, and local TCP ports that it may choose
 * @param connect where it may connect to
 */
public record SessionLimits(
        int maxConnections,
        int maxListeners,
        long maxReceiveCreditBytes,
        long lingerNs,
        long maxLingerNs,
        int maxLentBuffers,
        int submissionsPerSecond,
        EndpointRules listen,
        EndpointRules connect) {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MAX_RECEIVE_CREDIT_BYTES = 64L << 20;
    private static final long LINGER_NS = 60 * SECOND_NS;
    private static final long MAX_LINGER_NS = 600 * SECOND_NS;

    public SessionLimits {
        check("maxConnections", maxConnections, 1, Integer.MAX_VALUE);
        check("maxListeners", maxListeners, 0, 65_536);
        check("maxReceiveCreditBytes", maxReceiveCreditBytes, 0, 1L << 30);
        check("maxLingerNs", maxLingerNs, 0, 3600 * SECOND_NS);
        check("lingerNs", lingerNs, 0, maxLingerNs);
        check("maxLentBuffers", maxLentBuffers, 1, Integer.MAX_VALUE);
        check("submissionsPerSecond", submissionsPerSecond, 0, SECOND_NS);
    }

    /** 64 MiB of credit, 60 s of lingering, 10 minutes at most; no other bounds. */
    public static SessionLimits of(int maxConnections, int maxListeners) {
        return of(
                maxConnections, maxListeners, Integer.MAX_VALUE, 0, EndpointRules.EVERYTHING, EndpointRules.EVERYTHING);
    }

    /** Like the other, with bounds that a policy sets. */
    public static SessionLimits of(
            int maxConnections,
            int maxListeners,
            int maxLentBuffers,
            int submissionsPerSecond,
            EndpointRules listen,
            EndpointRules connect) {
        return new SessionLimits(
                maxConnections,
                maxListeners,
                MAX_RECEIVE_CREDIT_BYTES,
                LINGER_NS,
                MAX_LINGER_NS,
                maxLentBuffers,
                submissionsPerSecond,
                listen,
                connect);
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + ", allowed: " + min + " to " + max);
        }
    }
}
