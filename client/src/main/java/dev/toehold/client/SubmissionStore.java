package dev.toehold.client;

import dev.toehold.abi.Op;
import dev.toehold.abi.SubmissionFlag;
import java.util.Arrays;

/**
 * Every submission that has not completed: what was asked, where its memory is, whom to tell. This is the store that the
 * contract's resume needs: from it each uncompleted submission can be submitted again. Sized once; slots are chained
 * into lists by their owners through {@link #next}.
 *
 * <p>A slot's userData carries a generation, so that an answer that comes twice is noticed.
 */
final class SubmissionStore {
    static final int NONE = -1;

    final byte[] op;
    final byte[] flags;
    final boolean[] posted;
    final boolean[] engineDone;
    final boolean[] flushed;
    final int[] minLength;
    final int[] region;
    final int[] length;
    final int[] filled;
    final int[] result;
    final int[] sequence;
    final long[] position;
    final long[] offset;
    final long[] arg;
    final long[] token;
    final Object[] owner;
    final Object[] attachment;
    final int[] next;
    private final int[] generation;
    private int freeHead;
    private int outstanding;
    private int sendSlots;
    private int receiveSlots;
    private int earlySlots;

    SubmissionStore(int capacity) {
        op = new byte[capacity];
        flags = new byte[capacity];
        posted = new boolean[capacity];
        engineDone = new boolean[capacity];
        flushed = new boolean[capacity];
        minLength = new int[capacity];
        region = new int[capacity];
        length = new int[capacity];
        filled = new int[capacity];
        result = new int[capacity];
        sequence = new int[capacity];
        position = new long[capacity];
        offset = new long[capacity];
        arg = new long[capacity];
        token = new long[capacity];
        owner = new Object[capacity];
        attachment = new Object[capacity];
        next = new int[capacity];
        generation = new int[capacity];
        Arrays.setAll(next, i -> i + 1);
        next[capacity - 1] = NONE;
    }

    int capacity() {
        return next.length;
    }

    int outstanding() {
        return outstanding;
    }

    /** Completion slots that SENDs need. */
    int sendSlots() {
        return sendSlots;
    }

    /** Completion slots that RECEIVEs need. */
    int receiveSlots() {
        return receiveSlots;
    }

    /** Completion slots that everything needs. */
    int slots() {
        return outstanding + earlySlots;
    }

    /** A SEND's completion at first transmission needs a slot of its own, here for as long as the SEND is outstanding. */
    void flags(int slot, int submissionFlags) {
        flags[slot] = (byte) submissionFlags;
        countEarly(slot, 1);
    }

    private void countEarly(int slot, int count) {
        if (op[slot] == Op.SEND && (flags[slot] & SubmissionFlag.EARLY) != 0) {
            earlySlots += count;
            sendSlots += count;
        }
    }

    private void count(int operation, int count) {
        outstanding += count;
        if (operation == Op.SEND) {
            sendSlots += count;
        } else if (operation == Op.RECEIVE) {
            receiveSlots += count;
        }
    }

    boolean isFull() {
        return freeHead == NONE;
    }

    /** Takes a slot; {@link #isFull} has said that there is one. */
    int allocate(int operation, Object slotOwner, Object slotAttachment, long slotToken) {
        int slot = freeHead;
        freeHead = next[slot];
        count(operation, 1);
        op[slot] = (byte) operation;
        owner[slot] = slotOwner;
        attachment[slot] = slotAttachment;
        token[slot] = slotToken;
        flags[slot] = 0;
        posted[slot] = false;
        engineDone[slot] = false;
        flushed[slot] = false;
        minLength[slot] = 0;
        region[slot] = 0;
        length[slot] = 0;
        filled[slot] = 0;
        result[slot] = 0;
        sequence[slot] = 0;
        position[slot] = 0;
        offset[slot] = 0;
        arg[slot] = 0;
        next[slot] = NONE;
        return slot;
    }

    void free(int slot) {
        generation[slot]++;
        countEarly(slot, -1);
        count(op[slot], -1);
        op[slot] = 0;
        owner[slot] = null;
        attachment[slot] = null;
        next[slot] = freeHead;
        freeHead = slot;
    }

    /** What the submission of a slot carries as userData; never 0. */
    long userData(int slot) {
        return (long) generation[slot] << 32 | (slot + 1);
    }

    /** The slot that userData names, or {@link #NONE} if it names none that is outstanding. */
    int slotOf(long userData) {
        int slot = (int) userData - 1;
        boolean known = slot >= 0 && slot < next.length && generation[slot] == (int) (userData >>> 32) && op[slot] != 0;
        return known ? slot : NONE;
    }
}
