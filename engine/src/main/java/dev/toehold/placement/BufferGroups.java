package dev.toehold.placement;

import dev.toehold.abi.Abi;

/**
 * A session's buffer groups on one lcore, and the choice among them: the smallest buffer that takes what is there, so that a small
 * message does not pin a large buffer; a larger one when that size is out; at last the largest smaller one.
 */
public final class BufferGroups {
    private final BufferGroup[] byId = new BufferGroup[Abi.MAX_GROUPS];
    private final BufferGroup[] bySize = new BufferGroup[Abi.MAX_GROUPS];
    private int size;
    private int count;
    private int lent;
    private long lentBytes;
    private long peakLentBytes;
    private long typicalBytes;
    private long freeBytes;

    /** Ids are unique and in 0 to {@link Abi#MAX_GROUPS} - 1: the control thread has checked that. */
    public void add(BufferGroup group) {
        byId[group.id()] = group;
        count += group.count();
        int at = size++;
        while (at > 0 && bySize[at - 1].bufferSize() > group.bufferSize()) {
            bySize[at] = bySize[at - 1];
            at--;
        }
        bySize[at] = group;
    }

    /** Null if there is none of that id. */
    public BufferGroup byId(int id) {
        return id >= 0 && id < byId.length ? byId[id] : null;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    /** Takes a buffer that the client lends. Returns false if there is no such buffer or it is lent already. */
    public boolean lend(int group, int buffer) {
        BufferGroup known = byId(group);
        if (known == null || !known.lend(buffer)) {
            return false;
        }
        lent++;
        freeBytes += known.bufferSize();
        lentBytes += known.bufferSize();
        if (lentBytes > peakLentBytes) {
            peakLentBytes = lentBytes;
            typicalBytes = lentBytes / lent;
        }
        return true;
    }

    /** Right after {@link #lend}: the stream whose bytes the client held in the buffer, or null. */
    public StreamState release(int group, int buffer) {
        return byId[group].release(buffer);
    }

    /** A buffer of a group that {@link #choose} gave. */
    int take(BufferGroup group) {
        freeBytes -= group.bufferSize();
        return group.take();
    }

    /** A buffer that was taken and not used. */
    void putBack(int group, int buffer) {
        byId[group].putBack(buffer);
        freeBytes += byId[group].bufferSize();
    }

    /** The completion that gives the buffer back has been appended: the client may lend it again. */
    void giveBack(int group, int buffer, StreamState holder) {
        byId[group].giveBack(buffer, holder);
        lent--;
        lentBytes -= byId[group].bufferSize();
    }

    /** Buffers that all groups have. */
    public int count() {
        return count;
    }

    /** Buffers that the client has lent and not got back. */
    public int lentCount() {
        return lent;
    }

    /** Bytes of buffers that are lent and bound to nothing: a buffer counts as its size, whatever will lie in it. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Most bytes of buffers that the client ever had lent at a time: what the pool holds when nothing is in use. */
    public long capacityBytes() {
        return peakLentBytes;
    }

    /** Size of the buffers on average: a stream that may go on pins about one that it does not fill. */
    public long typicalBytes() {
        return typicalBytes;
    }

    /** Whether a connection that takes buffers of group {@code only}, or of any if -1, would find one. */
    public boolean hasFree(int only) {
        return choose(1, only) != null;
    }

    /**
     * A group that has a free buffer.
     *
     * @param wanted bytes that are to go into it
     * @param only id of the one group that may serve, or -1
     * @return null if all that may serve are out
     */
    BufferGroup choose(int wanted, int only) {
        if (only >= 0) {
            BufferGroup group = byId(only);
            return group != null && group.freeCount() > 0 ? group : null;
        }
        BufferGroup smaller = null;
        for (int i = 0; i < size; i++) {
            BufferGroup group = bySize[i];
            if (group.freeCount() > 0) {
                if (group.bufferSize() >= wanted) {
                    return group;
                }
                smaller = group;
            }
        }
        return smaller;
    }
}
