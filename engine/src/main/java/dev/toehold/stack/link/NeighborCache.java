package dev.toehold.stack.link;

import dev.toehold.net.FlowHash;
import dev.toehold.net.IpAddress;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.TimerWheel;
import java.util.Arrays;

/**
 * Which MAC address a neighbour has: the states of RFC 4861 section 7.3.2, for ARP (RFC 826) as for NDP.
 *
 * <pre>
 *   resolve() of an unknown neighbour -> INCOMPLETE --answer--> REACHABLE --30 s--> STALE --use--> DELAY --5 s--> PROBE
 *                                            | 3 s                 ^ answer or progress of TCP                       | 3 s
 *                                            v                     +----------------------------------------------- +
 *                                          FAILED --3 s--> free                                                   free
 * </pre>
 *
 * {@value #SETS} sets of {@value #WAYS} entries, the set chosen by a keyed hash, so that nobody can aim at an entry; a full set
 * gives up its least useful one. Only on-link addresses get an entry. At most {@value #MAX_INCOMPLETE} are asked for at a time.
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

    /** How long a neighbour that did not answer counts as unreachable before it is asked again. */
    static final long FAILED_NS = 3_000_000_000L;

    private static final int NONE = -1;

    private final LocalAddresses addresses;
    private final LinkSender sender;
    private final LinkEvents events;
    private final LinkCounters counters;
    private final FlowHash hash;
    private final int[] state = new int[CAPACITY];
    private final int[] port = new int[CAPACITY];
    private final long[] high = new long[CAPACITY];
    private final long[] low = new long[CAPACITY];
    private final long[] mac = new long[CAPACITY];
    private final long[] confirmedNs = new long[CAPACITY];
    private final long[] usedNs = new long[CAPACITY];
    private final long[] deadlineNs = new long[CAPACITY];
    private final int[] solicits = new int[CAPACITY];
    private int incompleteCount;
    private long nextDeadlineNs = TimerWheel.NEVER;

    NeighborCache(
            LocalAddresses addresses, LinkSender sender, LinkEvents events, LinkCounters counters, FlowHash hash) {
        this.addresses = addresses;
        this.sender = sender;
        this.events = events;
        this.counters = counters;
        this.hash = hash;
        Arrays.fill(deadlineNs, TimerWheel.NEVER);
    }

    /** As {@link LinkLayer#resolve}, for unicast addresses. */
    long resolve(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry == NONE) {
            return ask(portIndex, addressHigh, addressLow, nowNs);
        }
        usedNs[entry] = nowNs;
        int now = state[entry];
        if (now < STALE) {
            return now == INCOMPLETE ? LinkLayer.PENDING : LinkLayer.UNREACHABLE;
        }
        if (now == STALE || (now == REACHABLE && nowNs - confirmedNs[entry] > REACHABLE_NS)) {
            delay(entry, nowNs);
        }
        return mac[entry];
    }

    /** Progress above the link layer: the neighbour is there (RFC 4861 section 7.3.1). */
    void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = find(portIndex, addressHigh, addressLow);
        if (entry != NONE && state[entry] >= STALE) {
            confirm(entry, nowNs);
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
            entry = create(portIndex, addressHigh, addressLow, nowNs);
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
        if (entry == NONE || state[entry] == FREE) {
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

    private long ask(int portIndex, long addressHigh, long addressLow, long nowNs) {
        if (incompleteCount >= MAX_INCOMPLETE || !isOnLink(portIndex, addressHigh, addressLow)) {
            return LinkLayer.UNREACHABLE;
        }
        int entry = create(portIndex, addressHigh, addressLow, nowNs);
        if (entry == NONE || !sender.solicit(portIndex, addressHigh, addressLow, 0)) {
            if (entry != NONE) {
                free(entry);
            }
            return LinkLayer.UNREACHABLE;
        }
        state[entry] = INCOMPLETE;
        incompleteCount++;
        solicits[entry] = 1;
        arm(entry, nowNs + RETRANSMIT_NS);
        return LinkLayer.PENDING;
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

    private boolean isOnLink(int portIndex, long addressHigh, long addressLow) {
        if (IpAddress.isMulticast(addressHigh, addressLow) || IpAddress.isUnspecified(addressHigh, addressLow)) {
            return false;
        }
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.portIndex(i) == portIndex
                    && addresses.isOnLink(i, addressHigh, addressLow)
                    && addresses.find(addressHigh, addressLow) == LocalAddresses.NONE) {
                return true;
            }
        }
        return IpAddress.isLinkLocal(addressHigh, addressLow);
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

    private int create(int portIndex, long addressHigh, long addressLow, long nowNs) {
        int entry = leastUseful(firstOfSet(portIndex, addressHigh, addressLow), nowNs);
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
        usedNs[entry] = nowNs;
        return entry;
    }

    /** A free entry, else a failed or stale one, the longest unused first; none that was used within a second. */
    private int leastUseful(int first, long nowNs) {
        int best = NONE;
        for (int entry = first; entry < first + WAYS; entry++) {
            if (state[entry] == FREE) {
                return entry;
            }
            boolean idle = state[entry] <= FAILED || nowNs - usedNs[entry] > RETRANSMIT_NS;
            if (idle && state[entry] != INCOMPLETE && (best == NONE || isLessUseful(entry, best))) {
                best = entry;
            }
        }
        return best;
    }

    private boolean isLessUseful(int entry, int than) {
        int a = Math.min(state[entry], REACHABLE);
        int b = Math.min(state[than], REACHABLE);
        return a != b ? a < b : usedNs[entry] < usedNs[than];
    }

    private int firstOfSet(int portIndex, long addressHigh, long addressLow) {
        return ((int) hash.hash(addressHigh, addressLow, 0, 0, portIndex, 0) & (SETS - 1)) * WAYS;
    }
}
