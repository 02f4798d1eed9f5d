package dev.toehold.stack.link;

import dev.toehold.net.FlowHash;
import dev.toehold.net.IpAddress;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.TimerWheel;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Which MAC address a neighbour has: the states of RFC 4861 section 7.3.2, for ARP (RFC 826) as for NDP.
 *
 * <pre>
 *   resolve() of an unknown neighbour -> INCOMPLETE --answer--> REACHABLE --15..45 s--> STALE --use--> DELAY --5 s--> PROBE
 *                                            | 3 s                 ^ answer or progress of TCP                       | 3 s
 *                                            v                     +----------------------------------------------- +
 *                                          FAILED --3 s--> free                                                   free
 * </pre>
 *
 * {@value #SETS} sets of {@value #WAYS} entries, the set chosen by a keyed hash, so that nobody can aim at an entry; a full set
 * gives up its least useful one. Only on-link addresses get an entry. Who makes himself heard takes the place of others that were
 * only heard, never of a neighbour that we send to. At most {@value #MAX_INCOMPLETE} are asked for at a time; a new one then takes
 * the place of the one that has been silent longest, so that a flood of absent neighbours (RFC 6583) starves no present one.
 */
final class NeighborCache {
    static final int SETS = 128;
    static final int WAYS = 8;
    static final int CAPACITY = SETS * WAYS;
    static final int MAX_INCOMPLETE = 64;

    static final int FREE = 0;
    static final int FAILED = 1;
    static final int INCOMPLETE = 2;
    static final int STALE = 3;
    static final int REACHABLE = 4;
    static final int DELAY = 5;
    static final int PROBE = 6;

    /** RFC 4861 section 10: REACHABLE_TIME, RETRANS_TIMER, DELAY_FIRST_PROBE_TIME, MAX_MULTICAST_SOLICIT. */
    static final long REACHABLE_NS = 30_000_000_000L;

    static final long RETRANSMIT_NS = 1_000_000_000L;
    static final long DELAY_NS = 5_000_000_000L;
    static final int MAX_SOLICIT = 3;

    /** How often the time that a neighbour stays reachable is drawn anew (RFC 4861 section 6.3.2: every few hours). */
    static final long REDRAW_NS = 2 * 3_600_000_000_000L;

    /** How long a neighbour that did not answer counts as unreachable before it is asked again. */
    static final long FAILED_NS = 3_000_000_000L;

    /** No neighbour asked for is given up for another one before this: it bounds the rate of questions in a flood. */
    static final long LEAST_WAIT_NS = 10_000_000L;

    /** No neighbour sent to is given up for another one before this: more of them than ways take turns, without a storm. */
    static final long LEAST_LIFE_NS = 1_000_000_000L;

    /** {@link #lookup}: nothing is known. */
    static final long UNKNOWN = -3L;

    private static final int NONE = -1;

    /** How useful an entry is: the order in which entries are given up. */
    private static final int RANK_HEARD = 0;

    private static final int RANK_FAILED = 1;
    private static final int RANK_STALE = 2;
    private static final int RANK_CONFIRMED = 3;

    private final LocalAddresses addresses;
    private final LinkSender sender;
    private final LinkEvents events;
    private final LinkCounters counters;
    private final RandomGenerator random;
    private final FlowHash hash;
    private final int[] state = new int[CAPACITY];
    private final int[] port = new int[CAPACITY];
    private final long[] high = new long[CAPACITY];
    private final long[] low = new long[CAPACITY];
    private final long[] mac = new long[CAPACITY];
    private final long[] bornNs = new long[CAPACITY];
    private final long[] confirmedNs = new long[CAPACITY];
    private final long[] usedNs = new long[CAPACITY];
    private final boolean[] isUsed = new boolean[CAPACITY];
    private final long[] deadlineNs = new long[CAPACITY];
    private final int[] solicits = new int[CAPACITY];
    private int incompleteCount;
    private long recycleNs;
    private long reachableNs;
    private long redrawNs;
    private long nextDeadlineNs = TimerWheel.NEVER;

    NeighborCache(
            LocalAddresses addresses,
            LinkSender sender,
            LinkEvents events,
            LinkCounters counters,
            RandomGenerator random,
            long nowNs) {
        this.addresses = addresses;
        this.sender = sender;
        this.events = events;
        this.counters = counters;
        this.random = random;
        hash = new FlowHash(random.nextLong(), random.nextLong());
        recycleNs = nowNs;
        drawReachable(nowNs);
        Arrays.fill(deadlineNs, TimerWheel.NEVER);
    }

    /** As {@link LinkLayer#resolve} for what is known, else {@link #UNKNOWN}. */
    long lookup(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry == NONE) {
            return UNKNOWN;
        }
        usedNs[entry] = nowNs;
        isUsed[entry] = true;
        int now = state[entry];
        if (now < STALE) {
            return now == INCOMPLETE ? LinkLayer.PENDING : LinkLayer.UNREACHABLE;
        }
        if (now == STALE || (now == REACHABLE && nowNs - confirmedNs[entry] > reachableNs)) {
            delay(entry, nowNs);
        }
        return mac[entry];
    }

    /** Asks for a neighbour of which {@link #lookup} knows nothing: PENDING, or UNREACHABLE if it cannot be asked. */
    long ask(int portIndex, long addressHigh, long addressLow, long nowNs) {
        if (!isOnLink(portIndex, addressHigh, addressLow)
                || !sender.canSolicit(portIndex, addressHigh, addressLow)
                || (incompleteCount >= MAX_INCOMPLETE && !recycle(nowNs))) {
            return LinkLayer.UNREACHABLE;
        }
        int entry = create(portIndex, addressHigh, addressLow, false, nowNs);
        if (entry == NONE) {
            return LinkLayer.UNREACHABLE;
        }
        state[entry] = INCOMPLETE;
        isUsed[entry] = true;
        incompleteCount++;
        solicits[entry] = 1;
        sender.solicit(portIndex, addressHigh, addressLow, 0);
        arm(entry, nowNs + RETRANSMIT_NS);
        return LinkLayer.PENDING;
    }

    /** Progress above the link layer: the neighbour is there (RFC 4861 section 7.3.1). */
    void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry != NONE && state[entry] >= STALE) {
            confirm(entry, nowNs);
        }
    }

    /** An upper layer gets no answer through it: what is known is asked for at once instead of after its time. */
    void onSuspect(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry != NONE && state[entry] >= STALE && state[entry] != PROBE) {
            probe(entry, nowNs);
        }
    }

    /**
     * The neighbour spoke of itself without being asked: a request or solicitation to us.
     *
     * @param mayCreate false for announcements, which only change what is known
     */
    void onHeard(int portIndex, long addressHigh, long addressLow, long heardMac, boolean mayCreate, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry == NONE) {
            if (!mayCreate || !isOnLink(portIndex, addressHigh, addressLow)) {
                return;
            }
            entry = create(portIndex, addressHigh, addressLow, true, nowNs);
            if (entry != NONE) {
                mac[entry] = heardMac;
                state[entry] = STALE;
            }
            return;
        }
        boolean resolves = state[entry] < STALE;
        if (resolves || mac[entry] != heardMac) {
            leaveIncomplete(entry);
            mac[entry] = heardMac;
            state[entry] = STALE;
            disarm(entry);
            events.onResolved(portIndex, addressHigh, addressLow, heardMac, nowNs);
        }
    }

    /**
     * An answer to our question: an ARP reply, or a neighbour advertisement (RFC 4861 section 7.2.5).
     *
     * @param answerMac negative if the advertisement names none
     */
    void onAnswer(
            int portIndex,
            long addressHigh,
            long addressLow,
            long answerMac,
            boolean solicited,
            boolean override,
            long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry == NONE) {
            return;
        }
        if (state[entry] < STALE) {
            if (answerMac < 0) {
                return;
            }
            leaveIncomplete(entry);
            mac[entry] = answerMac;
            settle(entry, solicited, nowNs);
            events.onResolved(portIndex, addressHigh, addressLow, answerMac, nowNs);
            return;
        }
        boolean differs = answerMac >= 0 && answerMac != mac[entry];
        if (differs && !override) {
            if (state[entry] == REACHABLE) {
                state[entry] = STALE;
            }
            return;
        }
        if (differs) {
            mac[entry] = answerMac;
            settle(entry, solicited, nowNs);
            events.onResolved(portIndex, addressHigh, addressLow, answerMac, nowNs);
        } else if (solicited) {
            confirm(entry, nowNs);
        }
    }

    /** Repeats questions and gives up on those unanswered. Scans only when something is due. */
    int pollTimers(long nowNs) {
        if (nowNs < nextDeadlineNs) {
            return 0;
        }
        int fired = 0;
        nextDeadlineNs = TimerWheel.NEVER;
        for (int entry = 0; entry < CAPACITY; entry++) {
            if (deadlineNs[entry] <= nowNs) {
                onDeadline(entry, nowNs);
                fired++;
            }
            nextDeadlineNs = Math.min(nextDeadlineNs, deadlineNs[entry]);
        }
        return fired;
    }

    long nextDeadlineNs() {
        return nextDeadlineNs;
    }

    /** State of a neighbour, {@link #FREE} if unknown. */
    int state(int portIndex, long addressHigh, long addressLow) {
        int entry = find(portIndex, addressHigh, addressLow);
        return entry == NONE ? FREE : state[entry];
    }

    /** Entries in use. */
    int size() {
        int size = 0;
        for (int s : state) {
            size += s == FREE ? 0 : 1;
        }
        return size;
    }

    private void onDeadline(int entry, long nowNs) {
        switch (state[entry]) {
            case INCOMPLETE -> retryOrFail(entry, nowNs);
            case DELAY -> probe(entry, nowNs);
            case PROBE -> {
                if (solicits[entry] >= MAX_SOLICIT) {
                    counters.increment(LinkCounters.NEIGHBORS_UNREACHABLE);
                    free(entry);
                } else {
                    solicits[entry]++;
                    sender.solicit(port[entry], high[entry], low[entry], mac[entry]);
                    arm(entry, nowNs + RETRANSMIT_NS);
                }
            }
            default -> free(entry);
        }
    }

    private void retryOrFail(int entry, long nowNs) {
        if (solicits[entry] < MAX_SOLICIT) {
            solicits[entry]++;
            sender.solicit(port[entry], high[entry], low[entry], 0);
            arm(entry, nowNs + RETRANSMIT_NS);
            return;
        }
        leaveIncomplete(entry);
        state[entry] = FAILED;
        arm(entry, nowNs + FAILED_NS);
        counters.increment(LinkCounters.NEIGHBORS_UNREACHABLE);
        events.onUnreachable(port[entry], high[entry], low[entry], nowNs);
    }

    private void delay(int entry, long nowNs) {
        if (nowNs - redrawNs >= 0) {
            drawReachable(nowNs);
        }
        state[entry] = DELAY;
        arm(entry, nowNs + DELAY_NS);
    }

    private void probe(int entry, long nowNs) {
        state[entry] = PROBE;
        solicits[entry] = 1;
        sender.solicit(port[entry], high[entry], low[entry], mac[entry]);
        arm(entry, nowNs + RETRANSMIT_NS);
    }

    private void settle(int entry, boolean solicited, long nowNs) {
        if (solicited) {
            confirm(entry, nowNs);
        } else {
            state[entry] = STALE;
            disarm(entry);
        }
    }

    private void confirm(int entry, long nowNs) {
        state[entry] = REACHABLE;
        confirmedNs[entry] = nowNs;
        disarm(entry);
    }

    /** RFC 4861 section 6.3.2: between half and one and a half of the base, so that hosts do not probe in step. */
    private void drawReachable(long nowNs) {
        reachableNs = REACHABLE_NS / 2 + random.nextLong(REACHABLE_NS + 1);
        redrawNs = nowNs + REDRAW_NS;
    }

    private void leaveIncomplete(int entry) {
        if (state[entry] == INCOMPLETE) {
            incompleteCount--;
        }
    }

    private void arm(int entry, long deadline) {
        deadlineNs[entry] = deadline;
        nextDeadlineNs = Math.min(nextDeadlineNs, deadline);
    }

    private void disarm(int entry) {
        deadlineNs[entry] = TimerWheel.NEVER;
    }

    private void free(int entry) {
        leaveIncomplete(entry);
        state[entry] = FREE;
        disarm(entry);
    }

    /** Whether a neighbour on that port can have this address: neither we nor a group. */
    private boolean isOnLink(int portIndex, long addressHigh, long addressLow) {
        if (IpAddress.isMulticast(addressHigh, addressLow)
                || IpAddress.isUnspecified(addressHigh, addressLow)
                || addresses.find(addressHigh, addressLow) != LocalAddresses.NONE
                || addresses.isBroadcast(addressHigh, addressLow)) {
            return false;
        }
        if (IpAddress.isLinkLocal(addressHigh, addressLow)) {
            return true;
        }
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.portIndex(i) == portIndex && addresses.isOnLink(i, addressHigh, addressLow)) {
                return true;
            }
        }
        return false;
    }

    private int find(int portIndex, long addressHigh, long addressLow) {
        int first = firstOfSet(portIndex, addressHigh, addressLow);
        for (int entry = first; entry < first + WAYS; entry++) {
            if (low[entry] == addressLow
                    && high[entry] == addressHigh
                    && port[entry] == portIndex
                    && state[entry] != FREE) {
                return entry;
            }
        }
        return NONE;
    }

    private int create(int portIndex, long addressHigh, long addressLow, boolean isOnlyHeard, long nowNs) {
        int maxRank = isOnlyHeard ? RANK_HEARD : RANK_CONFIRMED;
        int entry = leastUseful(firstOfSet(portIndex, addressHigh, addressLow), maxRank, nowNs);
        if (entry == NONE) {
            return NONE;
        }
        if (state[entry] != FREE) {
            counters.increment(LinkCounters.NEIGHBORS_EVICTED);
            free(entry);
        }
        port[entry] = portIndex;
        high[entry] = addressHigh;
        low[entry] = addressLow;
        bornNs[entry] = nowNs;
        usedNs[entry] = nowNs;
        isUsed[entry] = false;
        return entry;
    }

    /** A free entry, else the one of lowest rank, up to {@code maxRank}, that was longest unused; none is {@link #NONE}. */
    private int leastUseful(int first, int maxRank, long nowNs) {
        int best = NONE;
        int bestRank = maxRank;
        for (int entry = first; entry < first + WAYS; entry++) {
            if (state[entry] == FREE) {
                return entry;
            }
            int rank = rank(entry);
            boolean isProtected =
                    state[entry] == INCOMPLETE || (rank >= RANK_STALE && nowNs - bornNs[entry] < LEAST_LIFE_NS);
            if (!isProtected
                    && (rank < bestRank || (rank == bestRank && (best == NONE || usedNs[entry] < usedNs[best])))) {
                best = entry;
                bestRank = rank;
            }
        }
        return best;
    }

    private int rank(int entry) {
        if (state[entry] == FAILED) {
            return RANK_FAILED;
        }
        if (!isUsed[entry]) {
            return RANK_HEARD;
        }
        return state[entry] == STALE ? RANK_STALE : RANK_CONFIRMED;
    }

    /** Gives up the neighbour that has been asked for longest, if that is long enough. Looks only when one can be. */
    private boolean recycle(long nowNs) {
        if (nowNs - recycleNs < 0) {
            return false;
        }
        int oldest = NONE;
        for (int entry = 0; entry < CAPACITY; entry++) {
            if (state[entry] == INCOMPLETE && (oldest == NONE || bornNs[entry] < bornNs[oldest])) {
                oldest = entry;
            }
        }
        if (nowNs - bornNs[oldest] < LEAST_WAIT_NS) {
            recycleNs = bornNs[oldest] + LEAST_WAIT_NS;
            return false;
        }
        counters.increment(LinkCounters.NEIGHBORS_EVICTED);
        free(oldest);
        events.onUnreachable(port[oldest], high[oldest], low[oldest], nowNs);
        return true;
    }

    private int firstOfSet(int portIndex, long addressHigh, long addressLow) {
        return ((int) hash.hash(addressHigh, addressLow, 0, 0, portIndex, 0) & (SETS - 1)) * WAYS;
    }
}
