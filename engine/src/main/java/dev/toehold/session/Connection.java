package dev.toehold.session;

import dev.toehold.placement.OperationPool;
import dev.toehold.placement.StreamState;
import java.util.concurrent.TimeUnit;

/**
 * The client's side of one connection on its lcore: where its bytes are, what it waits for, what it is owed. Recycled; it
 * outlives its TCB only while an event waits for a completion slot.
 */
final class Connection extends StreamState {
    /** CONNECT was submitted and is not answered. */
    static final int CONNECTING = 1;
    /** The ACCEPT completion waits for a slot. */
    static final int ACCEPT_DUE = 1 << 1;
    /** The contiguous prefix moved; completions may be due. */
    static final int DELIVERY_DUE = 1 << 2;
    /** A segment since the last delivery carried PSH. */
    static final int PUSHED = 1 << 3;
    /** The peer's FIN is in order. */
    static final int ENDED = 1 << 4;
    /** The end of the stream was told. */
    static final int END_TOLD = 1 << 5;
    /** The TERMINATED completion waits for a slot. */
    static final int TERMINATION_DUE = 1 << 6;
    /** The connection is over as far as TCP is concerned, well or not. */
    static final int TERMINATED = 1 << 7;
    /** SHUTDOWN or CLOSE was submitted. */
    static final int SHUT = 1 << 8;
    /** Our FIN was acknowledged. */
    static final int FIN_ACKNOWLEDGED = 1 << 9;
    /** CLOSE was submitted: the handle is dead, nothing is delivered. */
    static final int CLOSED = 1 << 10;
    /** The window grant must be looked at. */
    static final int GRANT_DUE = 1 << 11;
    /** On its session's list of work. */
    static final int QUEUED = 1 << 12;
    /** A segment of it found no buffer: the peer is told when there is one. */
    static final int STARVED = 1 << 13;
    /** In the queue of partly filled buffers. */
    static final int QUIETING = 1 << 14;
    /** On the linger wheel. */
    static final int LINGERING = 1 << 15;
    /** The TCB is gone; only events are left. */
    static final int FREED = 1 << 16;
    /** In its session's queue of those that wait for the pool. */
    static final int WAITING = 1 << 17;
    /** In its session's list of those whose windows are charged to the pool. */
    static final int ACTIVE = 1 << 18;

    /** Something of it waits for a completion slot, and it holds none: nothing is placed or acknowledged for it. */
    static final int SLOTLESS = 1 << 19;

    /** A copy engine still moves bytes of it: it acknowledges no more than {@link #copiedEnd}. */
    static final int COPYING = 1 << 20;

    /** In the queue of those that wait for a copy engine. */
    static final int COPY_WAITING = 1 << 21;

    /** What the list of work is for. */
    static final int DUE = ACCEPT_DUE | DELIVERY_DUE | TERMINATION_DUE | GRANT_DUE;

    LcoreSession owner;
    int index;
    int flags;

    /** Of {@link dev.toehold.abi.ResultCode}: small numbers, and a connection's bytes are counted. */
    byte terminationResult;

    int shutdownNode;
    int closeNode;
    int connectNode;
    long rcvNxt;

    /** End of the contiguous prefix that lies in client memory. */
    long copiedEnd;

    /** Once this copy is made, {@link #waitEnd} is where {@link #copiedEnd} may go. */
    long waitTicket;

    long waitEnd;
    /** Bytes of this turn, and of turns on average, as {@link Classifier} keeps them. */
    int turnIn;

    int turnOut;
    int averageIn;
    int averageOut;
    /** When bytes of this turn were last shown to the client, in us modulo 2^32. */
    int deliveredUs;

    byte forced;
    long granted;
    long charge;
    long activeNs;
    long waitingSinceNs;
    long roundStartNs;
    long roundConsumed;
    int window;
    int fill;
    private int lingerMs;
    long deadlineNs;
    long quietSinceNs;
    long quietQueuedNs;

    /** End of what an earlier engine had sent and its client submits again. */
    long resubmitEnd;

    Connection nextOfSession;
    Connection previousOfSession;
    Connection nextWork;
    Connection nextWaiting;
    Connection nextCopying;
    Connection nextActive;
    Connection previousActive;
    Connection nextQuiet;
    Connection nextLingering;
    Connection previousLingering;

    /** What its {@link Classifier} says of it; what is not bulk is urgent to place. */
    boolean isBulk() {
        return !isUrgent;
    }

    long lingerNs() {
        return TimeUnit.MILLISECONDS.toNanos(lingerMs);
    }

    /** Of an hour at most; kept in whole milliseconds, rounded up. */
    void lingerNs(long value) {
        lingerMs = (int) Math.ceilDiv(value, TimeUnit.MILLISECONDS.toNanos(1));
    }

    void open(LcoreSession newOwner, int newIndex, long newHandle, long newUserData, long newCredit, long newLingerNs) {
        reset(newHandle, newUserData, newCredit);
        owner = newOwner;
        index = newIndex;
        flags = 0;
        terminationResult = 0;
        shutdownNode = OperationPool.NONE;
        closeNode = OperationPool.NONE;
        connectNode = OperationPool.NONE;
        rcvNxt = 0;
        copiedEnd = 0;
        turnIn = 0;
        turnOut = 0;
        averageIn = 0;
        averageOut = 0;
        deliveredUs = 0;
        forced = 0;
        isUrgent = true;
        waitTicket = 0;
        waitEnd = 0;
        granted = 0;
        charge = 0;
        activeNs = 0;
        waitingSinceNs = 0;
        roundStartNs = 0;
        roundConsumed = 0;
        window = 0;
        fill = 0;
        lingerNs(newLingerNs);
        deadlineNs = 0;
        quietSinceNs = 0;
        quietQueuedNs = 0;
        resubmitEnd = 0;
    }

    boolean is(int anyOf) {
        return (flags & anyOf) != 0;
    }

    void set(int bits) {
        flags |= bits;
    }

    void clear(int bits) {
        flags &= ~bits;
    }
}
