package dev.toehold.client;

import dev.toehold.abi.Op;
import java.lang.foreign.MemorySegment;

/** The library's own end of a queue pair, for the stress tests of another package. */
public final class ClientEnd {
    private final ClientQueuePair queuePair;
    private final CompletionView completion = new CompletionView();

    public ClientEnd(MemorySegment memory) {
        queuePair = new ClientQueuePair(memory);
    }

    /** Submits an entry all of whose fields tell the value. */
    public void submit(int value) {
        queuePair.offer(Op.NOP, 0, value, value, value, value, value, value, value, value);
    }

    public void lend(int id) {
        queuePair.lend(0, id);
    }

    /** Whether the engine must be woken, as after a submission. */
    public boolean takeDoorbell() {
        return queuePair.takeDoorbell();
    }

    /** Announces sleep. Returns whether it may sleep. */
    public boolean sleeps() {
        return queuePair.armWakeup();
    }

    /** 0 if there is no completion, the value if all its fields tell it, else -1. */
    public int completed(int value) {
        if (queuePair.available() == 0) {
            return 0;
        }
        queuePair.take(completion);
        boolean isWhole = completion.userData == value
                && completion.handle == value
                && completion.position == value
                && completion.result == value
                && completion.length == value
                && completion.arg0 == value
                && completion.arg1 == value;
        return isWhole ? value : -1;
    }
}
