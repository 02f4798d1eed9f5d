package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

import dev.toehold.abi.Handle;
import java.lang.foreign.MemorySegment;

/** The listeners of one lcore in the state file, kept in step with its {@link ListenerTable}: the same slot, state stored last. */
final class ListenerRecords {
    private final MemorySegment records;

    ListenerRecords(MemorySegment records) {
        this.records = records;
    }

    void open(int slot, ListenerTable listeners) {
        long at = (long) slot * StateFileDescriptor.LISTENER_LENGTH;
        INT.set(records, at + StateFileDescriptor.LISTENER_GENERATION_OFFSET, listeners.generation(slot));
        INT.set(records, at + StateFileDescriptor.LISTENER_SESSION_OFFSET, listeners.sessionId(slot));
        INT.set(records, at + StateFileDescriptor.LISTENER_BACKLOG_OFFSET, listeners.backlog(slot));
        LONG.set(records, at + StateFileDescriptor.LISTENER_HIGH_OFFSET, listeners.addressHigh(slot));
        LONG.set(records, at + StateFileDescriptor.LISTENER_LOW_OFFSET, listeners.addressLow(slot));
        LONG.set(records, at + StateFileDescriptor.LISTENER_USER_DATA_OFFSET, listeners.userData(slot));
        INT.set(records, at + StateFileDescriptor.LISTENER_PORT_OFFSET, listeners.port(slot));
        INT.setRelease(records, at + StateFileDescriptor.LISTENER_STATE_OFFSET, StateFileDescriptor.LISTENER_OPEN);
    }

    /** The slot is free; after that its generation, so that no later engine gives its handle away again. */
    void close(int slot, int nextGeneration) {
        long at = (long) slot * StateFileDescriptor.LISTENER_LENGTH;
        INT.setRelease(records, at + StateFileDescriptor.LISTENER_STATE_OFFSET, StateFileDescriptor.LISTENER_FREE);
        INT.setRelease(records, at + StateFileDescriptor.LISTENER_GENERATION_OFFSET, nextGeneration);
    }

    /** Puts every listener of an earlier engine back into its slot. */
    void restore(ListenerTable listeners) {
        for (int slot = 0; slot < listeners.capacity(); slot++) {
            long at = (long) slot * StateFileDescriptor.LISTENER_LENGTH;
            int state = (int) INT.getAcquire(records, at + StateFileDescriptor.LISTENER_STATE_OFFSET);
            int generation = (int) INT.get(records, at + StateFileDescriptor.LISTENER_GENERATION_OFFSET);
            int port = (int) INT.get(records, at + StateFileDescriptor.LISTENER_PORT_OFFSET);
            if (state == StateFileDescriptor.LISTENER_OPEN && port > 0) {
                listeners.restore(
                        slot,
                        generation,
                        (int) INT.get(records, at + StateFileDescriptor.LISTENER_SESSION_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.LISTENER_USER_DATA_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.LISTENER_HIGH_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.LISTENER_LOW_OFFSET),
                        port,
                        (int) INT.get(records, at + StateFileDescriptor.LISTENER_BACKLOG_OFFSET));
            } else if (generation != 0) {
                // Bumped once more: the engine before may have died between the two stores of close.
                listeners.generation(slot, Handle.nextGeneration(generation));
            }
        }
    }
}
