package dev.toehold.abi;

/**
 * Layout of a submission, 64 bytes: what a client asks of the engine.
 *
 * <pre>
 *   0  op u8 | flags u8 | group u16 (zero) | minLength u32
 *   8  handle u64
 *  16  userData u64     comes back in the completion
 *  24  position u64     stream position; address bits 127..64 for LISTEN and CONNECT
 *  32  region u32 | length u32
 *  40  offset u64       within the region; address bits 63..0 for LISTEN and CONNECT
 *  48  arg u64
 *  56  zero u64
 * </pre>
 *
 * What each field means for an operation is said at {@link Op}. Per handle, submissions take effect in ring order.
 */
public final class SubmissionDescriptor {
    public static final int OP_OFFSET = 0;
    public static final int FLAGS_OFFSET = OP_OFFSET + Byte.BYTES;
    public static final int GROUP_OFFSET = FLAGS_OFFSET + Byte.BYTES;
    public static final int MIN_LENGTH_OFFSET = GROUP_OFFSET + Short.BYTES;
    public static final int HANDLE_OFFSET = MIN_LENGTH_OFFSET + Integer.BYTES;
    public static final int USER_DATA_OFFSET = HANDLE_OFFSET + Long.BYTES;
    public static final int POSITION_OFFSET = USER_DATA_OFFSET + Long.BYTES;
    public static final int REGION_OFFSET = POSITION_OFFSET + Long.BYTES;
    public static final int LENGTH_OFFSET = REGION_OFFSET + Integer.BYTES;
    public static final int OFFSET_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    public static final int ARG_OFFSET = OFFSET_OFFSET + Long.BYTES;
    public static final int ZERO_OFFSET = ARG_OFFSET + Long.BYTES;
    public static final int LENGTH = ZERO_OFFSET + Long.BYTES;

    private SubmissionDescriptor() {}
}
