package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/**
 * Memory that a session registered, mapped by the engine. The segment is exactly as long as was registered, so no access
 * through it can leave the region.
 *
 * @param id chosen by the client, 0 to {@link dev.toehold.abi.Abi#MAX_REGIONS} - 1
 */
public record Region(int id, MemorySegment memory) {
    public long length() {
        return memory.byteSize();
    }
}
