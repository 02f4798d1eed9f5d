package dev.toehold.client;

import dev.toehold.abi.Abi;
import java.lang.foreign.MemorySegment;

/**
 * Bytes of a region: where received bytes are to go, or from where bytes are sent. Immutable; make it once and use it again.
 *
 * @param offset in the region, in bytes
 * @param length 1 .. {@link Abi#MAX_LOCATION_LENGTH}
 */
public record Location(Region region, long offset, int length) {
    /**
     * Within the region, else it is refused.
     *
     * @throws IndexOutOfBoundsException if it is not within the region
     */
    public Location {
        if (offset < 0 || offset > region.sizeBytes() - length) {
            throw new IndexOutOfBoundsException(
                    "offset=" + offset + " length=" + length + ", allowed: within sizeBytes=" + region.sizeBytes());
        }
        if (length < 1 || length > Abi.MAX_LOCATION_LENGTH) {
            throw new IllegalArgumentException("length=" + length + ", allowed: 1 .. " + Abi.MAX_LOCATION_LENGTH);
        }
    }

    /** The bytes themselves. */
    public MemorySegment memory() {
        return region.memory().asSlice(offset, length);
    }

    /** The first length bytes. */
    public Location first(int firstLength) {
        return new Location(region, offset, firstLength);
    }

    /** What follows the first skipped bytes. */
    public Location after(int skipped) {
        return new Location(region, offset + skipped, length - skipped);
    }
}
