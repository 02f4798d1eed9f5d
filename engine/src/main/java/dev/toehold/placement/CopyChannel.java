package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/** A copy engine as one lcore drives it. Copies end in the order in which they were given. */
public interface CopyChannel {
    /** Copies that may be outstanding. */
    int capacity();

    /**
     * Gives a copy, to be begun at the next {@link #submit}. Neither range may fault or go away before it has ended.
     *
     * @return false if no more is taken now
     */
    boolean copy(
            MemorySegment source, long sourceOffset, MemorySegment destination, long destinationOffset, int length);

    /** Begins what was given since the last call. */
    void submit();

    /** Copies that have ended well since the last call, up to {@code most} or to one that failed. Never blocks. */
    int completed(int most);

    /** After {@link #completed}: whether the next copy has ended and failed; it is stepped over. */
    boolean takeFailure();

    /** Passes a moment of waiting for the oldest copy. */
    void await();

    /** The engine touches no memory any more. Nothing may be called afterwards. */
    void stop();
}
