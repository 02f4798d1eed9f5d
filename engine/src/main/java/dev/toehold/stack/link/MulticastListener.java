package dev.toehold.stack.link;

import dev.toehold.net.MldQuery;
import dev.toehold.net.MldWriter;
import dev.toehold.stack.TimerWheel;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Tells the switches and routers of each port which solicited-node groups we listen to (RFC 3810 section 6). Every report names all
 * groups of the port: more than a query for one group asks for, and one timer for each port suffices.
 */
final class MulticastListener {
    /** RFC 3810 section 9: Robustness Variable and Unsolicited Report Interval. */
    static final int ROBUSTNESS = 2;

    static final long UNSOLICITED_REPORT_INTERVAL_NS = 1_000_000_000L;

    /** Section 9.12: Robustness Variable times Query Interval, and the Query Response Interval. */
    static final long OLDER_VERSION_QUERIER_NS = ROBUSTNESS * 125_000_000_000L + 10_000_000_000L;

    /** No querier of a port may make us wait longer, whatever it writes. */
    static final long MAX_RESPONSE_DELAY_NS = 60_000_000_000L;

    private final LinkSender sender;
    private final RandomGenerator random;
    private final long[] responseNs;
    private final long[] changeNs;
    private final int[] changesLeft;
    private final long[] olderQuerierNs;
    private long nextDeadlineNs = TimerWheel.NEVER;

    MulticastListener(LinkSender sender, int portCount, RandomGenerator random, long nowNs) {
        this.sender = sender;
        this.random = random;
        responseNs = new long[portCount];
        changeNs = new long[portCount];
        changesLeft = new int[portCount];
        olderQuerierNs = new long[portCount];
        Arrays.fill(responseNs, TimerWheel.NEVER);
        Arrays.fill(changeNs, TimerWheel.NEVER);
        Arrays.fill(olderQuerierNs, nowNs);
    }

    /** Reports the groups of a port as newly joined, now and once more soon (section 6.1). */
    void join(int portIndex, long nowNs) {
        changesLeft[portIndex] = ROBUSTNESS;
        reportChange(portIndex, nowNs);
    }

    /** Answers within the time that the query gives, together with an answer that is due anyway (section 6.2). */
    void onQuery(int portIndex, MldQuery query, int version, long nowNs) {
        if (version == MldQuery.VERSION_1) {
            olderQuerierNs[portIndex] = nowNs + OLDER_VERSION_QUERIER_NS;
        }
        if (!query.isGeneral() && !sender.isOwnGroup(portIndex, query.groupHi(), query.groupLo())) {
            return;
        }
        long maxDelayNs = Math.min(query.maxResponseDelayMs() * 1_000_000L, MAX_RESPONSE_DELAY_NS);
        responseNs[portIndex] = Math.min(responseNs[portIndex], nowNs + random.nextLong(maxDelayNs + 1));
        nextDeadlineNs = Math.min(nextDeadlineNs, responseNs[portIndex]);
    }

    int pollTimers(long nowNs) {
        if (nowNs < nextDeadlineNs) {
            return 0;
        }
        int fired = 0;
        nextDeadlineNs = TimerWheel.NEVER;
        for (int i = 0; i < responseNs.length; i++) {
            if (changeNs[i] <= nowNs) {
                reportChange(i, nowNs);
                fired++;
            }
            if (responseNs[i] <= nowNs) {
                responseNs[i] = TimerWheel.NEVER;
                report(i, MldWriter.MODE_IS_EXCLUDE, nowNs);
                fired++;
            }
            nextDeadlineNs = Math.min(nextDeadlineNs, Math.min(responseNs[i], changeNs[i]));
        }
        return fired;
    }

    long nextDeadlineNs() {
        return nextDeadlineNs;
    }

    private void reportChange(int portIndex, long nowNs) {
        report(portIndex, MldWriter.CHANGE_TO_EXCLUDE, nowNs);
        changesLeft[portIndex]--;
        changeNs[portIndex] = changesLeft[portIndex] == 0
                ? TimerWheel.NEVER
                : nowNs + random.nextLong(UNSOLICITED_REPORT_INTERVAL_NS) + 1;
        nextDeadlineNs = Math.min(nextDeadlineNs, changeNs[portIndex]);
    }

    /** While a querier of version 1 is there, in its version (section 8.2.1). */
    private void report(int portIndex, int recordType, long nowNs) {
        if (nowNs - olderQuerierNs[portIndex] < 0) {
            sender.reportGroupsVersion1(portIndex);
        } else {
            sender.reportGroups(portIndex, recordType);
        }
    }
}
