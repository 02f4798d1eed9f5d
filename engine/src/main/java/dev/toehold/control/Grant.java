package dev.toehold.control;

import dev.toehold.session.SessionLimits;

/**
 * What the policy gives to a peer of the control socket.
 *
 * @param rule which part of the policy says so, for people
 * @param refusal why it may not attach; empty if it may
 * @param mayList whether it may ask for listings
 * @param mayManage whether it may also change something: flush, abort
 * @param mayUseHugePages whether its regions may lie in huge pages. Holes can be punched in those under any seal, and then the engine's
 *     access faults: the session ends, but only a trusted peer should be able to cause that at all
 * @param maxSessions of its user at a time
 * @param maxRegionBytes of a session
 * @param session what a session may use on each lcore; null if it may not attach
 */
public record Grant(
        String rule,
        String refusal,
        boolean mayList,
        boolean mayManage,
        boolean mayUseHugePages,
        int maxSessions,
        long maxRegionBytes,
        SessionLimits session) {
    /** Everything that the engine has to give. */
    public static Grant everything(ControlLimits limits) {
        return new Grant(
                "engine", "", true, true, false, limits.maxSessions(), limits.maxRegionBytes(), limits.session());
    }

    /** Neither attaching nor managing, for this reason. */
    public static Grant nothing(String refusal) {
        return new Grant("", refusal, false, false, false, 0, 0, null);
    }

    /** Whether there is any point in keeping the socket open. */
    boolean isNothing() {
        return !refusal.isEmpty() && !mayList && !mayManage;
    }
}
