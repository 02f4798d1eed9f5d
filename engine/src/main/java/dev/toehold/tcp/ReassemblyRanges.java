package dev.toehold.tcp;

/**
 * What lies beyond a hole: per connection up to {@link #MAX_RANGES} disjoint ranges of positions, sorted, in a slot out of a pool that
 * is sized at start. The bytes themselves are in their final place already; nothing is held here but the list that SACK
 * reports (RFC 2018). Every operation is bounded by MAX_RANGES, whatever the peer sends.
 *
 * <pre>
 *   rcvNxt      start   end      start end
 *     |  hole     [######)  hole   [###)
 * </pre>
 */
final class ReassemblyRanges {
    static final int MAX_RANGES = 32;

    private final long[] starts;
    private final long[] ends;

    /** When a range was touched last: RFC 2018 section 4 wants the newest first. */
    private final int[] stamps;

    private final int[] counts;
    private final int[] clocks;
    private final long[] duplicateStarts;
    private final long[] duplicateEnds;
    private final int[] freeSlots;
    private int freeCount;

    ReassemblyRanges(int slots) {
        starts = new long[slots * MAX_RANGES];
        ends = new long[slots * MAX_RANGES];
        stamps = new int[slots * MAX_RANGES];
        counts = new int[slots];
        clocks = new int[slots];
        duplicateStarts = new long[slots];
        duplicateEnds = new long[slots];
        freeSlots = new int[slots];
        for (int slot = slots - 1; slot >= 0; slot--) {
            freeSlots[freeCount++] = slot;
        }
    }

    int freeCount() {
        return freeCount;
    }

    /** Binds a slot where there is none; false = the pool is empty. */
    boolean bind(Tcb tcb) {
        if (tcb.rangesIndex() >= 0) {
            return true;
        }
        if (freeCount == 0) {
            return false;
        }
        int slot = freeSlots[--freeCount];
        counts[slot] = 0;
        clocks[slot] = 0;
        duplicateEnds[slot] = 0;
        tcb.rangesIndex(slot);
        return true;
    }

    void release(Tcb tcb) {
        int slot = tcb.rangesIndex();
        if (slot >= 0) {
            tcb.rangesIndex(-1);
            freeSlots[freeCount++] = slot;
        }
    }

    void releaseIfEmpty(Tcb tcb) {
        int slot = tcb.rangesIndex();
        if (slot >= 0 && counts[slot] == 0 && duplicateEnds[slot] == 0) {
            release(tcb);
        }
    }

    int count(Tcb tcb) {
        int slot = tcb.rangesIndex();
        return slot < 0 ? 0 : counts[slot];
    }

    long start(Tcb tcb, int i) {
        return starts[tcb.rangesIndex() * MAX_RANGES + i];
    }

    long end(Tcb tcb, int i) {
        return ends[tcb.rangesIndex() * MAX_RANGES + i];
    }

    /** The first range that ends beyond {@code position}, or -1. */
    int firstEndingAfter(Tcb tcb, long position) {
        int count = count(tcb);
        for (int i = 0; i < count; i++) {
            if (end(tcb, i) > position) {
                return i;
            }
        }
        return -1;
    }

    /** Whether {@link #add} of this range would find room: it touches one that is known, or there is a free entry. */
    boolean canAdd(Tcb tcb, long start, long end) {
        int count = count(tcb);
        if (count < MAX_RANGES) {
            return tcb.rangesIndex() >= 0 || freeCount > 0;
        }
        int i = firstEndingAfter(tcb, start - 1);
        return i >= 0 && start(tcb, i) <= end;
    }

    /** Adds [start, end), merging what it overlaps or touches; refused (false) as {@link #canAdd} says. */
    boolean add(Tcb tcb, long start, long end) {
        if (!canAdd(tcb, start, end) || !bind(tcb)) {
            return false;
        }
        int slot = tcb.rangesIndex();
        int base = slot * MAX_RANGES;
        int count = counts[slot];
        int first = 0;
        while (first < count && ends[base + first] < start) {
            first++;
        }
        int last = first;
        long mergedStart = start;
        long mergedEnd = end;
        while (last < count && starts[base + last] <= end) {
            mergedStart = Math.min(mergedStart, starts[base + last]);
            mergedEnd = Math.max(mergedEnd, ends[base + last]);
            last++;
        }
        int shift = 1 - (last - first);
        if (shift != 0) {
            System.arraycopy(starts, base + last, starts, base + last + shift, count - last);
            System.arraycopy(ends, base + last, ends, base + last + shift, count - last);
            System.arraycopy(stamps, base + last, stamps, base + last + shift, count - last);
            counts[slot] = count + shift;
        }
        starts[base + first] = mergedStart;
        ends[base + first] = mergedEnd;
        stamps[base + first] = ++clocks[slot];
        return true;
    }

    /** Removes what the contiguous prefix has reached and returns where the prefix ends now. */
    long absorb(Tcb tcb, long rcvNxt) {
        int slot = tcb.rangesIndex();
        if (slot < 0) {
            return rcvNxt;
        }
        int base = slot * MAX_RANGES;
        int gone = 0;
        long next = rcvNxt;
        while (gone < counts[slot] && starts[base + gone] <= next) {
            next = Math.max(next, ends[base + gone]);
            gone++;
        }
        if (gone > 0) {
            int left = counts[slot] - gone;
            System.arraycopy(starts, base + gone, starts, base, left);
            System.arraycopy(ends, base + gone, ends, base, left);
            System.arraycopy(stamps, base + gone, stamps, base, left);
            counts[slot] = left;
        }
        releaseIfEmpty(tcb);
        return next;
    }

    /** A range touched again, by a duplicate: it becomes the newest. */
    void touch(Tcb tcb, long position) {
        int slot = tcb.rangesIndex();
        int i = firstEndingAfter(tcb, position);
        if (i >= 0 && start(tcb, i) <= position) {
            stamps[slot * MAX_RANGES + i] = ++clocks[slot];
        }
    }

    /** Notes bytes that came twice: the next ACK reports them (D-SACK, RFC 2883). */
    void noteDuplicate(Tcb tcb, long start, long end) {
        if (bind(tcb)) {
            duplicateStarts[tcb.rangesIndex()] = start;
            duplicateEnds[tcb.rangesIndex()] = end;
        }
    }

    /** Writes up to {@code maxBlocks} SACK blocks: the duplicate first (it is reported once), then the newest ranges. */
    void report(Tcb tcb, TxSegment segment, int maxBlocks) {
        int slot = tcb.rangesIndex();
        int written = 0;
        if (duplicateEnds[slot] > 0) {
            // Beyond the acknowledgment, which is held, it would read as a SACK of bytes that may still be lost.
            if (!tcb.has(TcbFlags.UNPUBLISHED)) {
                written = put(tcb, segment, written, duplicateStarts[slot], duplicateEnds[slot]);
            }
            duplicateEnds[slot] = 0;
        }
        int base = slot * MAX_RANGES;
        int newerThan = Integer.MAX_VALUE;
        while (written < maxBlocks) {
            int best = -1;
            for (int i = 0; i < counts[slot]; i++) {
                if (stamps[base + i] < newerThan && (best < 0 || stamps[base + i] > stamps[base + best])) {
                    best = i;
                }
            }
            if (best < 0) {
                break;
            }
            newerThan = stamps[base + best];
            written = put(tcb, segment, written, starts[base + best], ends[base + best]);
        }
        segment.sackCount = written;
        releaseIfEmpty(tcb);
    }

    private static int put(Tcb tcb, TxSegment segment, int at, long start, long end) {
        segment.sackEdges[2 * at] = tcb.irs() + 1 + (int) start;
        segment.sackEdges[2 * at + 1] = tcb.irs() + 1 + (int) end;
        return at + 1;
    }
}
