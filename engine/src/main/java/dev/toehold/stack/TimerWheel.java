package dev.toehold.stack;

import java.util.Arrays;

/**
 * One timer per connection of an lcore: a hierarchical hashed wheel (Varghese and Lauck, scheme 7) of four levels with 256
 * slots each, over intrusive doubly linked lists in flat arrays. Arming, moving and cancelling are O(1); nothing is allocated.
 *
 * <pre>
 *   level   slot spans          level spans
 *     0     2^20 ns (1.05 ms)   268 ms
 *     1     268 ms              69 s
 *     2     69 s                4.9 h
 *     3     4.9 h               52 days
 * </pre>
 *
 * A timer fires in the first {@link #poll} at or after the end of the tick that holds its deadline: at most one tick late (after it
 * was armed, if the deadline was past then), and early only if the deadline is more than 51 days away. {@link #armNoLaterThan} is
 * lazy: a timer that stands earlier stays, fires and is armed again by its owner, so that the common case, an RTO pushed back by
 * every ACK, costs one comparison.
 */
public final class TimerWheel {
    /** No deadline. */
    public static final long NEVER = Long.MAX_VALUE;

    public static final int TICK_SHIFT = 20;

    private static final int LEVELS = 4;
    private static final int SLOT_BITS = 8;
    private static final int SLOTS = 1 << SLOT_BITS;
    private static final int WORDS = SLOTS / Long.SIZE;
    private static final int NONE = -1;
    private static final long MAX_TICKS_AHEAD = (1L << (LEVELS * SLOT_BITS)) - 1 - SLOTS;

    /** Told of each timer that is due; the timer is no longer armed and may be armed again from here. */
    @FunctionalInterface
    public interface ExpiryHandler {
        void onExpiry(int id, long nowNs);
    }

    private final int[] heads = new int[LEVELS * SLOTS];
    private final long[] occupied = new long[LEVELS * WORDS];
    private final int[] next;
    private final int[] previous;
    private final int[] slotOf;
    private final long[] tickOf;
    private final long startNs;
    private long currentTick;
    private int armedCount;

    /** Earliest tick that arming may use: the current one, or while that is fired the one behind it. */
    private long leastTick;

    /**
     * @param timers ids are 0 to timers - 1
     * @param startNs the clock's value now; deadlines are of the same clock
     */
    public TimerWheel(int timers, long startNs) {
        this.startNs = startNs;
        next = new int[timers];
        previous = new int[timers];
        slotOf = new int[timers];
        tickOf = new long[timers];
        Arrays.fill(heads, NONE);
        Arrays.fill(slotOf, NONE);
    }

    /** Makes the timer fire at the deadline or, if it is armed for an earlier time, at that. */
    public void armNoLaterThan(int id, long deadlineNs) {
        if (deadlineNs == NEVER) {
            return;
        }
        long tick = tick(deadlineNs);
        if (slotOf[id] != NONE) {
            if (tickOf[id] <= tick) {
                return;
            }
            unlink(id);
            armedCount--;
        }
        tickOf[id] = tick;
        link(id, tick);
        armedCount++;
    }

    /** Disarms; nothing happens if it is not armed. */
    public void cancel(int id) {
        if (slotOf[id] != NONE) {
            unlink(id);
            armedCount--;
        }
    }

    public boolean isArmed(int id) {
        return slotOf[id] != NONE;
    }

    public int armedCount() {
        return armedCount;
    }

    /**
     * Fires what is due, each timer at most once per tick that passed.
     *
     * @param limit most timers to fire; the rest follows in the next call
     * @return how many fired
     */
    public int poll(long nowNs, int limit, ExpiryHandler handler) {
        long nowTick = (nowNs - startNs) >> TICK_SHIFT;
        int fired = 0;
        while (currentTick < nowTick) {
            // Whatever the handler arms lands behind this tick, so the loop over its slot ends.
            leastTick = currentTick + 1;
            int slot = (int) currentTick & (SLOTS - 1);
            while (heads[slot] != NONE && fired < limit) {
                int id = heads[slot];
                unlink(id);
                armedCount--;
                fired++;
                handler.onExpiry(id, nowNs);
            }
            if (heads[slot] != NONE) {
                break;
            }
            advanceTo(nextInterestingTick(nowTick));
        }
        leastTick = currentTick;
        return fired;
    }

    /** A time before which {@link #poll} has nothing to do; {@link #NEVER} if nothing is armed. Never later than the first. */
    public long nextDeadlineNs() {
        if (armedCount == 0) {
            return NEVER;
        }
        return startNs + ((nextInterestingTick(Long.MAX_VALUE >> TICK_SHIFT) + 1) << TICK_SHIFT);
    }

    /**
     * The first tick from now on whose slot holds timers or at which a coarser slot has to be spread over the finer level;
     * {@code limit} if that is earlier. Counts the current tick only if timers are left in it.
     */
    private long nextInterestingTick(long limit) {
        long best = limit;
        int current = (int) currentTick & (SLOTS - 1);
        int distance = distanceToOccupied(0, current, 0);
        if (distance >= 0) {
            best = Math.min(best, currentTick + distance);
        }
        for (int level = 1; level < LEVELS; level++) {
            int shift = level * SLOT_BITS;
            long levelTick = currentTick >> shift;
            // Slot 0 ahead is the one being worked on: its timers are in the finer levels already.
            int ahead = distanceToOccupied(level, (int) levelTick & (SLOTS - 1), 1);
            if (ahead >= 0) {
                best = Math.min(best, (levelTick + ahead) << shift);
            }
        }
        return best;
    }

    /** Moves on to a tick, at least one further, spreading the coarser slots that begin there. */
    private void advanceTo(long tick) {
        long from = currentTick;
        currentTick = Math.max(tick, from + 1);
        // All slots skipped are empty, so only those that begin exactly at the new tick can hold timers.
        for (int level = LEVELS - 1; level >= 1; level--) {
            int shift = level * SLOT_BITS;
            if ((currentTick & ((1L << shift) - 1)) == 0) {
                spread(level * SLOTS + ((int) (currentTick >> shift) & (SLOTS - 1)));
            }
        }
    }

    private void spread(int slot) {
        int id = heads[slot];
        while (id != NONE) {
            int following = next[id];
            unlink(id);
            link(id, tickOf[id]);
            id = following;
        }
    }

    /** A deadline within tick t fires when tick t is over; a past one when the current tick is. */
    private long tick(long deadlineNs) {
        long tick = (deadlineNs - startNs - 1) >> TICK_SHIFT;
        return Math.min(Math.max(tick, leastTick), currentTick + MAX_TICKS_AHEAD);
    }

    private void link(int id, long tick) {
        long ahead = tick ^ currentTick;
        int level =
                ahead == 0 ? 0 : Math.min((Long.SIZE - 1 - Long.numberOfLeadingZeros(ahead)) / SLOT_BITS, LEVELS - 1);
        int slot = level * SLOTS + ((int) (tick >> (level * SLOT_BITS)) & (SLOTS - 1));
        int head = heads[slot];
        next[id] = head;
        previous[id] = NONE;
        if (head != NONE) {
            previous[head] = id;
        }
        heads[slot] = id;
        slotOf[id] = slot;
        occupied[slot >> 6] |= 1L << slot;
    }

    private void unlink(int id) {
        int slot = slotOf[id];
        int after = next[id];
        int before = previous[id];
        if (before == NONE) {
            heads[slot] = after;
            if (after == NONE) {
                occupied[slot >> 6] &= ~(1L << slot);
            }
        } else {
            next[before] = after;
        }
        if (after != NONE) {
            previous[after] = before;
        }
        slotOf[id] = NONE;
    }

    /** Slots from {@code from + skip} (cyclic) to the first occupied one, counted from {@code from}; negative if none. */
    private int distanceToOccupied(int level, int from, int skip) {
        int base = level * WORDS;
        int distance = skip;
        while (distance < SLOTS) {
            int slot = (from + distance) & (SLOTS - 1);
            long word = occupied[base + (slot >> 6)] >>> (slot & 63);
            if (word != 0) {
                int found = distance + Long.numberOfTrailingZeros(word);
                return found < SLOTS ? found : NONE;
            }
            distance += Long.SIZE - (slot & 63);
        }
        return NONE;
    }
}
