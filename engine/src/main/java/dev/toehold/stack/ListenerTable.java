package dev.toehold.stack;

import dev.toehold.abi.Handle;
import dev.toehold.net.IpAddress;
import java.util.Arrays;

/**
 * The listeners of one lcore, by local address and TCP port. A SYN finds, in this order, the listener on exactly its
 * destination, the one on all addresses of its family, the one on all addresses of both.
 *
 * <p>Addresses are pairs of longs, IPv4 in IPv4-mapped form; all zero means every address of both families, ::ffff:0.0.0.0 every
 * IPv4 address. A slot's generation is bumped when it is freed, and slots are reused first-in first-out, like TCBs. Every lcore
 * holds the same listeners at the same slots, because each is told of them in the same order.
 */
public final class ListenerTable {
    public static final int NONE = -1;

    /** Low half of ::ffff:0.0.0.0: the wildcard of IPv4. */
    public static final long IPV4_WILDCARD_LOW = 0xffff_0000_0000L;

    private final long[] addressHigh;
    private final long[] addressLow;
    private final int[] port;
    private final int[] generation;
    private final int[] sessionId;
    private final long[] userData;
    private final int[] backlog;
    private final int[] pending;
    private final int[] nextOfBucket;
    private final int[] buckets;
    private final int[] freeRing;
    private int freeHead;
    private int freeCount;
    private int totalPending;

    /** @param capacity most listeners at a time, 1 to 65,536 */
    public ListenerTable(int capacity) {
        if (capacity < 1 || capacity > 1 << 16) {
            throw new IllegalArgumentException("capacity=" + capacity + ", allowed: 1 to " + (1 << 16));
        }
        addressHigh = new long[capacity];
        addressLow = new long[capacity];
        port = new int[capacity];
        generation = new int[capacity];
        sessionId = new int[capacity];
        userData = new long[capacity];
        backlog = new int[capacity];
        pending = new int[capacity];
        nextOfBucket = new int[capacity];
        buckets = new int[Integer.highestOneBit(capacity) << 1];
        freeRing = new int[capacity];
        freeCount = capacity;
        Arrays.fill(buckets, NONE);
        Arrays.fill(generation, 1);
        Arrays.fill(port, NONE);
        for (int slot = 0; slot < capacity; slot++) {
            freeRing[slot] = slot;
        }
    }

    /**
     * Takes the next free slot for a listener; whether the address is taken already, {@link #findExact} says.
     *
     * @param backlog most connections of this listener in SYN-RECEIVED, 1 or more
     * @return the slot, or {@link #NONE} if the table is full
     */
    public int add(int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog) {
        if (freeCount == 0) {
            return NONE;
        }
        int slot = freeRing[freeHead];
        freeHead = freeHead + 1 == freeRing.length ? 0 : freeHead + 1;
        freeCount--;
        fill(slot, sessionId, userData, localHigh, localLow, localPort, backlog);
        return slot;
    }

    /** Puts a listener of an earlier engine into the slot that it had. Before the first {@link #add}. */
    void restore(
            int slot,
            int oldGeneration,
            int sessionId,
            long userData,
            long localHigh,
            long localLow,
            int localPort,
            int backlog) {
        generation[slot] = oldGeneration;
        fill(slot, sessionId, userData, localHigh, localLow, localPort, backlog);
        freeHead = 0;
        freeCount = 0;
        for (int each = 0; each < port.length; each++) {
            if (port[each] == NONE) {
                freeRing[freeCount++] = each;
            }
        }
    }

    private void fill(
            int slot, int sessionId, long userData, long localHigh, long localLow, int localPort, int backlog) {
        addressHigh[slot] = localHigh;
        addressLow[slot] = localLow;
        port[slot] = localPort;
        this.sessionId[slot] = sessionId;
        this.userData[slot] = userData;
        this.backlog[slot] = backlog;
        pending[slot] = 0;
        int bucket = bucket(localPort);
        nextOfBucket[slot] = buckets[bucket];
        buckets[bucket] = slot;
    }

    /** Frees a slot in use and bumps its generation. */
    public void remove(int slot) {
        int bucket = bucket(port[slot]);
        if (buckets[bucket] == slot) {
            buckets[bucket] = nextOfBucket[slot];
        } else {
            int before = buckets[bucket];
            while (nextOfBucket[before] != slot) {
                before = nextOfBucket[before];
            }
            nextOfBucket[before] = nextOfBucket[slot];
        }
        port[slot] = NONE;
        generation[slot] = Handle.nextGeneration(generation[slot]);
        int tail = freeHead + freeCount;
        freeRing[tail >= freeRing.length ? tail - freeRing.length : tail] = slot;
        freeCount++;
    }

    /** The listener that a SYN to this destination belongs to, or {@link #NONE}. */
    public int find(long localHigh, long localLow, int localPort) {
        int best = NONE;
        int bestRank = 0;
        for (int slot = buckets[bucket(localPort)]; slot != NONE; slot = nextOfBucket[slot]) {
            if (port[slot] == localPort) {
                int rank = rank(slot, localHigh, localLow);
                if (rank > bestRank) {
                    best = slot;
                    bestRank = rank;
                }
            }
        }
        return best;
    }

    /** The listener on exactly this address (wildcards taken literally) and port, or {@link #NONE}. */
    public int findExact(long localHigh, long localLow, int localPort) {
        for (int slot = buckets[bucket(localPort)]; slot != NONE; slot = nextOfBucket[slot]) {
            if (port[slot] == localPort && addressHigh[slot] == localHigh && addressLow[slot] == localLow) {
                return slot;
            }
        }
        return NONE;
    }

    public boolean isInUse(int slot) {
        return slot >= 0 && slot < port.length && port[slot] != NONE;
    }

    public int capacity() {
        return port.length;
    }

    public int size() {
        return port.length - freeCount;
    }

    public int generation(int slot) {
        return generation[slot];
    }

    void generation(int slot, int value) {
        generation[slot] = value;
    }

    public int sessionId(int slot) {
        return sessionId[slot];
    }

    public long userData(int slot) {
        return userData[slot];
    }

    public void userData(int slot, long value) {
        userData[slot] = value;
    }

    public long addressHigh(int slot) {
        return addressHigh[slot];
    }

    public long addressLow(int slot) {
        return addressLow[slot];
    }

    public int port(int slot) {
        return port[slot];
    }

    /** Whether one more connection may enter SYN-RECEIVED. */
    public boolean hasBacklog(int slot) {
        return pending[slot] < backlog[slot];
    }

    /** A connection of this listener entered SYN-RECEIVED. */
    public void onPending(int slot) {
        pending[slot]++;
        totalPending++;
    }

    /** A connection of this listener left SYN-RECEIVED, established or dead. */
    public void onPendingEnded(int slot) {
        pending[slot]--;
        totalPending--;
    }

    public int backlog(int slot) {
        return backlog[slot];
    }

    /** Connections of this listener in SYN-RECEIVED. */
    public int pending(int slot) {
        return pending[slot];
    }

    /** Connections of all listeners in SYN-RECEIVED. */
    public int totalPending() {
        return totalPending;
    }

    private int rank(int slot, long localHigh, long localLow) {
        long high = addressHigh[slot];
        long low = addressLow[slot];
        if (high == localHigh && low == localLow) {
            return 3;
        }
        if (high != 0) {
            return 0;
        }
        if (low == IPV4_WILDCARD_LOW) {
            return IpAddress.isIpv4(localHigh, localLow) ? 2 : 0;
        }
        return low == 0 ? 1 : 0;
    }

    private int bucket(int localPort) {
        return (localPort ^ (localPort >>> 8)) & (buckets.length - 1);
    }
}
