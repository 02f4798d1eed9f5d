package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;

/**
 * The client's record of one connection: a machine without threads, clock or locks.
 *
 * <pre>
 *   receive:  consumed            received
 *   --------------|-----------------|------------------------&gt; position
 *     taken       | in the chain of | posted RECEIVEs, then those held back
 *                 | provided bufs   |
 *
 *   send:   acknowledged        submitted
 *   --------------|-----------------|------------------------&gt; position
 *     completed   | SENDs, in order |
 * </pre>
 *
 * RECEIVEs complete to the application in the order in which it asked. Bytes that the engine had put into provided buffers
 * before a RECEIVE reached it are copied into the RECEIVE's location here, and counted. A RECEIVE behind one that may
 * complete short, or behind a FLUSH, is held back until its position is known.
 */
final class ConnectionCore {
    private static final int EVENT_READABLE = 1;
    private static final int EVENT_TERMINATED = 2;
    private static final int EVENT_CLOSED = 4;

    private final QueuePairCore owner;
    private final SubmissionStore store;
    private final ProvidedBuffers buffers;
    private final ReceivedChain chain = new ReceivedChain();
    private final long handle;
    private ConnectionEvents events;

    private long receivedPosition;
    private long submittedPosition;
    private long acknowledgedPosition;
    private long unreportedConsumed;
    private int receiveHead = NONE;
    private int receiveTail = NONE;
    private int lastPosted = NONE;
    private int receiveCount;
    private int receiveSequence;
    private int flushesOutstanding;
    private int sendHead = NONE;
    private int sendTail = NONE;
    private int otherHead = NONE;
    private int terminatedCode;
    private boolean endOfStream;
    private boolean outputShut;
    private boolean closing;
    private boolean closed;
    private boolean abortDue;
    private boolean closeDue;
    private int pinnedKey = -1;
    private int pinnedLength;
    private int pendingEvents;

    /** Links of the owner's two intrusive lists. */
    ConnectionCore nextDeferred;

    boolean isDeferred;
    ConnectionCore nextEvent;

    ConnectionCore(QueuePairCore owner, long handle) {
        this.owner = owner;
        this.store = owner.store();
        this.buffers = owner.buffers();
        this.handle = handle;
    }

    /** Who is told; what can be seen already is told at the next drain. */
    void events(ConnectionEvents user) {
        events = user;
        if (isReadable()) {
            raise(EVENT_READABLE);
        }
        if (terminatedCode != 0) {
            raise(EVENT_TERMINATED);
        }
    }

    long handle() {
        return handle;
    }

    /** End of the bytes that were delivered, wherever they lie. */
    long receivedPosition() {
        return receivedPosition;
    }

    /** End of the bytes that the application has. */
    long consumedPosition() {
        return receivedPosition - chain.bytes();
    }

    long submittedPosition() {
        return submittedPosition;
    }

    long acknowledgedPosition() {
        return acknowledgedPosition;
    }

    /** Bytes that lie in provided buffers. */
    long available() {
        return chain.bytes();
    }

    boolean isEndOfStream() {
        return endOfStream;
    }

    /** 0 while it lives, else the code it died of. */
    int terminatedCode() {
        return terminatedCode;
    }

    boolean isClosing() {
        return closing;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isReadable() {
        return !chain.isEmpty() || endOfStream || terminatedCode != 0 || closing;
    }

    /**
     * Asks for bytes to be placed; completes as {@link Op#RECEIVE} says.
     *
     * @return OK, BACK_PRESSURED, LIMIT (64 are outstanding) or CLOSED
     */
    int receive(int region, long offset, int length, int minLength, Object attachment, long token) {
        if (closing) {
            return ResultCode.CLOSED;
        }
        if (receiveCount >= Abi.MAX_POSTED_RECEIVES) {
            return ResultCode.LIMIT;
        }
        if (store.isFull() || (terminatedCode == 0 && owner.queuePair().sqRoom() == 0)) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(Op.RECEIVE, this, attachment, token);
        store.region[slot] = region;
        store.offset[slot] = offset;
        store.length[slot] = length;
        store.minLength[slot] = minLength;
        store.sequence[slot] = receiveSequence++;
        if (receiveTail == NONE) {
            receiveHead = slot;
        } else {
            store.next[receiveTail] = slot;
        }
        receiveTail = slot;
        receiveCount++;
        advanceReceives();
        reportConsumed();
        return ResultCode.OK;
    }

    /**
     * Submits bytes behind everything submitted before.
     *
     * @return the position of the first, or BACK_PRESSURED, CLOSED or the code that the connection died of
     */
    long send(int region, long offset, int length, int flags, Object attachment, long token) {
        if (closing || outputShut) {
            return ResultCode.CLOSED;
        }
        if (terminatedCode != 0) {
            return terminatedCode;
        }
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(Op.SEND, this, attachment, token);
        store.flags[slot] = (byte) flags;
        store.position[slot] = submittedPosition;
        store.region[slot] = region;
        store.offset[slot] = offset;
        store.length[slot] = length;
        if (owner.submit(slot, handle, 0) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        if (sendTail == NONE) {
            sendHead = slot;
        } else {
            store.next[sendTail] = slot;
        }
        sendTail = slot;
        long position = submittedPosition;
        submittedPosition += length;
        return position;
    }

    /** Submits FLUSH. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int flush(Object attachment, long token) {
        int result = other(Op.FLUSH, 0, 0, attachment, token);
        if (result == ResultCode.OK) {
            store.sequence[otherHead] = receiveSequence;
            flushesOutstanding++;
        }
        return result;
    }

    /** Submits SHUTDOWN: FIN behind everything submitted. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int shutdownOutput(Object attachment, long token) {
        if (outputShut) {
            return ResultCode.CLOSED;
        }
        int result = other(Op.SHUTDOWN, 0, 0, attachment, token);
        outputShut |= result == ResultCode.OK;
        return result;
    }

    /** Submits SET_OPTION. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int setOption(int option, long value, Object attachment, long token) {
        return other(Op.SET_OPTION, option, value, attachment, token);
    }

    private int other(int op, int length, long arg, Object attachment, long token) {
        if (closing) {
            return ResultCode.CLOSED;
        }
        if (terminatedCode != 0) {
            return terminatedCode;
        }
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(op, this, attachment, token);
        store.length[slot] = length;
        if (owner.submit(slot, handle, arg) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        store.next[slot] = otherHead;
        otherHead = slot;
        return ResultCode.OK;
    }

    /**
     * Gives the connection back to the engine, which still sends what was submitted. Never fails: without room now, it is
     * submitted later. {@link ConnectionEvents#onClosed} follows; a second call is ignored and returns false.
     *
     * @param abort reset the connection first
     */
    boolean close(boolean abort) {
        if (closing) {
            return false;
        }
        closing = true;
        abortDue |= abort && terminatedCode == 0;
        closeDue = true;
        discardChain();
        advanceReceives();
        raise(EVENT_READABLE);
        if (owner.isFinished()) {
            finish(ResultCode.CLOSED);
        } else {
            runDeferred();
        }
        return true;
    }

    private void discardChain() {
        while (!chain.isEmpty()) {
            int key = chain.headKey();
            int length = chain.headLength();
            chain.dropHead(length);
            if (key != pinnedKey) {
                buffers.onConsumed(key, length);
            } else {
                pinnedLength += length;
            }
        }
    }

    /**
     * Begins to read the chain's first piece outside the owner's lock: its buffer stays as it is until {@link #unpin}. The
     * chain is not empty and nothing is pinned.
     */
    void pin() {
        pinnedKey = chain.headKey();
        pinnedLength = 0;
    }

    void unpin() {
        int key = pinnedKey;
        pinnedKey = -1;
        if (pinnedLength > 0) {
            buffers.onConsumed(key, pinnedLength);
        }
    }

    ReceivedChain chain() {
        return chain;
    }

    /** The application has taken that many bytes of the chain's first piece. */
    void consumeHead(int length) {
        if (closing) {
            return; // the chain went already
        }
        int key = chain.headKey();
        chain.dropHead(length);
        buffers.onConsumed(key, length);
        unreportedConsumed += length;
        reportConsumed();
    }

    private void reportConsumed() {
        if (unreportedConsumed >= owner.consumedThreshold() && !endOfStream && terminatedCode == 0 && !closing) {
            if (owner.submitConsumed(handle, unreportedConsumed) == ResultCode.OK) {
                unreportedConsumed = 0;
            } else {
                owner.defer(this);
            }
        }
    }

    /** Does what had no room in the submission ring before. Returns false if there is still no room. */
    boolean runDeferred() {
        if (closed) {
            return true;
        }
        advanceReceives();
        reportConsumed();
        if (abortDue) {
            if (!submitLast(Op.ABORT)) {
                return false;
            }
            abortDue = false;
        }
        if (closeDue) {
            if (!submitLast(Op.CLOSE)) {
                return false;
            }
            closeDue = false;
        }
        return !isDeferred;
    }

    private boolean submitLast(int op) {
        if (!store.isFull()) {
            int slot = store.allocate(op, this, null, 0);
            if (owner.submit(slot, handle, 0) == ResultCode.OK) {
                store.next[slot] = otherHead;
                otherHead = slot;
                return true;
            }
            store.free(slot);
        }
        owner.defer(this);
        return false;
    }

    /** Completes what is complete at the head, then posts what may be posted. */
    private void advanceReceives() {
        while (receiveHead != NONE) {
            int slot = receiveHead;
            if (!store.posted[slot]) {
                fillFromChain(slot);
            }
            if (!isSatisfied(slot)) {
                break;
            }
            receiveHead = store.next[slot];
            if (receiveHead == NONE) {
                receiveTail = NONE;
            }
            if (lastPosted == slot) {
                lastPosted = NONE;
            }
            receiveCount--;
            completeReceive(slot);
        }
        postReceives();
    }

    private void completeReceive(int slot) {
        int filled = store.filled[slot];
        int code = store.result[slot];
        if (code == 0 && !hasEnough(slot) && !endOfStream) {
            code = terminatedCode != 0 ? terminatedCode : closing ? ResultCode.CLOSED : 0;
        }
        owner.complete(slot, code < 0 ? code : filled);
    }

    private boolean isSatisfied(int slot) {
        if (store.posted[slot] && !store.engineDone[slot]) {
            return false;
        }
        return hasEnough(slot)
                || store.flushed[slot]
                || store.result[slot] < 0
                || endOfStream
                || terminatedCode != 0
                || closing;
    }

    private boolean hasEnough(int slot) {
        int filled = store.filled[slot];
        int minLength = store.minLength[slot];
        return filled == store.length[slot] || (minLength > 0 && filled >= minLength);
    }

    private void fillFromChain(int slot) {
        if (store.filled[slot] == 0) {
            store.position[slot] = consumedPosition();
        }
        while (!chain.isEmpty() && store.filled[slot] < store.length[slot]) {
            int key = chain.headKey();
            int length = Math.min(chain.headLength(), store.length[slot] - store.filled[slot]);
            copyInto(slot, key, chain.headOffset(), length);
            chain.dropHead(length);
            buffers.onConsumed(key, length);
            unreportedConsumed += length;
        }
    }

    private void copyInto(int slot, int key, int bufferOffset, int length) {
        MemorySegment target = owner.regionMemory(store.region[slot]);
        if (target == null) {
            throw new IllegalStateException(
                    "region=" + store.region[slot] + " was closed while a RECEIVE into it was outstanding");
        }
        long at = store.offset[slot] + store.filled[slot];
        MemorySegment.copy(buffers.memory(key), buffers.offset(key) + bufferOffset, target, at, length);
        store.filled[slot] += length;
        owner.queuePair().addCopiedBytes(length);
    }

    private void postReceives() {
        if (terminatedCode != 0 || closing || flushesOutstanding > 0) {
            return;
        }
        while (true) {
            int slot = lastPosted == NONE ? receiveHead : store.next[lastPosted];
            if (slot == NONE) {
                return;
            }
            if (lastPosted != NONE) {
                if (!isExactFill(lastPosted)) {
                    return;
                }
                store.position[slot] = store.position[lastPosted] + store.length[lastPosted];
            }
            if (owner.submit(slot, handle, 0) < 0) {
                owner.defer(this);
                return;
            }
            store.posted[slot] = true;
            lastPosted = slot;
        }
    }

    private boolean isExactFill(int slot) {
        int minLength = store.minLength[slot];
        return minLength == 0 || minLength == store.length[slot];
    }

    /** A completion for this connection's handle. */
    void onCompletion(CompletionView completion) {
        switch (completion.op) {
            case Op.PROVIDED -> onProvided(completion);
            case Op.RECEIVE -> onReceive(completion);
            case Op.SEND -> onSend(completion);
            case Op.CONSUMED -> {} // refused: the connection is dying, which is told by itself
            case Op.TERMINATED -> terminate(completion.result < 0 ? completion.result : ResultCode.RESET);
            case Op.FLUSH, Op.SHUTDOWN, Op.SET_OPTION, Op.ABORT, Op.CLOSE -> onOther(completion);
            default -> throw completion.violation("unexpected operation");
        }
    }

    private void onProvided(CompletionView completion) {
        boolean hasBuffer = completion.hasFlag(CompletionFlag.BUFFER);
        if (hasBuffer) {
            int key = buffers.check(completion);
            if (completion.length > 0) {
                deliver(completion, key);
            }
            if (!completion.hasFlag(CompletionFlag.MORE)) {
                buffers.onReturned(key);
            }
        } else if (completion.length != 0) {
            throw completion.violation("bytes without a buffer");
        }
        if (completion.isEndOfStream()) {
            endOfStream = true;
        }
        if (!closing) {
            advanceReceives();
            reportConsumed();
            if (isReadable()) {
                raise(EVENT_READABLE);
            }
        }
    }

    private void deliver(CompletionView completion, int key) {
        if (completion.position != receivedPosition) {
            throw completion.violation("expected position " + receivedPosition);
        }
        int bufferOffset = completion.bufferOffset;
        int length = completion.length;
        for (int slot = receiveHead; slot != NONE && length > 0 && !closing; slot = store.next[slot]) {
            if (!store.posted[slot] && store.filled[slot] == 0) {
                store.position[slot] = receivedPosition;
            }
            int count = Math.min(length, store.length[slot] - store.filled[slot]);
            if (count > 0 && store.position[slot] + store.filled[slot] != receivedPosition) {
                throw completion.violation("RECEIVE at " + store.position[slot] + " leaves a gap");
            }
            copyInto(slot, key, bufferOffset, count);
            bufferOffset += count;
            length -= count;
            receivedPosition += count;
            unreportedConsumed += count;
        }
        receivedPosition += length;
        if (length > 0 && !closing) {
            chain.append(key, bufferOffset, length);
            buffers.onDelivered(key, length);
        }
    }

    private void onReceive(CompletionView completion) {
        int slot = slot(completion, Op.RECEIVE);
        if (!store.posted[slot] || store.engineDone[slot]) {
            throw completion.violation("RECEIVE was not posted or completed before");
        }
        store.engineDone[slot] = true;
        int length = completion.length;
        if (length != 0) {
            boolean fits = length > 0
                    && length <= store.length[slot] - store.filled[slot]
                    && completion.position == receivedPosition
                    && store.position[slot] + store.filled[slot] == receivedPosition;
            if (!fits) {
                throw completion.violation("expected at most " + (store.length[slot] - store.filled[slot])
                        + " bytes at position " + receivedPosition);
            }
            store.filled[slot] += length;
            receivedPosition += length;
        }
        if (completion.result < 0) {
            store.result[slot] = completion.result;
        }
        if (completion.isEndOfStream()) {
            endOfStream = true;
            raise(EVENT_READABLE);
        }
        advanceReceives();
        reportConsumed();
    }

    private void onSend(CompletionView completion) {
        if (completion.hasFlag(CompletionFlag.EARLY)) {
            return; // never asked for
        }
        int slot = slot(completion, Op.SEND);
        long end = Math.max(completion.position + completion.length, store.position[slot] + store.length[slot]);
        if (end > submittedPosition) {
            throw completion.violation("SENDs were submitted up to " + submittedPosition);
        }
        while (sendHead != NONE && store.position[sendHead] + store.length[sendHead] <= end) {
            int done = sendHead;
            sendHead = store.next[done];
            if (completion.result >= 0) {
                acknowledgedPosition = store.position[done] + store.length[done];
            }
            owner.complete(done, completion.result < 0 ? completion.result : store.length[done]);
        }
        if (sendHead == NONE) {
            sendTail = NONE;
        }
        if (isRefusal(completion.result) && terminatedCode == 0 && !closing) {
            abortDue = true; // the stream would go on behind a hole
            terminate(completion.result);
            runDeferred();
        }
    }

    /** Whether the engine did not take a submission, other than because the connection died. */
    private static boolean isRefusal(int result) {
        return result == ResultCode.INVALID || result == ResultCode.LIMIT || result == ResultCode.DENIED;
    }

    private void onOther(CompletionView completion) {
        int slot = slot(completion, completion.op);
        unlinkOther(slot);
        if (completion.op == Op.FLUSH) {
            flushesOutstanding--;
            for (int each = receiveHead; each != NONE; each = store.next[each]) {
                boolean before = store.sequence[each] - store.sequence[slot] < 0;
                store.flushed[each] |= before && (store.engineDone[each] || !store.posted[each]);
            }
            advanceReceives();
        }
        owner.complete(slot, Math.min(completion.result, 0));
        if (completion.op == Op.CLOSE) {
            finish(ResultCode.CLOSED);
        }
    }

    private int slot(CompletionView completion, int op) {
        int slot = store.slotOf(completion.userData);
        if (slot == NONE || store.op[slot] != op || store.owner[slot] != this) {
            throw completion.violation("userData=0x" + Long.toHexString(completion.userData) + " is not outstanding");
        }
        return slot;
    }

    private void unlinkOther(int slot) {
        if (otherHead == slot) {
            otherHead = store.next[slot];
            return;
        }
        for (int each = otherHead; each != NONE; each = store.next[each]) {
            if (store.next[each] == slot) {
                store.next[each] = store.next[slot];
                return;
            }
        }
    }

    /** The connection is dead; what the engine still owes (posted RECEIVEs, SENDs) completes by itself. */
    void terminate(int code) {
        if (terminatedCode == 0 && !closed) {
            terminatedCode = code;
            raise(EVENT_TERMINATED | EVENT_READABLE);
            advanceReceives();
        }
    }

    /** Nothing comes from the engine any more: completes everything with the code. */
    void finish(int code) {
        if (closed) {
            return;
        }
        if (!closing) {
            terminate(code);
        }
        for (int slot = receiveHead; slot != NONE; slot = store.next[slot]) {
            store.engineDone[slot] = true;
            if (store.result[slot] == 0 && store.filled[slot] < store.length[slot]) {
                store.result[slot] = code;
            }
        }
        advanceReceives();
        while (sendHead != NONE) {
            int slot = sendHead;
            sendHead = store.next[slot];
            owner.complete(slot, code);
        }
        sendTail = NONE;
        while (otherHead != NONE) {
            int slot = otherHead;
            otherHead = store.next[slot];
            owner.complete(slot, code);
        }
        if (closing) {
            closed = true;
            closeDue = false;
            abortDue = false;
            owner.forget(this);
            raise(EVENT_CLOSED);
        }
    }

    /** Visits every submission that the engine has not completed, in stream order per direction: what a resume submits again. */
    void forEachUncompleted(UncompletedVisitor visitor) {
        for (int slot = receiveHead; slot != NONE; slot = store.next[slot]) {
            long position = store.position[slot] + store.filled[slot];
            long offset = store.offset[slot] + store.filled[slot];
            visitor.visit(Op.RECEIVE, position, store.region[slot], offset, store.length[slot] - store.filled[slot]);
        }
        for (int slot = sendHead; slot != NONE; slot = store.next[slot]) {
            visitor.visit(Op.SEND, store.position[slot], store.region[slot], store.offset[slot], store.length[slot]);
        }
    }

    private void raise(int event) {
        if (pendingEvents == 0) {
            owner.addEvent(this);
        }
        pendingEvents |= event;
    }

    void drainEvents() {
        int pending = pendingEvents;
        pendingEvents = 0;
        if (events == null) {
            return;
        }
        if ((pending & EVENT_READABLE) != 0) {
            events.onReadable();
        }
        if ((pending & EVENT_TERMINATED) != 0) {
            events.onTerminated(terminatedCode);
        }
        if ((pending & EVENT_CLOSED) != 0) {
            events.onClosed();
        }
    }

    void drainCompletion(int op, Object attachment, long token, int result, int filled) {
        if (events != null) {
            events.onCompleted(op, attachment, token, result, filled);
        }
    }

    /** See {@link #forEachUncompleted}. */
    interface UncompletedVisitor {
        void visit(int op, long position, int region, long offset, int length);
    }
}
