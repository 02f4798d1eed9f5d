package dev.toehold.stack;

import static dev.toehold.stack.StateFileDescriptor.INT;
import static dev.toehold.stack.StateFileDescriptor.LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The sessions in the state file: whose the connections are, and which secret takes them up. The control thread's own. */
public final class SessionRecords {
    /** Not a slot. */
    public static final int NONE = -1;

    /**
     * A session.
     *
     * @param id as in the TCBs of its connections
     * @param uid of the client
     */
    public record Entry(int slot, int id, int uid, long tokenHigh, long tokenLow) {}

    private final StateFile file;
    private final MemorySegment records;

    public SessionRecords(StateFile file) {
        this.file = file;
        records = file.sessions();
    }

    /** An id that no session of this or an earlier engine has. */
    public int takeId() {
        return file.takeSessionId();
    }

    /** All that are open: at start, those of earlier engines. */
    public List<Entry> all() {
        List<Entry> entries = new ArrayList<>();
        for (int slot = 0; slot < StateFileDescriptor.MAX_SESSIONS; slot++) {
            long at = at(slot);
            if ((int) INT.getAcquire(records, at) == StateFileDescriptor.SESSION_OPEN) {
                entries.add(new Entry(
                        slot,
                        (int) INT.get(records, at + StateFileDescriptor.SESSION_ID_OFFSET),
                        (int) INT.get(records, at + StateFileDescriptor.SESSION_UID_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.SESSION_TOKEN_HIGH_OFFSET),
                        (long) LONG.get(records, at + StateFileDescriptor.SESSION_TOKEN_LOW_OFFSET)));
            }
        }
        return entries;
    }

    /** Notes a session before it has its first connection. Returns its slot, or {@link #NONE} if all are in use. */
    public int open(int id, int uid, long tokenHigh, long tokenLow) {
        for (int slot = 0; slot < StateFileDescriptor.MAX_SESSIONS; slot++) {
            long at = at(slot);
            if ((int) INT.getAcquire(records, at) == StateFileDescriptor.SESSION_FREE) {
                INT.set(records, at + StateFileDescriptor.SESSION_ID_OFFSET, id);
                INT.set(records, at + StateFileDescriptor.SESSION_UID_OFFSET, uid);
                LONG.set(records, at + StateFileDescriptor.SESSION_TOKEN_HIGH_OFFSET, tokenHigh);
                LONG.set(records, at + StateFileDescriptor.SESSION_TOKEN_LOW_OFFSET, tokenLow);
                INT.setRelease(records, at, StateFileDescriptor.SESSION_OPEN);
                return slot;
            }
        }
        return NONE;
    }

    /** Nothing of the session is left. */
    public void close(int slot) {
        INT.setRelease(records, at(slot), StateFileDescriptor.SESSION_FREE);
    }

    private static long at(int slot) {
        return (long) slot * StateFileDescriptor.SESSION_LENGTH + StateFileDescriptor.SESSION_STATE_OFFSET;
    }
}
