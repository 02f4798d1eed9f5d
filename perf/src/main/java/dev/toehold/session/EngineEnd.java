package dev.toehold.session;

import dev.toehold.abi.Op;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/** The engine's own end of a queue pair, for the stress tests of another package. */
public final class EngineEnd {
    private final EngineQueuePair queuePair;
    private final Submission submission = new Submission();

    public EngineEnd(MemorySegment memory, int entries) {
        queuePair = new EngineQueuePair(memory, entries, entries, entries);
    }

    /** 0 if there is no submission, the value if all its fields tell it, else -1. */
    public int submitted(int value) {
        queuePair.refresh();
        if (!queuePair.hasSubmission()) {
            return 0;
        }
        queuePair.read(submission);
        queuePair.take();
        boolean isWhole = submission.op == Op.NOP
                && submission.minLength == value
                && submission.handle == value
                && submission.userData == value
                && submission.position == value
                && submission.region == value
                && submission.length == value
                && submission.offset == value
                && submission.arg == value;
        return isWhole ? value : -1;
    }

    /** 0 if no buffer is lent, the id if it is the one, else -1. */
    public int lent(int id) {
        queuePair.refresh();
        if (!queuePair.hasBuffer(1)) {
            return 0;
        }
        return queuePair.takeBuffer() == id ? id : -1;
    }

    /** Publishes a completion all of whose fields tell the value. */
    public void complete(int value) {
        queuePair.complete(false, Op.NOP, value, value, value, value, 0, value, value, value, value, value, value);
        queuePair.publish();
    }

    /** As at the end of a pass: whether the client must be woken. */
    public boolean wakesClient() {
        VarHandle.fullFence();
        return queuePair.takeClientWakeup();
    }

    /** As an lcore with nothing to do: whether it may sleep. */
    public boolean sleeps() {
        queuePair.armWakeup();
        VarHandle.fullFence();
        return queuePair.isUnmoved() && !queuePair.hasSubmission() && !queuePair.hasBuffer(1);
    }
}
