package dev.toehold.placement;

/** What an lcore placed and read. Plain fields: the lcore writes them and copies them to where others read. */
public final class PlacementCounters {
    /** Bytes placed into posted RECEIVEs. */
    public long directBytes;

    /** Bytes placed into provided buffers. */
    public long providedBytes;

    /**
     * Bytes that the engine moved once more after placing them: none, ever. What came before its RECEIVE stays where it was placed
     * and is copied, if at all, by the client's library, which counts it. Published so that it need not be believed.
     */
    public static final long MOVED_BYTES = 0;

    /** Bytes that the CPU placed. */
    public long cpuCopiedBytes;

    /** Bytes that a copy engine was given to place. */
    public long engineCopiedBytes;

    /** Copies at which the copy engine failed; the CPU made them. */
    public long engineCopyFailures;

    /** Bytes read from client memory for transmission, retransmissions included. */
    public long readBytes;

    /** Segments, or ends of segments, that found no provided buffer. */
    public long noBuffer;

    /** Segments that the completion ring had no slot for. */
    public long noSlot;

    /** Provided buffers bound to a range of a stream. */
    public long boundBuffers;
}
