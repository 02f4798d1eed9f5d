package dev.toehold.tcp;

/**
 * What is in flight, per connection: ranges of positions from sndUna to sndMax without a gap, each with the time of its last
 * transmission and what is known of it. It serves SACK (RFC 6675), RACK (RFC 8985) and PRR (RFC 6937) alike.
 *
 * <pre>
 *   sndUna                                              sndMax
 *     | LOST | SACKED | again in flight | SACKED | in flight |
 * </pre>
 *
 * Segments that left in one burst share a range, so that ranges are fewer than segments. A slot holds {@link #MAX_RANGES}; when they
 * run out neighbours of the same kind are merged and keep the later time, which can delay a loss detection but never causes
 * one. Slots come out of a pool sized at start and are bound only while something is in flight.
 */
final class Scoreboard {
    static final int MAX_RANGES = 128;
    static final int SACKED = 1;
    static final int LOST = 2;
    static final int RETRANSMITTED = 4;

    private final long[] ends;
    private final long[] xmits;
    private final byte[] kinds;
    private final int[] counts;
    private final long[] sackedBytes;
    private final long[] lostBytes;
    private final int[] freeSlots;
    private int freeCount;

    Scoreboard(int slots) {
        ends = new long[slots * MAX_RANGES];
        xmits = new long[slots * MAX_RANGES];
        kinds = new byte[slots * MAX_RANGES];
        counts = new int[slots];
        sackedBytes = new long[slots];
        lostBytes = new long[slots];
        freeSlots = new int[slots];
        for (int slot = slots - 1; slot >= 0; slot--) {
            freeSlots[freeCount++] = slot;
        }
    }

    int freeCount() {
        return freeCount;
    }

    /** For a connection with nothing in flight; false = the pool is empty, and recovery goes on without SACK. */
    boolean bind(Tcb tcb) {
        if (freeCount == 0) {
            return false;
        }
        int slot = freeSlots[--freeCount];
        counts[slot] = 0;
        sackedBytes[slot] = 0;
        lostBytes[slot] = 0;
        tcb.scoreboardIndex(slot);
        tcb.rackFack(tcb.sndUna());
        return true;
    }

    void release(Tcb tcb) {
        int slot = tcb.scoreboardIndex();
        if (slot >= 0) {
            tcb.scoreboardIndex(-1);
            freeSlots[freeCount++] = slot;
        }
    }

    int count(Tcb tcb) {
        return counts[tcb.scoreboardIndex()];
    }

    long start(Tcb tcb, int i) {
        return i == 0 ? tcb.sndUna() : ends[at(tcb, i - 1)];
    }

    long end(Tcb tcb, int i) {
        return ends[at(tcb, i)];
    }

    long xmitNs(Tcb tcb, int i) {
        return xmits[at(tcb, i)];
    }

    int kind(Tcb tcb, int i) {
        return kinds[at(tcb, i)];
    }

    long sackedBytes(Tcb tcb) {
        return sackedBytes[tcb.scoreboardIndex()];
    }

    long lostBytes(Tcb tcb) {
        return lostBytes[tcb.scoreboardIndex()];
    }

    /** Bytes thought to be in the network (RFC 6675 section 4, pipe). */
    long pipe(Tcb tcb) {
        return tcb.sndMax() - tcb.sndUna() - sackedBytes(tcb) - lostBytes(tcb);
    }

    /** The first range to retransmit, or -1. */
    int firstLost(Tcb tcb) {
        if (lostBytes(tcb) == 0) {
            return -1;
        }
        int count = count(tcb);
        for (int i = 0; i < count; i++) {
            if (kind(tcb, i) == LOST || kind(tcb, i) == (LOST | RETRANSMITTED)) {
                return i;
            }
        }
        return -1;
    }

    /** [start, end) leaves now: what was known before leaves again, the rest is new. Called before sndMax moves. */
    void onTransmit(Tcb tcb, long start, long end, long nowNs) {
        int count = count(tcb);
        long known = count == 0 ? tcb.sndUna() : end(tcb, count - 1);
        if (start < known) {
            retransmit(tcb, start, Math.min(end, known), nowNs);
        }
        if (end > known) {
            append(tcb, end, nowNs);
        }
    }

    private void append(Tcb tcb, long end, long nowNs) {
        int slot = tcb.scoreboardIndex();
        if (counts[slot] == MAX_RANGES) {
            coalesce(tcb);
        }
        int last = counts[slot] - 1;
        boolean extendable = last >= 0 && kind(tcb, last) == 0 && xmitNs(tcb, last) == nowNs;
        if (!extendable && counts[slot] == MAX_RANGES) {
            // Nothing could be merged: what was known of the last range is given up.
            setKind(tcb, last, 0);
            extendable = true;
        }
        if (!extendable) {
            last++;
            counts[slot]++;
            kinds[at(tcb, last)] = 0;
        }
        ends[at(tcb, last)] = end;
        xmits[at(tcb, last)] = nowNs;
    }

    private void retransmit(Tcb tcb, long start, long end, long nowNs) {
        int first = split(tcb, start);
        int behind = split(tcb, end);
        for (int i = first; i < behind; i++) {
            if ((kind(tcb, i) & SACKED) == 0) {
                setKind(tcb, i, RETRANSMITTED);
                xmits[at(tcb, i)] = nowNs;
            }
        }
    }

    /** Makes a boundary at {@code position} and returns the index behind it; without room, the next boundary that there is. */
    private int split(Tcb tcb, long position) {
        int count = count(tcb);
        int i = 0;
        while (i < count && end(tcb, i) <= position) {
            i++;
        }
        if (i == count || start(tcb, i) == position) {
            return i;
        }
        if (count == MAX_RANGES) {
            coalesce(tcb);
            return count(tcb) == MAX_RANGES ? i + 1 : split(tcb, position);
        }
        int from = at(tcb, i);
        System.arraycopy(ends, from, ends, from + 1, count - i);
        System.arraycopy(xmits, from, xmits, from + 1, count - i);
        System.arraycopy(kinds, from, kinds, from + 1, count - i);
        ends[from] = position;
        counts[tcb.scoreboardIndex()]++;
        return i + 1;
    }

    /** Merges pairs of neighbours of the same kind. */
    private void coalesce(Tcb tcb) {
        int count = count(tcb);
        int to = 0;
        for (int i = 0; i < count; i++) {
            int from = at(tcb, i);
            long end = ends[from];
            long xmit = xmits[from];
            byte kind = kinds[from];
            if (i + 1 < count && kinds[from + 1] == kind) {
                end = ends[from + 1];
                xmit = Math.max(xmit, xmits[from + 1]);
                i++;
            }
            int target = at(tcb, to++);
            ends[target] = end;
            xmits[target] = xmit;
            kinds[target] = kind;
        }
        counts[tcb.scoreboardIndex()] = to;
    }

    /** sndUna moves to {@code ack}; called before it does. Each range that leaves is told to {@code delivery}. */
    void acknowledge(Tcb tcb, long ack, Delivery delivery) {
        int slot = tcb.scoreboardIndex();
        int count = counts[slot];
        long start = tcb.sndUna();
        int gone = 0;
        for (int i = 0; i < count && start < ack; i++) {
            long end = end(tcb, i);
            long until = Math.min(end, ack);
            int kind = kind(tcb, i);
            account(slot, kind, start - until);
            if ((kind & SACKED) == 0) {
                delivery.add(tcb, start, until, xmitNs(tcb, i), (kind & RETRANSMITTED) != 0);
            }
            if (end <= ack) {
                gone++;
            }
            start = until;
        }
        if (gone > 0) {
            int base = at(tcb, 0);
            System.arraycopy(ends, base + gone, ends, base, count - gone);
            System.arraycopy(xmits, base + gone, xmits, base, count - gone);
            System.arraycopy(kinds, base + gone, kinds, base, count - gone);
            counts[slot] = count - gone;
        }
    }

    /** A SACK block within [sndUna, sndMax). Called after sndUna moved. */
    void sack(Tcb tcb, long start, long end, Delivery delivery) {
        int first = split(tcb, start);
        int behind = split(tcb, end);
        for (int i = first; i < behind; i++) {
            int kind = kind(tcb, i);
            boolean within = start(tcb, i) >= start && end(tcb, i) <= end;
            if ((kind & SACKED) == 0 && within) {
                delivery.sacked = true;
                delivery.add(tcb, start(tcb, i), end(tcb, i), xmitNs(tcb, i), (kind & RETRANSMITTED) != 0);
                setKind(tcb, i, SACKED | (kind & RETRANSMITTED));
            }
        }
    }

    void markLost(Tcb tcb, int i) {
        setKind(tcb, i, LOST | (kind(tcb, i) & RETRANSMITTED));
    }

    /** The receiver took back what it had SACKed (RFC 2018 section 8): sndUna itself is marked as SACKed. */
    boolean isReneged(Tcb tcb) {
        return count(tcb) > 0 && (kind(tcb, 0) & SACKED) != 0;
    }

    void forgetSacked(Tcb tcb) {
        int count = count(tcb);
        for (int i = 0; i < count; i++) {
            if ((kind(tcb, i) & SACKED) != 0) {
                setKind(tcb, i, kind(tcb, i) & RETRANSMITTED);
            }
        }
    }

    /** A timeout or a recovery was for nothing: what was taken for lost is in flight. */
    void forgetLost(Tcb tcb) {
        int count = count(tcb);
        for (int i = 0; i < count; i++) {
            if ((kind(tcb, i) & LOST) != 0) {
                setKind(tcb, i, kind(tcb, i) & RETRANSMITTED);
            }
        }
    }

    private void setKind(Tcb tcb, int i, int kind) {
        int slot = tcb.scoreboardIndex();
        long length = end(tcb, i) - start(tcb, i);
        account(slot, kinds[at(tcb, i)], -length);
        account(slot, kind, length);
        kinds[at(tcb, i)] = (byte) kind;
    }

    private void account(int slot, int kind, long length) {
        if ((kind & SACKED) != 0) {
            sackedBytes[slot] += length;
        } else if ((kind & LOST) != 0) {
            lostBytes[slot] += length;
        }
    }

    private int at(Tcb tcb, int i) {
        return tcb.scoreboardIndex() * MAX_RANGES + i;
    }
}
