package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/**
 * Brings payload to client memory: the CPU at once, or a copy engine some time later. Copies that are not made at once end in the
 * order in which they were given, so one number, the ticket of the last, says of any set of them whether all are made. What lies
 * in client memory only when its ticket is completed must be neither told to the client nor acknowledged before.
 */
public interface Copier {
    /** Ticket of a copy that was made at once. */
    long DONE = 0;

    /**
     * Copies payload to its place.
     *
     * @param regions of the session
     * @param region that holds the place; the caller has checked that the place lies in it
     * @param isUrgent somebody waits for these bytes: not for a copy engine
     * @return {@link #DONE}, or the ticket of this copy, greater than all before
     * @throws InternalError if client memory faults
     */
    long copy(
            MemorySegment source,
            long sourceOffset,
            RegionTable regions,
            int region,
            long offset,
            int length,
            boolean isUrgent);

    /** Every copy up to this ticket is made. */
    long completed();

    /** Begins what was given since the last call, notes what has ended. Returns how many copies have. */
    int poll(long nowNs);

    /** Waits, briefly, until every copy up to a ticket is made. */
    void finish(long ticket);

    /** Whether no copy is outstanding. */
    boolean isIdle();

    /** Nothing is copied any more; copies that are outstanding are given up. */
    void close();
}
