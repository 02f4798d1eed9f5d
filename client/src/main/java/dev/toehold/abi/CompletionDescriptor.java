package dev.toehold.abi;

/**
 * Layout of a completion, 64 bytes: what the engine answers.
 *
 * <pre>
 *   0  userData u64
 *   8  handle u64
 *  16  position u64     where the bytes begin in the stream
 *  24  result s32 | flags u16 | op u8 | zero u8
 *  32  buffer u32 | bufferOffset u32
 *  40  length u32 | more u32
 *  48  arg0 u64
 *  56  arg1 u64
 * </pre>
 *
 * RECEIVE and PROVIDED completions of a handle come in position order, SEND completions in position order; the two are
 * unordered to each other, and nothing is promised between handles.
 */
public final class CompletionDescriptor {
    public static final int USER_DATA_OFFSET = 0;
    public static final int HANDLE_OFFSET = USER_DATA_OFFSET + Long.BYTES;
    public static final int POSITION_OFFSET = HANDLE_OFFSET + Long.BYTES;
    public static final int RESULT_OFFSET = POSITION_OFFSET + Long.BYTES;
    public static final int FLAGS_OFFSET = RESULT_OFFSET + Integer.BYTES;
    public static final int OP_OFFSET = FLAGS_OFFSET + Short.BYTES;
    public static final int ZERO_OFFSET = OP_OFFSET + Byte.BYTES;
    public static final int BUFFER_OFFSET = ZERO_OFFSET + Byte.BYTES;
    public static final int BUFFER_OFFSET_OFFSET = BUFFER_OFFSET + Integer.BYTES;
    public static final int LENGTH_OFFSET = BUFFER_OFFSET_OFFSET + Integer.BYTES;
    public static final int MORE_OFFSET = LENGTH_OFFSET + Integer.BYTES;
    public static final int ARG0_OFFSET = MORE_OFFSET + Integer.BYTES;
    public static final int ARG1_OFFSET = ARG0_OFFSET + Long.BYTES;
    public static final int LENGTH = ARG1_OFFSET + Long.BYTES;

    private CompletionDescriptor() {}
}
