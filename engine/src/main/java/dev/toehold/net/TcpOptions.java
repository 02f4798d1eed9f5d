package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * The options of one TCP segment, filled by one bounded pass and reused for the next (RFC 9293 section 3.2).
 *
 * <p>A value is meaningful only if its presence bit is set. All options are reported whatever the segment; the receiver of a
 * segment without SYN must not use maximum segment size, window scale or SACK-permitted (RFC 9293 section 3.7.1, RFC 7323
 * section 2.2, RFC 2018 section 2). Of an option that occurs twice the last counts.
 */
public final class TcpOptions {
    public static final int KIND_END = 0;
    public static final int KIND_NOP = 1;
    public static final int KIND_MSS = 2;
    public static final int KIND_WINDOW_SCALE = 3;
    public static final int KIND_SACK_PERMITTED = 4;
    public static final int KIND_SACK = 5;
    public static final int KIND_TIMESTAMPS = 8;
    public static final int KIND_USER_TIMEOUT = 28;

    public static final int HAS_MSS = 1;
    public static final int HAS_WINDOW_SCALE = 1 << 1;
    public static final int HAS_SACK_PERMITTED = 1 << 2;
    public static final int HAS_SACK = 1 << 3;
    public static final int HAS_TIMESTAMPS = 1 << 4;
    public static final int HAS_USER_TIMEOUT = 1 << 5;

    /** Parsed to the end. */
    public static final int OK = 0;

    /** A kind that needs a length is the last byte, or its length reaches beyond the options. */
    public static final int TRUNCATED = -1;

    /** A length below 2, or not the one that a known kind has. */
    public static final int BAD_LENGTH = -2;

    /** As many as fit 40 bytes of options. */
    public static final int MAX_SACK_BLOCKS = 4;

    /** The largest shift; a greater one on the wire counts as this (RFC 7323 section 2.3). */
    public static final int MAX_WINDOW_SCALE = 14;

    static final int MSS_LENGTH = 4;
    static final int WINDOW_SCALE_LENGTH = 3;
    static final int SACK_PERMITTED_LENGTH = 2;
    static final int SACK_BLOCK_LENGTH = 8;
    static final int TIMESTAMPS_LENGTH = 10;
    static final int USER_TIMEOUT_LENGTH = 4;

    /** NOP, NOP, timestamps: the layout of RFC 7323 appendix A, which nearly all segments of a connection carry. */
    static final int ALIGNED_TIMESTAMPS = 0x0101_080A;

    static final int ALIGNED_TIMESTAMPS_LENGTH = 12;

    private final int[] sackEdges = new int[2 * MAX_SACK_BLOCKS];
    private int present;
    private int mss;
    private int windowScale;
    private int sackBlockCount;
    private int tsVal;
    private int tsEcr;
    private int userTimeout;

    /** Forgets everything: the state after a segment without options. */
    public void clear() {
        present = 0;
        sackBlockCount = 0;
    }

    /** {@link #parse(MemorySegment, long, int)} of a packet that was parsed as TCP4 or TCP6. */
    public int parse(MemorySegment memory, ParsedPacket packet) {
        return parse(memory, packet.optionsOffset(), packet.optionsLength());
    }

    /**
     * Parses {@code length} bytes of options. After a bad one parsing stops; what came before it stays.
     *
     * @return {@link #OK}, {@link #TRUNCATED} or {@link #BAD_LENGTH}
     */
    public int parse(MemorySegment memory, long offset, int length) {
        clear();
        if (length == ALIGNED_TIMESTAMPS_LENGTH && Wire.i32(memory, offset) == ALIGNED_TIMESTAMPS) {
            readTimestamps(memory, offset + 4);
            return OK;
        }
        long at = offset;
        long end = offset + length;
        while (at < end) {
            int kind = Wire.u8(memory, at);
            if (kind == KIND_END) {
                return OK;
            }
            if (kind == KIND_NOP) {
                at++;
                continue;
            }
            if (at + 1 >= end) {
                return TRUNCATED;
            }
            int optionLength = Wire.u8(memory, at + 1);
            if (optionLength < 2) {
                return BAD_LENGTH;
            }
            if (at + optionLength > end) {
                return TRUNCATED;
            }
            if (!read(memory, at + 2, kind, optionLength)) {
                return BAD_LENGTH;
            }
            at += optionLength;
        }
        return OK;
    }

    /** Reads the value of one option; false if its kind has another length. An unknown kind is stepped over. */
    private boolean read(MemorySegment memory, long value, int kind, int length) {
        switch (kind) {
            case KIND_MSS -> {
                if (length != MSS_LENGTH) {
                    return false;
                }
                mss = Wire.u16(memory, value);
                present |= HAS_MSS;
            }
            case KIND_WINDOW_SCALE -> {
                if (length != WINDOW_SCALE_LENGTH) {
                    return false;
                }
                windowScale = Math.min(Wire.u8(memory, value), MAX_WINDOW_SCALE);
                present |= HAS_WINDOW_SCALE;
            }
            case KIND_SACK_PERMITTED -> {
                if (length != SACK_PERMITTED_LENGTH) {
                    return false;
                }
                present |= HAS_SACK_PERMITTED;
            }
            case KIND_SACK -> {
                return readSack(memory, value, length - 2);
            }
            case KIND_TIMESTAMPS -> {
                if (length != TIMESTAMPS_LENGTH) {
                    return false;
                }
                readTimestamps(memory, value);
            }
            case KIND_USER_TIMEOUT -> {
                if (length != USER_TIMEOUT_LENGTH) {
                    return false;
                }
                userTimeout = Wire.u16(memory, value);
                present |= HAS_USER_TIMEOUT;
            }
            default -> {
                return true;
            }
        }
        return true;
    }

    private boolean readSack(MemorySegment memory, long value, int bytes) {
        int blocks = bytes / SACK_BLOCK_LENGTH;
        if (bytes == 0 || bytes % SACK_BLOCK_LENGTH != 0 || blocks > MAX_SACK_BLOCKS) {
            return false;
        }
        for (int i = 0; i < 2 * blocks; i++) {
            sackEdges[i] = Wire.i32(memory, value + 4L * i);
        }
        sackBlockCount = blocks;
        present |= HAS_SACK;
        return true;
    }

    private void readTimestamps(MemorySegment memory, long value) {
        tsVal = Wire.i32(memory, value);
        tsEcr = Wire.i32(memory, value + 4);
        present |= HAS_TIMESTAMPS;
    }

    /** Presence bits, values {@code HAS_*}. */
    public int present() {
        return present;
    }

    public boolean has(int bits) {
        return (present & bits) == bits;
    }

    public boolean hasTimestamps() {
        return (present & HAS_TIMESTAMPS) != 0;
    }

    /** Maximum segment size, 0 to 65,535 bytes: what the peer wrote, sensible or not. */
    public int mss() {
        return mss;
    }

    /** Shift count, 0 to {@link #MAX_WINDOW_SCALE}. */
    public int windowScale() {
        return windowScale;
    }

    /** 0 to {@link #MAX_SACK_BLOCKS}. */
    public int sackBlockCount() {
        return sackBlockCount;
    }

    /** First sequence number of a block. Edges come as the peer wrote them: unordered, overlapping or senseless. */
    public int sackLeftEdge(int block) {
        return sackEdges[2 * block];
    }

    /** The sequence number behind the last one of a block. */
    public int sackRightEdge(int block) {
        return sackEdges[2 * block + 1];
    }

    public int tsVal() {
        return tsVal;
    }

    public int tsEcr() {
        return tsEcr;
    }

    /** User timeout (RFC 5482): granularity bit (minutes rather than seconds) in bit 15, 15 bits of time below. */
    public int userTimeout() {
        return userTimeout;
    }

    /** The user timeout in seconds. */
    public int userTimeoutSeconds() {
        int time = userTimeout & 0x7FFF;
        return (userTimeout & 0x8000) == 0 ? time : time * 60;
    }
}
