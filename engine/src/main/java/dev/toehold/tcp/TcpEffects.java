package dev.toehold.tcp;

/**
 * What the core asks of its host: the stack of an lcore, or a simulator. Called on the lcore that owns the TCB, inside a call
 * into {@link TcpCore}; a handler may read the TCB but must not call the core for the same connection again.
 */
public interface TcpEffects {
    /** The peer reset the connection, or an unacceptable segment ended it. */
    int RESET = 1;

    /** R2, the user timeout or the keepalive limit passed without an answer. */
    int TIMED_OUT = 2;

    /** A RST answered our SYN. */
    int REFUSED = 3;

    /** ICMP said so before the connection was established. */
    int UNREACHABLE = 4;

    /** Both directions were closed and acknowledged. */
    int ORDERLY = 5;

    /** The host's own {@code abort}. */
    int ABORTED = 6;

    /**
     * Moves payload to where it belongs, in order or not. The range lies in (rcvNxt - 0, rcvEdge] and was not taken before.
     *
     * @param position of the first byte
     * @param payloadOffset of that byte within the segment's payload
     * @param length at least 1
     * @return how many bytes from the front were placed; less than {@code length} where there is no room, and the rest will
     *     not be acknowledged
     */
    int place(Tcb tcb, long position, Segment segment, int payloadOffset, int length);

    /** rcvNxt, the contiguous prefix, advanced; it is not committed yet. */
    void onDelivered(Tcb tcb, boolean push);

    /**
     * A segment says that urgent data reaches up to {@code endPosition}, beyond what came before it: RCV.UP is the largest of
     * these. Comes before the segment's text, and again with each such segment.
     */
    default void onUrgent(Tcb tcb, long endPosition) {}

    /**
     * Up to where the prefix may be committed though {@link TcpCore#holdCommit} holds the rest; anything below what is committed = no
     * further.
     */
    default long publishedEnd(Tcb tcb) {
        return -1;
    }

    /** The peer's FIN has its turn: no byte follows rcvNxt. Its ACK leaves in {@code onBurstEnd}. */
    void onEndOfStream(Tcb tcb);

    /** sndUna advanced and is committed: {@link Tcb#acknowledgedPosition()}. */
    void onAcknowledged(Tcb tcb);

    /**
     * Sends a segment.
     *
     * @param segment valid during the call
     * @return false = no buffer now; the host calls {@code onOutput} when there is one again
     */
    boolean transmit(Tcb tcb, TxSegment segment);

    /** An active open reached ESTABLISHED. */
    void onConnected(Tcb tcb);

    /** A passive open reached ESTABLISHED. */
    void onAccepted(Tcb tcb);

    /** R1 has passed: the way to the peer may be dead (RFC 9293 MUST-20). A host that can ask its neighbour does. */
    default void onTrouble(Tcb tcb) {}

    /** Both directions are over. Nothing but {@link #onFreed} follows. */
    void onTerminated(Tcb tcb, int reason);

    /** The core is done with the record (state CLOSED); the host takes it out of its tables and gives it to {@code free}. */
    void onFreed(Tcb tcb);

    /** The next moment for {@code onTimer}; Long.MAX_VALUE = none. Replaces the one before; may lie in the past. */
    void onDeadline(Tcb tcb, long deadlineNs);

    /** 64 random bits. */
    long random();
}
