package dev.toehold.placement;

/**
 * The provided buffers of one size that a session lent to one lcore. A buffer is lent from its entry in the buffer ring to the
 * completion that gives it back; in between it is free here, or bound to a range of some stream.
 */
public final class BufferGroup {
    private final int id;
    private final int region;
    private final long base;
    private final int bufferSize;
    private final int count;
    private final long[] lent;
    private final int[] free;
    private final StreamState[] holders;
    private final long[] holderHandles;
    private int freeCount;

    /**
     * @param base offset in the region of buffer 0; the caller has checked that count buffers fit behind it
     * @param bufferSize bytes
     * @param count buffers, ids 0 to count - 1
     * @param maxLent most buffers that are ever lent at a time, of all groups
     */
    public BufferGroup(int id, int region, long base, int bufferSize, int count, int maxLent) {
        this.id = id;
        this.region = region;
        this.base = base;
        this.bufferSize = bufferSize;
        this.count = count;
        this.lent = new long[(count + Long.SIZE - 1) / Long.SIZE];
        this.free = new int[Math.min(count, maxLent)];
        this.holders = new StreamState[count];
        this.holderHandles = new long[count];
    }

    /** Takes a buffer that the client lends. Returns false if there is none of that id or it is lent already. */
    boolean lend(int buffer) {
        if (buffer < 0 || buffer >= count || isLent(buffer) || freeCount == free.length) {
            return false;
        }
        lent[buffer >>> 6] |= 1L << buffer;
        free[freeCount++] = buffer;
        return true;
    }

    /** A free buffer, the one that came last because its memory is the warmest; -1 = none. */
    int take() {
        return freeCount == 0 ? -1 : free[--freeCount];
    }

    /** It was taken and not used. */
    void putBack(int buffer) {
        free[freeCount++] = buffer;
    }

    /** The client may lend it again, when it has done with what lies in it of the stream. */
    void giveBack(int buffer, StreamState holder) {
        lent[buffer >>> 6] &= ~(1L << buffer);
        holders[buffer] = holder;
        holderHandles[buffer] = holder.handle;
        holder.heldBytes += bufferSize;
    }

    /** The stream whose bytes the client held in the buffer until now; null if there is none, or none any more. */
    StreamState release(int buffer) {
        StreamState holder = holders[buffer];
        holders[buffer] = null;
        if (holder == null || holder.handle != holderHandles[buffer]) {
            return null;
        }
        holder.heldBytes -= bufferSize;
        return holder;
    }

    boolean isLent(int buffer) {
        return (lent[buffer >>> 6] & 1L << buffer) != 0;
    }

    public int id() {
        return id;
    }

    public int region() {
        return region;
    }

    /** Bytes. */
    public int bufferSize() {
        return bufferSize;
    }

    public int count() {
        return count;
    }

    public int freeCount() {
        return freeCount;
    }

    /** Bytes of the free buffers. */
    public long freeBytes() {
        return (long) freeCount * bufferSize;
    }

    /** Byte offset of the buffer in the region. */
    long offset(int buffer) {
        return base + (long) buffer * bufferSize;
    }
}
