package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Abi;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.lang.foreign.MemorySegment;

/**
 * RECEIVEs of one connection that have not completed, in the order in which the application asked; they complete to it in that
 * order. Bytes that the engine had put into provided buffers before a RECEIVE reached it are copied into the RECEIVE's
 * location here, and counted. A RECEIVE behind one that may complete short, or behind a FLUSH, is held back until its
 * position is known.
 *
 * <pre>
 *   head                 lastPosted                 tail
 *   |--- posted or full ----|--- held back -----------|
 * </pre>
 */
final class ReceiveQueue {
    private final ConnectionCore connection;
    private final QueuePairCore owner;
    private final SubmissionStore store;
    private final ProvidedBuffers buffers;
    private final ReceivedBytes bytes;
    private int head = NONE;
    private int tail = NONE;
    private int lastPosted = NONE;
    private int count;
    private int nextSequence;
    private int flushesOutstanding;

    ReceiveQueue(ConnectionCore connection, QueuePairCore owner, ReceivedBytes bytes) {
        this.connection = connection;
        this.owner = owner;
        this.store = owner.store();
        this.buffers = owner.buffers();
        this.bytes = bytes;
    }

    /** Takes a RECEIVE. Returns OK, BACK_PRESSURED or LIMIT (64 are outstanding). */
    int add(int region, long offset, int length, int minLength, Object attachment, long token) {
        if (count >= Abi.MAX_POSTED_RECEIVES) {
            return ResultCode.LIMIT;
        }
        if (!owner.hasSlots(Op.RECEIVE, 1)
                || (connection.terminatedCode() == 0 && owner.queuePair().sqRoom() == 0)) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(Op.RECEIVE, connection, attachment, token);
        store.region[slot] = region;
        store.offset[slot] = offset;
        store.length[slot] = length;
        store.minLength[slot] = minLength;
        store.sequence[slot] = nextSequence++;
        if (tail == NONE) {
            head = slot;
        } else {
            store.next[tail] = slot;
        }
        tail = slot;
        count++;
        fillFromChain(slot);
        advance();
        return ResultCode.OK;
    }

    /** Completes what is complete at the head, then posts what may be posted. */
    void advance() {
        while (head != NONE) {
            int slot = head;
            if (!isSatisfied(slot)) {
                break;
            }
            head = store.next[slot];
            if (head == NONE) {
                tail = NONE;
            }
            if (lastPosted == slot) {
                lastPosted = NONE;
            }
            count--;
            complete(slot);
        }
        post();
    }

    private void complete(int slot) {
        int filled = store.filled[slot];
        int code = store.result[slot];
        if (code == 0 && !hasEnough(slot) && !bytes.isEndOfStream()) {
            int terminated = connection.terminatedCode();
            code = terminated != 0 ? terminated : connection.isClosing() ? ResultCode.CLOSED : 0;
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
                || bytes.isEndOfStream()
                || connection.terminatedCode() != 0
                || connection.isClosing();
    }

    private boolean hasEnough(int slot) {
        int minLength = store.minLength[slot];
        return isFull(slot) || (minLength > 0 && store.filled[slot] >= minLength);
    }

    private boolean isFull(int slot) {
        return store.filled[slot] == store.length[slot];
    }

    /** Whether the stream position behind it is known before it completes. */
    private boolean hasKnownEnd(int slot) {
        int minLength = store.minLength[slot];
        return minLength == 0 || minLength == store.length[slot] || isFull(slot);
    }

    /**
     * For a RECEIVE that comes last. While the chain has bytes all RECEIVEs before it are full, as {@link #take} serves them first, so
     * those bytes are its.
     */
    private void fillFromChain(int slot) {
        ReceivedChain chain = bytes.chain();
        if (!chain.isEmpty()) {
            store.position[slot] = bytes.consumedPosition();
        }
        while (!chain.isEmpty() && store.filled[slot] < store.length[slot]) {
            int length = Math.min(chain.headLength(), store.length[slot] - store.filled[slot]);
            copyInto(slot, chain.headKey(), chain.headOffset(), length);
            bytes.dropHead(length);
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

    private void post() {
        if (connection.terminatedCode() != 0
                || connection.isClosing()
                || flushesOutstanding > 0
                || bytes.isEndOfStream()) {
            return;
        }
        while (true) {
            int slot = lastPosted == NONE ? head : store.next[lastPosted];
            // What lies in the chain is this RECEIVE's: it gets that once it is the head, and only then asks for the
            // rest.
            if (slot == NONE || !bytes.chain().isEmpty()) {
                return;
            }
            if (isFull(slot)) {
                lastPosted = slot; // the engine has nothing to do for it
                continue;
            }
            if (lastPosted != NONE && !hasKnownEnd(lastPosted)) {
                return;
            }
            if (store.filled[slot] == 0) {
                store.position[slot] = lastPosted == NONE
                        ? bytes.receivedPosition()
                        : store.position[lastPosted] + store.length[lastPosted];
            }
            if (owner.submit(slot, connection.handle()) < 0) {
                owner.defer(connection);
                return;
            }
            store.posted[slot] = true;
            lastPosted = slot;
        }
    }

    /**
     * Bytes came in a provided buffer at position: what RECEIVEs ask for is copied into them.
     *
     * @return how many were taken, from the front
     */
    int take(CompletionView completion, int key, long position) {
        if (!bytes.chain().isEmpty()) {
            return 0; // the RECEIVEs that are not full get what waits before it first
        }
        int bufferOffset = completion.bufferOffset;
        int length = completion.length;
        long at = position;
        for (int slot = head; slot != NONE && length > 0; slot = store.next[slot]) {
            if (!store.posted[slot] && store.filled[slot] == 0) {
                store.position[slot] = at;
            }
            int taken = Math.min(length, store.length[slot] - store.filled[slot]);
            if (taken > 0 && store.position[slot] + store.filled[slot] != at) {
                throw completion.violation("RECEIVE at " + store.position[slot] + " leaves a gap");
            }
            copyInto(slot, key, bufferOffset, taken);
            bufferOffset += taken;
            length -= taken;
            at += taken;
        }
        return completion.length - length;
    }

    /**
     * The engine is done with a RECEIVE.
     *
     * @param position behind everything delivered so far
     * @return how many bytes it placed there
     */
    int onReceive(CompletionView completion, int slot, long position) {
        if (!store.posted[slot] || store.engineDone[slot]) {
            throw completion.violation("RECEIVE was not posted or completed before");
        }
        store.engineDone[slot] = true;
        int length = completion.length;
        if (length != 0) {
            boolean fits = length > 0
                    && length <= store.length[slot] - store.filled[slot]
                    && completion.position == position
                    && store.position[slot] + store.filled[slot] == position;
            if (!fits) {
                throw completion.violation("expected at most " + (store.length[slot] - store.filled[slot])
                        + " bytes at position " + position);
            }
            store.filled[slot] += length;
        }
        // Both directions may have ended, and the engine have forgotten the connection, before it took this RECEIVE. It
        // told the end before: that is what the RECEIVE meets, not a handle that was none.
        boolean isForgotten = completion.result == ResultCode.STALE && bytes.isEndOfStream();
        if (completion.result < 0 && !isForgotten) {
            store.result[slot] = completion.result;
        }
        return length;
    }

    /**
     * Another engine has taken the connection up: bytes up to rcvPosition lie where posted RECEIVEs wanted them, and none is posted any
     * more.
     *
     * @param position behind everything delivered so far
     * @return end of the bytes that lie there
     */
    long onResumed(long rcvPosition, long position) {
        long at = position;
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            if (store.posted[slot] && !store.engineDone[slot] && at < rcvPosition) {
                int taken = (int) Math.min(rcvPosition - at, store.length[slot] - store.filled[slot]);
                if (store.position[slot] + store.filled[slot] != at) {
                    break;
                }
                store.filled[slot] += taken;
                at += taken;
            }
        }
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            store.posted[slot] = false;
            store.engineDone[slot] = false;
        }
        lastPosted = NONE;
        return at;
    }

    /** A FLUSH that an engine has not answered before it died: what came before it completes with what it has. */
    void onFlushLost(int flushSlot) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            store.flushed[slot] |= store.sequence[slot] - store.sequence[flushSlot] < 0;
        }
    }

    /** A FLUSH was submitted: RECEIVEs up to here complete with it, later ones are held back until then. */
    void onFlushSubmitted(int flushSlot) {
        store.sequence[flushSlot] = nextSequence;
        flushesOutstanding++;
    }

    void onFlushCompleted(int flushSlot) {
        flushesOutstanding--;
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            boolean before = store.sequence[slot] - store.sequence[flushSlot] < 0;
            store.flushed[slot] |= before && (store.engineDone[slot] || !store.posted[slot]);
        }
        advance();
    }

    /** Nothing comes from the engine any more. */
    void finish(int code) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            store.engineDone[slot] = true;
            if (store.result[slot] == 0 && store.filled[slot] < store.length[slot]) {
                store.result[slot] = code;
            }
        }
        advance();
    }

    void forEachUncompleted(ConnectionCore.UncompletedVisitor visitor) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            long position = store.position[slot] + store.filled[slot];
            long offset = store.offset[slot] + store.filled[slot];
            visitor.visit(Op.RECEIVE, position, store.region[slot], offset, store.length[slot] - store.filled[slot]);
        }
    }
}
