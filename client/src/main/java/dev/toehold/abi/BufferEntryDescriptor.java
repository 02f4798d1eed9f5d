package dev.toehold.abi;

/**
 * Layout of a buffer entry, 8 bytes: the client lends (again) one provided buffer.
 *
 * <pre>
 *   0  id u32 | group u16 | zero u16
 * </pre>
 *
 * Buffer id of a group lies at base + id * bufferSize of the group's region (see {@link ControlMessage#GROUP}). It is the
 * engine's until a PROVIDED completion without MORE names it, or the connection's CLOSE completes. An id that is out of
 * range or lent already is answered by a PROVIDED completion with result INVALID, handle 0, buffer = id, more = group.
 */
public final class BufferEntryDescriptor {
    public static final int ID_OFFSET = 0;
    public static final int GROUP_OFFSET = ID_OFFSET + Integer.BYTES;
    public static final int ZERO_OFFSET = GROUP_OFFSET + Short.BYTES;
    public static final int LENGTH = ZERO_OFFSET + Short.BYTES;

    private BufferEntryDescriptor() {}
}
