package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import dev.toehold.abi.SubmissionFlag;

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
    private int resubmitted = NONE;
    private long peerPosition;

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
        int slots = (flags & SubmissionFlag.EARLY) != 0 ? 2 : 1;
        if (!owner.hasSlots(Op.SEND, slots) || connection.isResubmitting()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(Op.SEND, connection, attachment, token);
        store.flags(slot, flags);
        store.position[slot] = submittedPosition;
        store.region[slot] = region;
        store.offset[slot] = offset;
        store.length[slot] = length;
        if (owner.submit(slot, connection.handle()) < 0) {
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
        complete(end, completion.result);
    }

    private void complete(long end, int result) {
        while (head != NONE && store.position[head] + store.length[head] <= end) {
            int done = head;
            head = store.next[done];
            if (result >= 0) {
                acknowledgedPosition = store.position[done] + store.length[done];
            }
            owner.complete(done, result < 0 ? result : store.length[done]);
        }
        if (head == NONE) {
            tail = NONE;
        }
    }

    /**
     * Another engine has taken the connection up: what the peer has is done, all else has to be submitted again.
     *
     * @param position end of the bytes that the peer has acknowledged
     */
    void onResumed(long position) {
        peerPosition = position;
        complete(position, ResultCode.OK);
        resubmitted = head;
    }

    /** Submits again, byte for byte, what the peer has not acknowledged. Returns false if there is no room for all. */
    boolean resubmit() {
        while (resubmitted != NONE) {
            int done = (int) Math.max(0, peerPosition - store.position[resubmitted]);
            if (owner.submitRest(resubmitted, connection.handle(), done) < 0) {
                return false;
            }
            resubmitted = store.next[resubmitted];
        }
        return true;
    }

    /** Nothing comes from the engine any more. */
    void finish(int code) {
        while (head != NONE) {
            int slot = head;
            head = store.next[slot];
            owner.complete(slot, code);
        }
        tail = NONE;
        resubmitted = NONE;
    }

    void forEachUncompleted(ConnectionCore.UncompletedVisitor visitor) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            visitor.visit(Op.SEND, store.position[slot], store.region[slot], store.offset[slot], store.length[slot]);
        }
    }
}
