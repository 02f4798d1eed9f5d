package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

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

    void close(int slot) {
        long at = (long) slot * StateFileDescriptor.LISTENER_LENGTH;
        INT.setRelease(records, at + StateFileDescriptor.LISTENER_STATE_OFFSET, StateFileDescriptor.LISTENER_FREE);
    }
}
