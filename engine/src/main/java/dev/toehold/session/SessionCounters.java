package dev.toehold.session;

/** What an lcore did for its sessions. Plain fields: the lcore writes them and copies them to where others read. */
public final class SessionCounters {
    /** Submissions taken. */
    public long submissions;

    /** Submissions answered with an error, buffer entries included. */
    public long refused;

    /** Buffer entries taken. */
    public long buffersLent;

    /** Times that a client was woken by its eventfd. */
    public long clientWakeups;

    /** Those of them that were woken before their packets were looked at. */
    public long earlyWakeups;

    /** Events that had to wait for a completion slot. */
    public long deferredEvents;

    /** Connections refused because credit, slots or quota were out. */
    public long notAdmitted;

    /** Sessions ended because a ring counter was impossible. */
    public long badIndexes;

    /** Sessions ended because their doorbell rang all the time with nothing behind it. */
    public long doorbellFloods;

    /** LISTENs, and local TCP ports of CONNECTs, that the policy does not allow. */
    public long listenDenied;

    /** CONNECTs to where the policy does not allow. */
    public long connectDenied;

    /** Connections and listeners beyond what the session may have. */
    public long quotaRefused;

    /** Times that submissions of a session had to wait for their rate. */
    public long throttled;

    /** Sessions ended because their memory faulted. */
    public long regionFaults;

    /** Connections reset because their session ended. */
    public long orphansReset;

    /** Connections whose linger time ran out. */
    public long lingerTimeouts;
}
