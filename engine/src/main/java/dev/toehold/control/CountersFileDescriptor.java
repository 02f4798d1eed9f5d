package dev.toehold.control;

/**
 * Layout of the {@code counters} file in the state directory, little-endian. Anybody who may read the file can map it.
 *
 * <pre>
 *     0  +--------------------------------------------------------------+
 *        | magic u64 | version u32 | counters u32 | blocks u32 | pid u32 |
 *        | startedNs u64 (CLOCK_REALTIME) | valuesOffset u64             |
 *        | blockLength u64 | ready u32 (written last, release)           |
 *        | histograms u32                                                |
 *   128  | names: counters times 128 bytes of ASCII, 0-padded:           |
 *        |   "name unit", "name{label=value} unit"                       |
 *        | histograms: as many times 128 bytes: "name unit buckets"      |
 *        +--------------------------------------------------------------+
 *        | values: a block for each lcore, then one for the engine, each |
 *        | on its own 128-byte lines: counters times u64, then for each  |
 *        | histogram the sum u64 and buckets times u64                   |
 *        +--------------------------------------------------------------+
 * </pre>
 *
 * Buckets are those of {@link dev.toehold.tcp.LogLinearHistogram}: 0 to 7, then eight for each power of two.
 *
 * <p>Each block has one writer, who stores each value with opaque order: never torn, at most a few ms old, not consistent with its
 * neighbours. A reader adds up the blocks.
 */
public final class CountersFileDescriptor {
    /** "TOEHOLDC" as little-endian bytes. */
    public static final long MAGIC = 0x43444c4f48454f54L;

    public static final int VERSION = 2;
    public static final int LINE_LENGTH = 128;
    public static final int NAME_LENGTH = 128;

    public static final int MAGIC_OFFSET = 0;
    public static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    public static final int COUNTERS_OFFSET = VERSION_OFFSET + Integer.BYTES;
    public static final int BLOCKS_OFFSET = COUNTERS_OFFSET + Integer.BYTES;
    public static final int PID_OFFSET = BLOCKS_OFFSET + Integer.BYTES;
    public static final int STARTED_NS_OFFSET = PID_OFFSET + Integer.BYTES;
    public static final int VALUES_OFFSET_OFFSET = STARTED_NS_OFFSET + Long.BYTES;
    public static final int BLOCK_LENGTH_OFFSET = VALUES_OFFSET_OFFSET + Long.BYTES;
    public static final int READY_OFFSET = BLOCK_LENGTH_OFFSET + Long.BYTES;
    public static final int HISTOGRAMS_OFFSET = READY_OFFSET + Integer.BYTES;
    public static final int NAMES_OFFSET = LINE_LENGTH;

    private CountersFileDescriptor() {}

    /** Behind the names of counters and histograms. */
    public static long valuesOffset(int counters, int histograms) {
        return NAMES_OFFSET + ((long) counters + histograms) * NAME_LENGTH;
    }

    /** Of a block with so many words: counters, and for each histogram its buckets and one more. */
    public static long blockLength(long words) {
        return alignToLine(words * Long.BYTES);
    }

    private static long alignToLine(long length) {
        return (length + LINE_LENGTH - 1) / LINE_LENGTH * LINE_LENGTH;
    }
}
