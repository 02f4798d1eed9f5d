package dev.toehold.abi;

/**
 * How the completion slots of a queue pair are shared out, so that no kind of work takes the last one from another. A slot is held by
 * every submission that the engine has taken (a SEND with EARLY holds two until its first completion), by every lent buffer, and by
 * every completion until the client has taken it.
 *
 * <pre>
 *   0                                                                 cqEntries
 *   | SENDs and RECEIVEs, at least 1/16 of each | buffers | verbs | events |
 *                                                  &lt;= 1/2    1/16    1/8
 * </pre>
 *
 * Events are completions that nobody submitted: ACCEPT, TERMINATED, PROVIDED with MORE. Verbs are all submissions but SEND and RECEIVE:
 * CLOSE and ABORT, which give slots back, must not wait behind what holds them. Of buffers there are as many as the session's
 * groups have, but at most half of the slots; what is not lent stays free for them.
 *
 * <p>A SEND or RECEIVE that would go beyond waits in the ring, and so does what was submitted behind it: a client that keeps to the
 * shares by itself never lets that happen, and knows when there is room again, by a completion.
 */
public final class SlotShares {
    private SlotShares() {}

    /** Slots that are never promised to anything. */
    public static int events(int cqEntries) {
        return cqEntries / 8;
    }

    /** Slots that SENDs and RECEIVEs leave to other submissions. */
    public static int verbs(int cqEntries) {
        return cqEntries / 16;
    }

    /** Slots that SENDs leave to RECEIVEs, and RECEIVEs to SENDs. */
    public static int least(int cqEntries) {
        return cqEntries / 16;
    }

    /** Most buffers that are lent at a time. */
    public static int buffers(int cqEntries) {
        return cqEntries / 2;
    }

    /**
     * Slots that must be left when a SEND or RECEIVE has got its own.
     *
     * @param buffersToCome those that may be lent and are not
     * @param heldByOtherKind slots that RECEIVEs hold if it is a SEND, and the other way round
     */
    public static int leftBy(int cqEntries, int buffersToCome, int heldByOtherKind) {
        return events(cqEntries) + verbs(cqEntries) + buffersToCome + Math.max(0, least(cqEntries) - heldByOtherKind);
    }
}
