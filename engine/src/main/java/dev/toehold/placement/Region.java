package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/**
 * Memory that a session registered, mapped by the engine. The segment is exactly as long as was registered, so no access
 * through it can leave the region.
 *
 * @param id chosen by the client, 0 to {@link dev.toehold.abi.Abi#MAX_REGIONS} - 1
 * @param isForCopyEngine whether a copy engine may write it: no access can fault
 */
public record Region(int id, MemorySegment memory, boolean isForCopyEngine) {
    /** For the CPU alone. */
    public Region(int id, MemorySegment memory) {
        this(id, memory, false);
    }

    public long length() {
        return memory.byteSize();
    }
}
