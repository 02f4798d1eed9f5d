package dev.toehold.stack;

import dev.toehold.tcp.Tcb;
import java.lang.foreign.MemorySegment;

/**
 * The application's side of the connections of one lcore: where payload goes, where it comes from, who is told. Called on the
 * lcore's thread only, and never for a connection that {@link #onFreed} was called for. Called from inside the TCP core: nothing here
 * may call the core for the same connection; {@link LcoreStack#touch} makes the end of the burst look at it again.
 *
 * <p>Order within a pass: {@link #place} of every segment, {@link #onDelivered}, publication of the completions, commit of the
 * receive position, acknowledgment. So what is appended here must not be visible to the client before the sessions are
 * published, and is always published before the peer learns of it.
 */
public interface ConnectionHandler {
    /**
     * Puts payload at its final location, in order or not.
     *
     * @param position of the first byte in the received stream
     * @return bytes placed from the front; 0 = no room: the segment is dropped without acknowledgment and counted
     */
    int place(Tcb tcb, long position, MemorySegment source, long sourceOffset, int length);

    /**
     * The contiguous prefix has advanced to the TCB's working receive position: append RECEIVE and PROVIDED completions.
     *
     * @param push whether a segment of this burst carried PSH
     */
    void onDelivered(Tcb tcb, boolean push);

    /** Urgent data reaches up to {@code endPosition}; comes before the text of the segment that says so. */
    default void onUrgent(Tcb tcb, long endPosition) {}

    /** What {@link #publishedEnd} says when nothing more is published. */
    long NOTHING = -1;

    /**
     * Up to where completions are published, and bytes placed, of a connection whose commit is held; {@link #NOTHING} = no further than
     * what is committed already.
     */
    default long publishedEnd(Tcb tcb) {
        return NOTHING;
    }

    /** The peer's FIN is in order: append the EOF completion. Comes before the FIN is acknowledged. */
    void onEndOfStream(Tcb tcb);

    /** sndUna has advanced and is committed: append SEND completions up to it, SHUTDOWN's when the FIN is acknowledged. */
    void onAcknowledged(Tcb tcb);

    /**
     * Copies [position, position + length) of the sent stream from client memory into a packet.
     *
     * @return false if that memory is gone: nothing is sent, the connection will be reset by its session's end
     */
    boolean readPayload(Tcb tcb, long position, MemorySegment destination, long destinationOffset, int length);

    /**
     * Receive window, in bytes from position 0, that a new connection of this session offers in its SYN: the session's receive
     * credit. Until more is granted that is all. 0 = no window before RECEIVEs are posted.
     */
    int initialCredit(int sessionId);

    /** The most that {@link #initialCredit} can have said of this session a while ago, when a SYN was answered with a cookie. */
    default int mostInitialCredit(int sessionId) {
        return initialCredit(sessionId);
    }

    /** May this listener take one more connection (credit, completion slots)? Asked at SYN. */
    boolean admits(int listenerIndex);

    /** A passive open reached ESTABLISHED: append ACCEPT, consume one credit. */
    void onAccepted(Tcb tcb);

    /** An active open reached ESTABLISHED: append the CONNECT completion. */
    void onConnected(Tcb tcb);

    /**
     * Both directions are over. Comes once, and only for connections that were accepted or opened by a client.
     *
     * @param resultCode of {@link dev.toehold.abi.ResultCode}: OK = closed by both sides and all acknowledged; RESET, TIMED_OUT,
     *     REFUSED, UNREACHABLE
     */
    void onTerminated(Tcb tcb, int resultCode);

    /** The record goes back; after this its index may name another connection. Only for those of {@link #onTerminated}. */
    void onFreed(Tcb tcb);
}
