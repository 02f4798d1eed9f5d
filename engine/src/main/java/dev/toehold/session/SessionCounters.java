package dev.toehold.session;

import dev.toehold.tcp.LogLinearHistogram;

/** What an lcore did for its sessions. Plain fields: the lcore writes them and copies them to where others read. */
public final class SessionCounters {
    private static final long MAX_SERVICE_NS = 1L << 36;
    private static final long MAX_PLACEMENT_BYTES = 1 << 16;

    /** From the completion that shows a client the last bytes of a request to its first SEND of the answer, in ns. */
    private final LogLinearHistogram serviceTimes = new LogLinearHistogram(MAX_SERVICE_NS);

    /** Bytes of each placement: of a segment, as a rule. */
    private final LogLinearHistogram placementSizes = new LogLinearHistogram(MAX_PLACEMENT_BYTES);

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

    public LogLinearHistogram serviceTimes() {
        return serviceTimes;
    }

    public LogLinearHistogram placementSizes() {
        return placementSizes;
    }
}
