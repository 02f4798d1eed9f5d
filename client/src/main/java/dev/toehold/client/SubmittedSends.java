package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;

/**
 * SENDs of one connection that the peer has not acknowledged, in stream order.
 *
 * <pre>
 *   acknowledged        submitted
 *   ----|-----------------|------------------------&gt; position
 *       | SENDs, in order |
 * </pre>
 */
final class SubmittedSends {
    private final ConnectionCore connection;
    private final QueuePairCore owner;
    private final SubmissionStore store;
    private long submittedPosition;
    private long acknowledgedPosition;
    private int head = NONE;
    private int tail = NONE;

    SubmittedSends(ConnectionCore connection, QueuePairCore owner) {
        this.connection = connection;
        this.owner = owner;
        this.store = owner.store();
    }

    long submittedPosition() {
        return submittedPosition;
    }

    long acknowledgedPosition() {
        return acknowledgedPosition;
    }

    /** Submits bytes behind everything submitted before. Returns the position of the first, or BACK_PRESSURED. */
    long send(int region, long offset, int length, int flags, Object attachment, long token) {
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(Op.SEND, connection, attachment, token);
        store.flags[slot] = (byte) flags;
        store.position[slot] = submittedPosition;
        store.region[slot] = region;
        store.offset[slot] = offset;
        store.length[slot] = length;
        if (owner.submit(slot, connection.handle(), 0) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        if (tail == NONE) {
            head = slot;
        } else {
            store.next[tail] = slot;
        }
        tail = slot;
        long position = submittedPosition;
        submittedPosition += length;
        return position;
    }

    /** One completion covers all SENDs up to its position. */
    void onSend(CompletionView completion, int slot) {
        long end = Math.max(completion.position + completion.length, store.position[slot] + store.length[slot]);
        if (end > submittedPosition) {
            throw completion.violation("SENDs were submitted up to " + submittedPosition);
        }
        while (head != NONE && store.position[head] + store.length[head] <= end) {
            int done = head;
            head = store.next[done];
            if (completion.result >= 0) {
                acknowledgedPosition = store.position[done] + store.length[done];
            }
            owner.complete(done, completion.result < 0 ? completion.result : store.length[done]);
        }
        if (head == NONE) {
            tail = NONE;
        }
    }

    /** Nothing comes from the engine any more. */
    void finish(int code) {
        while (head != NONE) {
            int slot = head;
            head = store.next[slot];
            owner.complete(slot, code);
        }
        tail = NONE;
    }

    void forEachUncompleted(ConnectionCore.UncompletedVisitor visitor) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            visitor.visit(Op.SEND, store.position[slot], store.region[slot], store.offset[slot], store.length[slot]);
        }
    }
}
