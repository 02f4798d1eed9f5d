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

    /** Credit in bytes that the application asked for. */
    public long credit;

    /** End of the last SEND. */
    public long sendEnd;

    /** End of what was read for transmission at least once. */
    public long sentEnd;

    /** Only group that serves this connection, or -1. */
    public int onlyGroup = -1;

    int receiveHead = OperationPool.NONE;
    int receiveTail = OperationPool.NONE;
    int receiveCursor = OperationPool.NONE;
    int posted;
    int expectedLength;
    boolean holdsSlot;

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
        sendEnd = 0;
        sentEnd = 0;
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
