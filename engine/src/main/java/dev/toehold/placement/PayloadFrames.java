package dev.toehold.placement;

import java.lang.foreign.MemorySegment;

/** The packets that payload is copied from. They belong to the burst that is being received, unless retained. */
public interface PayloadFrames {
    /** What {@link #retain} says of memory that is no packet's. */
    long NONE = 0;

    /** Keeps the packet that is being received until a {@link #release} more; {@link #NONE} if the memory is not a packet's. */
    long retain(MemorySegment memory);

    void release(long frame);
}
