package dev.toehold.control;

import dev.toehold.abi.Abi;
import dev.toehold.abi.QueuePairDescriptor;
import dev.toehold.session.SessionLimits;

/**
 * What all clients together, and each of them, may use.
 *
 * @param maxSockets open control sockets, management included
 * @param maxSessions attached clients, those that are ending included
 * @param maxRegions of a session
 * @param maxRegionBytes of all regions of a session together
 * @param maxGroups of a session
 * @param sqEntries of each queue pair
 * @param cqEntries of each queue pair
 * @param bufEntries of each queue pair
 * @param maxOutstandingAnswers requests of one socket that are not answered yet; then it is not read from
 * @param session connections, listeners, credit, lingering
 */
public record ControlLimits(
        int maxSockets,
        int maxSessions,
        int maxRegions,
        long maxRegionBytes,
        int maxGroups,
        int sqEntries,
        int cqEntries,
        int bufEntries,
        int maxOutstandingAnswers,
        SessionLimits session) {
    public ControlLimits {
        check("maxSockets", maxSockets, 1, 65_536);
        check("maxSessions", maxSessions, 1, 65_536);
        check("maxRegions", maxRegions, 1, Abi.MAX_REGIONS);
        check("maxRegionBytes", maxRegionBytes, 4096, 1L << 46);
        check("maxGroups", maxGroups, 0, Abi.MAX_GROUPS);
        check("maxOutstandingAnswers", maxOutstandingAnswers, 1, 65_536);
    }

    /** 256 sessions of up to 16 GiB, rings of the contract's default sizes. */
    public static ControlLimits of(int maxConnections, int maxListeners) {
        return new ControlLimits(
                512,
                256,
                Abi.MAX_REGIONS,
                16L << 30,
                Abi.MAX_GROUPS,
                QueuePairDescriptor.DEFAULT_SQ_ENTRIES,
                QueuePairDescriptor.DEFAULT_CQ_ENTRIES,
                QueuePairDescriptor.DEFAULT_BUF_ENTRIES,
                64,
                SessionLimits.of(maxConnections, maxListeners));
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + "=" + value + ", allowed: " + min + " to " + max);
        }
    }
}
