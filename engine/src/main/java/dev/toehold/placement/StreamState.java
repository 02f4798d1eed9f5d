package dev.toehold.placement;

/**
 * Where the bytes of one connection go and come from: the heads of its lists in the {@link OperationPool} and the positions that
 * bound them. An idle connection has nothing in any pool.
 *
 * <pre>
 *   receive:   delivered        rcvNxt       placedEnd        boundEnd
 *   ----------------|--------------|-------------|----------------|---------&gt; position
 *    completions    | contiguous,  | some placed | bound, empty   | bound at first touch,
 *    name these     | to be named  |             |                | or by the next RECEIVE
 *
 *   send:   acknowledged    sentEnd        sendEnd
 *   --------------|-------------|--------------|--------&gt; position
 *     completed   | in flight   | not yet read |
 * </pre>
 *
 * Only the lcore that owns the connection touches it.
 */
public class StreamState {
    /** Of every completion of the connection. */
    public long handle;

    /** Of PROVIDED and TERMINATED completions. */
    public long userData;

    /** Completions have named everything before. */
    public long delivered;

    /** End of the highest byte placed, out of order included. */
    public long placedEnd;

    /** End of the last binding. */
    public long boundEnd;

    /** End of the last posted RECEIVE; 0 if none is outstanding. */
    public long postedEnd;

    /** Bytes that PROVIDED completions named and the application has not consumed yet. */
    public long unconsumed;

    /** Most bytes beyond those consumed that the application lets the window cover; 0 = explicit mode. */
    public long credit;

    /** Bytes named by PROVIDED completions since whoever watches the fill of the buffers set it to 0. */
    public int providedBytes;

    /** Bytes of the buffers that were bound since then. */
    public int boundBytes;

    /** End of the last SEND. */
    public long sendEnd;

    /** End of what was read for transmission at least once. */
    public long sentEnd;

    /** Of the last copy of its bytes that was given to the {@link Copier}. */
    public long copyTicket;

    /** Its bytes are waited for: the CPU places them at once. */
    public boolean isUrgent;

    /** The peer marked what lies before this position as urgent; 0 = nothing. */
    public long urgentEnd;

    /** Only group that serves this connection, or -1. */
    public int onlyGroup = -1;

    int receiveHead = OperationPool.NONE;
    int receiveTail = OperationPool.NONE;
    int receiveCursor = OperationPool.NONE;
    int posted;
    int expectedLength;
    boolean holdsSlot;

    /** Bytes of the buffers that were given back and not lent again: the client still wants what lies in them. */
    long heldBytes;

    int sendHead = OperationPool.NONE;
    int sendTail = OperationPool.NONE;
    int sendCursor = OperationPool.NONE;
    int earlyCount;

    /** A new connection, its first bytes at position 0 in both directions. */
    public void reset(long newHandle, long newUserData, long newCredit) {
        handle = newHandle;
        userData = newUserData;
        credit = newCredit;
        delivered = 0;
        placedEnd = 0;
        boundEnd = 0;
        postedEnd = 0;
        unconsumed = 0;
        providedBytes = 0;
        boundBytes = 0;
        heldBytes = 0;
        sendEnd = 0;
        sentEnd = 0;
        copyTicket = Copier.DONE;
        isUrgent = false;
        urgentEnd = 0;
        onlyGroup = -1;
        receiveHead = OperationPool.NONE;
        receiveTail = OperationPool.NONE;
        receiveCursor = OperationPool.NONE;
        posted = 0;
        expectedLength = 0;
        holdsSlot = false;
        sendHead = OperationPool.NONE;
        sendTail = OperationPool.NONE;
        sendCursor = OperationPool.NONE;
        earlyCount = 0;
    }

    /**
     * Goes on where an earlier engine ended.
     *
     * @param received end of the bytes that the client has
     * @param newUnconsumed of those, what lies in provided buffers and was not consumed
     * @param acknowledged end of the bytes that the peer has
     */
    public void resume(long received, long newUnconsumed, long acknowledged) {
        delivered = received;
        placedEnd = received;
        boundEnd = received;
        unconsumed = newUnconsumed;
        sendEnd = acknowledged;
        sentEnd = acknowledged;
    }

    /** Whether a SEND waits for its acknowledgment. */
    public boolean hasSends() {
        return sendHead != OperationPool.NONE;
    }

    /** Whether a RECEIVE is posted or a buffer bound. */
    public boolean hasBindings() {
        return receiveHead != OperationPool.NONE;
    }

    /** RECEIVEs outstanding. */
    public int postedCount() {
        return posted;
    }

    /** End of the bytes that the application has taken. RECEIVE bytes count when their completion names them. */
    public long consumed() {
        return delivered - unconsumed;
    }
}
