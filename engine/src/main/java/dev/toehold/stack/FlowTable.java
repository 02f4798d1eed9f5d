package dev.toehold.stack;

/**
 * The connections of one lcore by 4-tuple: open addressing with linear probing over TCB indexes. The tuple itself stays in the
 * TCB; an entry keeps 32 bits of the tuple's keyed hash beside the index, so that a probe reads a record only if those agree.
 *
 * <p>Removal shifts later entries of the cluster back (Knuth 6.4, algorithm R): no tombstones, so lookups never degrade. At
 * most half of the slots are ever in use. Allocates nothing after construction.
 */
public final class FlowTable {
    public static final int NONE = -1;

    private static final long EMPTY = 0L;

    /** Compares a tuple with the one in a TCB. */
    @FunctionalInterface
    public interface TupleMatcher {
        /** Whether the record at {@code index} is of exactly this connection. */
        boolean matches(
                int index, long localHi, long localLo, long remoteHi, long remoteLo, int localPort, int remotePort);
    }

    private final long[] slots;
    private final int mask;
    private final int capacity;
    private final TupleMatcher matcher;
    private int size;

    /**
     * @param capacity most connections at a time, 1 to 2^28
     * @param matcher compares with the tuple of a stored index
     */
    public FlowTable(int capacity, TupleMatcher matcher) {
        if (capacity < 1 || capacity > 1 << 28) {
            throw new IllegalArgumentException("capacity=" + capacity + ", allowed: 1 to " + (1 << 28));
        }
        int slotCount = Integer.highestOneBit(Math.max(capacity, 2) * 2 - 1) << 1;
        this.slots = new long[slotCount];
        this.mask = slotCount - 1;
        this.capacity = capacity;
        this.matcher = matcher;
    }

    /** TCB index of the tuple, or {@link #NONE}. {@code hash} is the tuple's keyed hash. */
    public int find(int hash, long localHi, long localLo, long remoteHi, long remoteLo, int localPort, int remotePort) {
        for (int slot = hash & mask; ; slot = (slot + 1) & mask) {
            long entry = slots[slot];
            if (entry == EMPTY) {
                return NONE;
            }
            if ((int) (entry >>> 32) == hash
                    && matcher.matches(index(entry), localHi, localLo, remoteHi, remoteLo, localPort, remotePort)) {
                return index(entry);
            }
        }
    }

    /**
     * Adds a connection whose tuple is not in the table.
     *
     * @return false if the table is full
     */
    public boolean add(int hash, int index) {
        if (size == capacity) {
            return false;
        }
        int slot = hash & mask;
        while (slots[slot] != EMPTY) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = entry(hash, index);
        size++;
        return true;
    }

    /** Removes a connection that was added with the same hash; false if it is not there. */
    public boolean remove(int hash, int index) {
        long wanted = entry(hash, index);
        int slot = hash & mask;
        while (slots[slot] != wanted) {
            if (slots[slot] == EMPTY) {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        closeGap(slot);
        size--;
        return true;
    }

    public int size() {
        return size;
    }

    private void closeGap(int removed) {
        int gap = removed;
        for (int slot = (gap + 1) & mask; slots[slot] != EMPTY; slot = (slot + 1) & mask) {
            int home = (int) (slots[slot] >>> 32) & mask;
            // The entry may move into the gap unless its home lies cyclically behind the gap.
            if (((slot - home) & mask) >= ((slot - gap) & mask)) {
                slots[gap] = slots[slot];
                gap = slot;
            }
        }
        slots[gap] = EMPTY;
    }

    /** Index + 1 in the low half, so that no entry is {@link #EMPTY}. */
    private static long entry(int hash, int index) {
        return ((long) hash << 32) | (index + 1L);
    }

    private static int index(long entry) {
        return (int) entry - 1;
    }
}
