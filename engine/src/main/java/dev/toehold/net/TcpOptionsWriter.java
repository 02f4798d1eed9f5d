package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Writes TCP options one behind the other: each method takes the offset to write at and returns the offset behind. The
 * caller keeps to {@link Tcp#MAX_OPTIONS_LENGTH} and ends with {@link #pad}.
 */
public final class TcpOptionsWriter {
    private TcpOptionsWriter() {}

    public static long mss(MemorySegment memory, long at, int mss) {
        Wire.put32(memory, at, (TcpOptions.KIND_MSS << 24) | (TcpOptions.MSS_LENGTH << 16) | (mss & 0xFFFF));
        return at + TcpOptions.MSS_LENGTH;
    }

    /** A NOP and the shift count, four bytes. */
    public static long windowScale(MemorySegment memory, long at, int shift) {
        Wire.put32(
                memory,
                at,
                (TcpOptions.KIND_NOP << 24)
                        | (TcpOptions.KIND_WINDOW_SCALE << 16)
                        | (TcpOptions.WINDOW_SCALE_LENGTH << 8)
                        | shift);
        return at + 4;
    }

    /** Two bytes; in a SYN it goes in front of {@link #timestamps} in place of that one's NOPs. */
    public static long sackPermitted(MemorySegment memory, long at) {
        Wire.put16(memory, at, (TcpOptions.KIND_SACK_PERMITTED << 8) | TcpOptions.SACK_PERMITTED_LENGTH);
        return at + TcpOptions.SACK_PERMITTED_LENGTH;
    }

    /** Ten bytes, unaligned. */
    public static long timestamps(MemorySegment memory, long at, int tsVal, int tsEcr) {
        Wire.put16(memory, at, (TcpOptions.KIND_TIMESTAMPS << 8) | TcpOptions.TIMESTAMPS_LENGTH);
        Wire.put32(memory, at + 2, tsVal);
        Wire.put32(memory, at + 6, tsEcr);
        return at + TcpOptions.TIMESTAMPS_LENGTH;
    }

    /** Two NOPs and the timestamps, twelve bytes (RFC 7323 appendix A). */
    public static long alignedTimestamps(MemorySegment memory, long at, int tsVal, int tsEcr) {
        Wire.put32(memory, at, TcpOptions.ALIGNED_TIMESTAMPS);
        Wire.put32(memory, at + 4, tsVal);
        Wire.put32(memory, at + 8, tsEcr);
        return at + TcpOptions.ALIGNED_TIMESTAMPS_LENGTH;
    }

    /**
     * Two NOPs and the blocks, four bytes and eight a block (RFC 2018 section 3): at most three beside timestamps.
     *
     * @param edges left and right edge of each block in turn
     * @param blocks 1 to {@link TcpOptions#MAX_SACK_BLOCKS}
     */
    public static long sack(MemorySegment memory, long at, int[] edges, int blocks) {
        int length = 2 + blocks * TcpOptions.SACK_BLOCK_LENGTH;
        Wire.put32(memory, at, 0x0101_0000 | (TcpOptions.KIND_SACK << 8) | length);
        for (int i = 0; i < 2 * blocks; i++) {
            Wire.put32(memory, at + 4 + 4L * i, edges[i]);
        }
        return at + 2 + length;
    }

    /** Four bytes (RFC 5482); {@code value} as {@link TcpOptions#userTimeout()} gives it. */
    public static long userTimeout(MemorySegment memory, long at, int value) {
        Wire.put32(
                memory,
                at,
                (TcpOptions.KIND_USER_TIMEOUT << 24) | (TcpOptions.USER_TIMEOUT_LENGTH << 16) | (value & 0xFFFF));
        return at + TcpOptions.USER_TIMEOUT_LENGTH;
    }

    /** Fills up with end-of-list to a multiple of four bytes since {@code start} (RFC 9293 section 3.1, padding). */
    public static long pad(MemorySegment memory, long start, long at) {
        long end = at;
        while (((end - start) & 3) != 0) {
            Wire.put8(memory, end, TcpOptions.KIND_END);
            end++;
        }
        return end;
    }
}
