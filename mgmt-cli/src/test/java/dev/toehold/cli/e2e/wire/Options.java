package dev.toehold.cli.e2e.wire;

import java.nio.ByteBuffer;

/** The options of a segment that came, each at most once. */
final class Options {
    static final int END = 0;
    static final int NO_OPERATION = 1;
    static final int MSS = 2;
    static final int WINDOW_SCALE = 3;
    static final int SACK_PERMITTED = 4;
    static final int SACK = 5;
    static final int TIMESTAMPS = 8;

    private final int mss;
    private final int scale;
    private final boolean isSackPermitted;
    private final boolean hasTimestamps;
    private final int tsVal;
    private final int tsEcr;
    private final int[] sackBlocks;
    private final String violation;

    Options(
            int mss,
            int scale,
            boolean isSackPermitted,
            boolean hasTimestamps,
            int tsVal,
            int tsEcr,
            int[] sackBlocks,
            String violation) {
        this.mss = mss;
        this.scale = scale;
        this.isSackPermitted = isSackPermitted;
        this.hasTimestamps = hasTimestamps;
        this.tsVal = tsVal;
        this.tsEcr = tsEcr;
        this.sackBlocks = sackBlocks;
        this.violation = violation;
    }

    /** -1 if absent, as is {@code scale}. */
    int mss() {
        return mss;
    }

    int scale() {
        return scale;
    }

    boolean isSackPermitted() {
        return isSackPermitted;
    }

    boolean hasTimestamps() {
        return hasTimestamps;
    }

    int tsVal() {
        return tsVal;
    }

    int tsEcr() {
        return tsEcr;
    }

    /** Left and right edges in turn, in the order on the wire; null if absent. */
    int[] sackBlocks() {
        return sackBlocks;
    }

    /** What is wrong with them, or null. */
    String violation() {
        return violation;
    }

    static Options read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int mss = -1;
        int scale = -1;
        boolean isSackPermitted = false;
        boolean hasTimestamps = false;
        int tsVal = 0;
        int tsEcr = 0;
        int[] sackBlocks = null;
        String violation = null;
        long seen = 0;
        while (in.hasRemaining() && violation == null) {
            int kind = in.get() & 0xff;
            if (kind == NO_OPERATION) {
                continue;
            }
            if (kind == END) {
                violation = checkPadding(in);
                break;
            }
            int length = in.hasRemaining() ? in.get() & 0xff : 0;
            if (length < 2 || length - 2 > in.remaining()) {
                violation = "option " + kind + " of length " + length;
                break;
            }
            if (kind < Long.SIZE && (seen & (1L << kind)) != 0) {
                violation = "option " + kind + " twice";
            }
            seen |= kind < Long.SIZE ? 1L << kind : 0;
            ByteBuffer value = in.slice(in.position(), length - 2);
            in.position(in.position() + length - 2);
            if (!hasRightLength(kind, length)) {
                violation = "option " + kind + " of length " + length;
                break;
            }
            switch (kind) {
                case MSS -> mss = value.getShort() & 0xffff;
                case WINDOW_SCALE -> scale = value.get() & 0xff;
                case SACK_PERMITTED -> isSackPermitted = true;
                case TIMESTAMPS -> {
                    hasTimestamps = true;
                    tsVal = value.getInt();
                    tsEcr = value.getInt();
                }
                case SACK -> {
                    sackBlocks = new int[value.remaining() / Integer.BYTES];
                    value.asIntBuffer().get(sackBlocks);
                }
                default -> violation = "option " + kind + " that nobody asked for";
            }
        }
        return new Options(mss, scale, isSackPermitted, hasTimestamps, tsVal, tsEcr, sackBlocks, violation);
    }

    private static boolean hasRightLength(int kind, int length) {
        return switch (kind) {
            case MSS -> length == 4;
            case WINDOW_SCALE -> length == 3;
            case SACK_PERMITTED -> length == 2;
            case TIMESTAMPS -> length == 10;
            case SACK -> length >= 10 && length <= 34 && (length - 2) % 8 == 0;
            default -> true;
        };
    }

    private static String checkPadding(ByteBuffer in) {
        while (in.hasRemaining()) {
            if (in.get() != 0) {
                return "padding of the options is not zero (MUST-69)";
            }
        }
        return null;
    }
}
