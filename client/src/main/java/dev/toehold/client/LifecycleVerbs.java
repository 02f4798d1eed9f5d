package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.ResultCode;

/** FLUSH, SHUTDOWN, SET_OPTION, ABORT and CLOSE of one connection that have not completed, the latest first. */
final class LifecycleVerbs {
    private final ConnectionCore connection;
    private final QueuePairCore owner;
    private final SubmissionStore store;
    private int head = NONE;

    LifecycleVerbs(ConnectionCore connection, QueuePairCore owner) {
        this.connection = connection;
        this.owner = owner;
        this.store = owner.store();
    }

    /** Submits one. Returns its slot, or BACK_PRESSURED. */
    int submit(int op, int length, long arg, Object attachment, long token) {
        if (store.isFull()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(op, connection, attachment, token);
        store.length[slot] = length;
        if (owner.submit(slot, connection.handle(), arg) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        store.next[slot] = head;
        head = slot;
        return slot;
    }

    /** The engine is done with it. */
    void remove(int slot) {
        if (head == slot) {
            head = store.next[slot];
            return;
        }
        for (int each = head; each != NONE; each = store.next[each]) {
            if (store.next[each] == slot) {
                store.next[each] = store.next[slot];
                return;
            }
        }
    }

    /** Nothing comes from the engine any more. */
    void finish(int code) {
        while (head != NONE) {
            int slot = head;
            head = store.next[slot];
            owner.complete(slot, code);
        }
    }
}
