package dev.toehold.perf.link;

/**
 * Frames on their way in one direction: they wait for the line's rate in a bounded queue, then for the delay; some are held back
 * until others have overtaken them. No clock and no memory: frames are slot numbers. Times are of one clock, in ns, and never decrease.
 */
final class DelayLine {
    private static final long NS_PER_S = 1_000_000_000;

    /** A frame that nobody comes to overtake is not held longer. */
    static final long LONGEST_HOLD_NS = 20_000_000;

    private final Impairments impairments;
    private final int capacity;
    private final int[] slots;
    private final int[] lengths;
    private final long[] dueNs;
    private long head;
    private long tail;

    private final int[] heldSlots = new int[Impairments.MAX_REORDER_DISTANCE];
    private final int[] heldLengths = new int[Impairments.MAX_REORDER_DISTANCE];
    private final int[] heldOvertakers = new int[Impairments.MAX_REORDER_DISTANCE];
    private final long[] heldDueNs = new long[Impairments.MAX_REORDER_DISTANCE];
    private int heldCount;

    private long lineFreeNs;
    private long lastDueNs = Long.MIN_VALUE;

    /** @param capacity frames that fit, held ones apart; a power of two */
    DelayLine(Impairments impairments, int capacity) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException("capacity=" + capacity + ": not a power of two");
        }
        this.impairments = impairments;
        this.capacity = capacity;
        slots = new int[capacity];
        lengths = new int[capacity];
        dueNs = new long[capacity];
    }

    /** Whether the queue before the line has room for a frame that comes now. */
    boolean hasRoom(int length, long nowNs) {
        long rate = impairments.bitsPerSecond();
        if (rate == 0 || lineFreeNs <= nowNs) {
            return true;
        }
        double waitingBytes = (double) (lineFreeNs - nowNs) * rate / NS_PER_S / Byte.SIZE;
        return waitingBytes + length <= impairments.queueBytes();
    }

    /**
     * Takes a frame for which there is room.
     *
     * @param overtakers how many later frames come out before it
     */
    void add(int slot, int length, long nowNs, long jitterNs, int overtakers) {
        long rate = impairments.bitsPerSecond();
        long departureNs = nowNs;
        if (rate > 0) {
            lineFreeNs = Math.max(lineFreeNs, nowNs) + (long) length * Byte.SIZE * NS_PER_S / rate;
            departureNs = lineFreeNs;
        }
        long due = departureNs + impairments.delayNs() + jitterNs;
        if (overtakers > 0 && heldCount < heldSlots.length) {
            heldSlots[heldCount] = slot;
            heldLengths[heldCount] = length;
            heldOvertakers[heldCount] = overtakers;
            heldDueNs[heldCount] = due;
            heldCount++;
        } else {
            enqueue(slot, length, due);
            countOvertaking();
        }
    }

    private void enqueue(int slot, int length, long due) {
        if (tail - head == capacity) {
            throw new IllegalStateException("more frames than capacity=" + capacity);
        }
        int index = (int) tail & (capacity - 1);
        lastDueNs = Math.max(lastDueNs, due);
        slots[index] = slot;
        lengths[index] = length;
        dueNs[index] = lastDueNs;
        tail++;
    }

    /** A frame has been enqueued: those that have been overtaken often enough follow it. */
    private void countOvertaking() {
        int kept = 0;
        for (int i = 0; i < heldCount; i++) {
            if (--heldOvertakers[i] == 0) {
                enqueue(heldSlots[i], heldLengths[i], heldDueNs[i]);
            } else {
                keepHeld(i, kept++);
            }
        }
        heldCount = kept;
    }

    /** Lets go of what was held too long. */
    private void releaseOverdue(long nowNs) {
        int kept = 0;
        for (int i = 0; i < heldCount; i++) {
            if (heldDueNs[i] + LONGEST_HOLD_NS <= nowNs) {
                enqueue(heldSlots[i], heldLengths[i], heldDueNs[i]);
            } else {
                keepHeld(i, kept++);
            }
        }
        heldCount = kept;
    }

    private void keepHeld(int from, int to) {
        heldSlots[to] = heldSlots[from];
        heldLengths[to] = heldLengths[from];
        heldOvertakers[to] = heldOvertakers[from];
        heldDueNs[to] = heldDueNs[from];
    }

    /** Whether the first frame has arrived; it is {@link #slot} and {@link #length}. */
    boolean isDue(long nowNs) {
        if (heldCount > 0) {
            releaseOverdue(nowNs);
        }
        return head != tail && dueNs[(int) head & (capacity - 1)] <= nowNs;
    }

    int slot() {
        return slots[(int) head & (capacity - 1)];
    }

    int length() {
        return lengths[(int) head & (capacity - 1)];
    }

    /** Takes the first frame out. */
    void remove() {
        head++;
    }

    /** Frames within, held ones too. */
    int count() {
        return (int) (tail - head) + heldCount;
    }

    /** When something is next due; {@link Long#MAX_VALUE} if there is nothing. */
    long nextDueNs() {
        long next = head == tail ? Long.MAX_VALUE : dueNs[(int) head & (capacity - 1)];
        for (int i = 0; i < heldCount; i++) {
            next = Math.min(next, heldDueNs[i] + LONGEST_HOLD_NS);
        }
        return next;
    }

    /** Slot of any frame within, which leaves by this; for {@link #count} calls. */
    int drain() {
        if (heldCount > 0) {
            return heldSlots[--heldCount];
        }
        int slot = slot();
        remove();
        return slot;
    }
}
