package dev.toehold.client;

import static dev.toehold.client.SubmissionStore.NONE;

import dev.toehold.abi.CompletionFlag;
import dev.toehold.abi.ControlBody;
import dev.toehold.abi.Op;
import dev.toehold.abi.ResultCode;

/**
 * The client's record of one connection: a machine without threads, clock or locks. It decides what may be asked for in which
 * state of the connection's life; the two directions are kept by {@link ReceivedBytes} with {@link ReceiveQueue}, and by
 * {@link SubmittedSends}.
 */
final class ConnectionCore {
    private static final int MAX_OPTIONS = 16;

    private final QueuePairCore owner;
    private final SubmissionStore store;
    private final ProvidedBuffers buffers;
    private final ReceivedBytes received;
    private final ReceiveQueue receives;
    private final SubmittedSends sends;
    private final LifecycleVerbs verbs;
    private final long handle;
    private final PendingEvents events;

    private int terminatedCode;
    private boolean outputShut;
    private boolean closing;
    private boolean closed;
    private boolean abortDue;
    private boolean closeDue;
    private boolean resubmitting;
    private long[] options;
    private int optionsSet;
    private int optionsDue;

    /** Links of the owner's two intrusive lists. */
    ConnectionCore nextDeferred;

    boolean isDeferred;
    ConnectionCore nextEvent;

    ConnectionCore(QueuePairCore owner, long handle) {
        this.owner = owner;
        this.store = owner.store();
        this.buffers = owner.buffers();
        this.handle = handle;
        this.received = new ReceivedBytes(this, owner);
        this.receives = new ReceiveQueue(this, owner, received);
        this.sends = new SubmittedSends(this, owner);
        this.events = new PendingEvents(this, owner);
        this.verbs = new LifecycleVerbs(this, owner);
    }

    /** Who is told; what can be seen already is told at the next drain. */
    void setUser(ConnectionEvents user) {
        events.user(user);
        if (isReadable()) {
            events.raise(PendingEvents.READABLE);
        }
        if (terminatedCode != 0) {
            events.raise(PendingEvents.TERMINATED);
        }
    }

    long handle() {
        return handle;
    }

    /** Bytes that have arrived. */
    ReceivedBytes received() {
        return received;
    }

    long submittedPosition() {
        return sends.submittedPosition();
    }

    long acknowledgedPosition() {
        return sends.acknowledgedPosition();
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
        return !received.chain().isEmpty() || received.isEndOfStream() || terminatedCode != 0 || closing;
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
        int result = receives.add(region, offset, length, minLength, attachment, token);
        if (result == ResultCode.OK) {
            received.reportConsumed();
        }
        return result;
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
        return sends.send(region, offset, length, flags, attachment, token);
    }

    /** Submits FLUSH. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int flush(Object attachment, long token) {
        int slot = submit(Op.FLUSH, 0, 0, attachment, token);
        if (slot < 0) {
            return slot;
        }
        receives.onFlushSubmitted(slot);
        return ResultCode.OK;
    }

    /** Submits SHUTDOWN: FIN behind everything submitted. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int shutdownOutput(Object attachment, long token) {
        if (outputShut) {
            return ResultCode.CLOSED;
        }
        int slot = submit(Op.SHUTDOWN, 0, 0, attachment, token);
        outputShut |= slot >= 0;
        return Math.min(slot, ResultCode.OK);
    }

    /** Submits SET_OPTION. Returns OK, BACK_PRESSURED, CLOSED or what it died of. */
    int setOption(int option, long value, Object attachment, long token) {
        int result = Math.min(submit(Op.SET_OPTION, option, value, attachment, token), ResultCode.OK);
        if (result == ResultCode.OK && option > 0 && option < MAX_OPTIONS) {
            options = options == null ? new long[MAX_OPTIONS] : options;
            options[option] = value;
            optionsSet |= 1 << option;
        }
        return result;
    }

    /** Returns the slot, or a negative code. */
    private int submit(int op, int length, long arg, Object attachment, long token) {
        if (closing) {
            return ResultCode.CLOSED;
        }
        return terminatedCode != 0 ? terminatedCode : verbs.submit(op, length, arg, attachment, token);
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
        received.discard();
        receives.advance();
        events.raise(PendingEvents.READABLE);
        if (owner.isFinished()) {
            finish(ResultCode.CLOSED);
        } else {
            runDeferred();
        }
        return true;
    }

    /** The application has taken that many bytes of the chain's first piece. */
    void consumeHead(int length) {
        if (closing) {
            return; // the chain went already
        }
        received.dropHead(length);
        received.reportConsumed();
    }

    /** Does what had no room in the submission ring before. Returns false if there is still no room. */
    boolean runDeferred() {
        if (closed) {
            return true;
        }
        receives.advance();
        received.reportConsumed();
        if (!resubmit()) {
            return false;
        }
        abortDue = abortDue && !submitLast(Op.ABORT);
        if (abortDue) {
            return false;
        }
        closeDue = closeDue && !submitLast(Op.CLOSE);
        return !closeDue && !isDeferred;
    }

    private boolean submitLast(int op) {
        if (verbs.submit(op, 0, 0, null, 0) >= 0) {
            return true;
        }
        owner.defer(this);
        return false;
    }

    /** A completion for this connection's handle. */
    void onCompletion(CompletionView completion) {
        if (completion.hasFlag(CompletionFlag.URGENT)) {
            received.onUrgent(completion.arg0);
        }
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
                received.onProvided(completion, key, receives);
            }
            if (!completion.hasFlag(CompletionFlag.MORE)) {
                buffers.onReturned(key);
            }
        } else if (completion.length != 0) {
            throw completion.violation("bytes without a buffer");
        }
        if (completion.isEndOfStream()) {
            received.onEndOfStream();
        }
        if (!closing) {
            receives.advance();
            received.reportConsumed();
            if (isReadable()) {
                events.raise(PendingEvents.READABLE);
            }
        }
    }

    private void onReceive(CompletionView completion) {
        int slot = slot(completion, Op.RECEIVE);
        received.onPlaced(receives.onReceive(completion, slot, received.receivedPosition()));
        if (completion.isEndOfStream()) {
            received.onEndOfStream();
            events.raise(PendingEvents.READABLE);
        }
        receives.advance();
        received.reportConsumed();
    }

    private void onSend(CompletionView completion) {
        if (completion.hasFlag(CompletionFlag.EARLY)) {
            return; // never asked for
        }
        sends.onSend(completion, slot(completion, Op.SEND));
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
        verbs.remove(slot);
        if (completion.op == Op.FLUSH) {
            receives.onFlushCompleted(slot);
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

    /** The connection is dead; what the engine still owes (posted RECEIVEs, SENDs) completes by itself. */
    void terminate(int code) {
        if (terminatedCode == 0 && !closed) {
            terminatedCode = code;
            events.raise(PendingEvents.TERMINATED | PendingEvents.READABLE);
            receives.advance();
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
        receives.finish(code);
        sends.finish(code);
        verbs.finish(code);
        resubmitting = false;
        if (closing) {
            closed = true;
            closeDue = false;
            abortDue = false;
            owner.forget(this);
            events.raise(PendingEvents.CLOSED);
        }
    }

    /** What the client says to the next engine: how far everything has come. The engine is gone; nothing is delivered meanwhile. */
    ControlBody.Resume beginResume() {
        received.beginResume();
        long consumed = closing ? received.receivedPosition() : received.consumedPosition();
        return new ControlBody.Resume(handle, received.receivedPosition(), consumed, sends.submittedPosition());
    }

    /**
     * Another engine has taken the connection up: what is done by now completes, the rest is submitted again.
     *
     * @param rcvPosition end of the bytes that lie in this process
     * @param sndUna end of what the peer has, one more if it has the end of our stream
     */
    void onResumed(long rcvPosition, long sndUna) {
        verbs.forEachFlush(receives::onFlushLost);
        long delivered = received.receivedPosition();
        long end = receives.onResumed(rcvPosition, delivered);
        if ((end != rcvPosition && !closing) || sndUna < 0) {
            // Bytes that nobody has were acknowledged: the stream cannot go on.
            abortDue = true;
            terminate(ResultCode.RESET);
        } else {
            received.onPlaced((int) (Math.max(end, rcvPosition) - delivered));
        }
        sends.onResumed(Math.min(Math.max(sndUna, 0), sends.submittedPosition()));
        verbs.onResumed(sndUna > sends.submittedPosition());
        optionsDue = optionsSet;
        resubmitting = true;
        events.raise(PendingEvents.READABLE);
        runDeferred();
    }

    /** Submissions of before have not all gone to the new engine; new ones must wait for them. */
    boolean isResubmitting() {
        return resubmitting;
    }

    private boolean resubmit() {
        if (resubmitting) {
            if (!sends.resubmit() || !verbs.resubmit()) {
                owner.defer(this);
                return false;
            }
            resubmitting = false;
        }
        while (optionsDue != 0 && !closing && terminatedCode == 0) {
            int option = Integer.numberOfTrailingZeros(optionsDue);
            if (verbs.submit(Op.SET_OPTION, option, options[option], null, 0) < 0) {
                owner.defer(this);
                return false;
            }
            optionsDue &= optionsDue - 1;
        }
        return true;
    }

    /** Visits every submission that the engine has not completed, in stream order per direction: what a resume submits again. */
    void forEachUncompleted(UncompletedVisitor visitor) {
        receives.forEachUncompleted(visitor);
        sends.forEachUncompleted(visitor);
    }

    PendingEvents events() {
        return events;
    }

    /** See {@link #forEachUncompleted}. */
    interface UncompletedVisitor {
        void visit(int op, long position, int region, long offset, int length);
    }
}
