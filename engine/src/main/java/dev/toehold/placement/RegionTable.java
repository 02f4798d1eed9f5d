package dev.toehold.placement;

import dev.toehold.abi.Abi;
import java.lang.foreign.MemorySegment;

/**
 * What one lcore knows of a session's regions, and how many operations refer to each. A region that is being removed takes
 * no new references; the control thread unmaps it only after every lcore has none left.
 */
public final class RegionTable {
    private final MemorySegment[] memory = new MemorySegment[Abi.MAX_REGIONS];
    private final long[] lengths = new long[Abi.MAX_REGIONS];
    private final int[] references = new int[Abi.MAX_REGIONS];
    private final boolean[] isForCopyEngine = new boolean[Abi.MAX_REGIONS];
    private boolean hasFaulted;

    public void add(Region region) {
        memory[region.id()] = region.memory();
        lengths[region.id()] = region.length();
        isForCopyEngine[region.id()] = region.isForCopyEngine();
    }

    /** No further location in it is valid; what refers to it already goes on. */
    public void remove(int id) {
        lengths[id] = 0;
    }

    /** Forgets the mapping. Only when {@link #references(int)} is 0: the memory may be unmapped right after. */
    public void forget(int id) {
        if (references[id] != 0) {
            throw new IllegalStateException("region=" + id + " has references=" + references[id]);
        }
        lengths[id] = 0;
        memory[id] = null;
    }

    /** Whether [offset, offset + length) lies in a region that may be used. Arguments as read from the client. */
    public boolean isLocation(int id, long offset, long length) {
        if (id < 0 || id >= Abi.MAX_REGIONS || offset < 0 || length < 0) {
            return false;
        }
        long regionLength = lengths[id];
        return length <= regionLength && offset <= regionLength - length;
    }

    /** Operations that refer to the region. */
    public int references(int id) {
        return references[id];
    }

    /** Whether a copy engine may write the region. */
    boolean isForCopyEngine(int id) {
        return isForCopyEngine[id];
    }

    /** Memory faulted where nobody could be told. */
    void noteFault() {
        hasFaulted = true;
    }

    /** Whether bytes are lost because memory faulted: nothing of the session may be told or acknowledged any more. */
    public boolean hasFaulted() {
        return hasFaulted;
    }

    void retain(int id) {
        references[id]++;
    }

    void release(int id) {
        references[id]--;
    }

    MemorySegment memory(int id) {
        return memory[id];
    }
}
