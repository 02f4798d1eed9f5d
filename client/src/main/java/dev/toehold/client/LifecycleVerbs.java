package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;
import java.util.function.IntConsumer;

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
        if (store.isFull() || connection.isResubmitting()) {
            return ResultCode.BACK_PRESSURED;
        }
        int slot = store.allocate(op, connection, attachment, token);
        store.length[slot] = length;
        store.arg[slot] = arg;
        store.posted[slot] = true;
        if (owner.submit(slot, connection.handle()) < 0) {
            store.free(slot);
            return ResultCode.BACK_PRESSURED;
        }
        store.next[slot] = head;
        head = slot;
        return slot;
    }

    /**
     * Another engine has taken the connection up and knows of none of them.
     *
     * @param isFinAcknowledged the peer has the end of our stream, which is what SHUTDOWN waits for
     */
    void onResumed(boolean isFinAcknowledged) {
        int slot = head;
        while (slot != NONE) {
            int next = store.next[slot];
            store.posted[slot] = false;
            if (isFinAcknowledged && store.op[slot] == Op.SHUTDOWN) {
                remove(slot);
                owner.complete(slot, ResultCode.OK);
            }
            slot = next;
        }
    }

    /** Submits those again that the new engine does not know, the earliest first. Returns false if there is no room for all. */
    boolean resubmit() {
        while (true) {
            int earliest = NONE;
            for (int slot = head; slot != NONE; slot = store.next[slot]) {
                earliest = store.posted[slot] ? earliest : slot;
            }
            if (earliest == NONE) {
                return true;
            }
            if (owner.submit(earliest, connection.handle()) < 0) {
                return false;
            }
            store.posted[earliest] = true;
        }
    }

    void forEachFlush(IntConsumer visitor) {
        for (int slot = head; slot != NONE; slot = store.next[slot]) {
            if (store.op[slot] == Op.FLUSH) {
                visitor.accept(slot);
            }
        }
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
