package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the two sides agreed on in their handshake ({@code TCP_REPAIR_OPTIONS}).
 *
 * @param mssBytes largest segment that the peer takes, as it said in its SYN ({@code mss_clamp})
 * @param hasWindowScale whether both sides scale their windows
 * @param sndWscale shift of windows that the peer advertises, 0 to 14
 * @param rcvWscale shift of windows that this side advertises, 0 to 14
 */
public record TcpRepairOptions(
        int mssBytes, boolean hasWindowScale, int sndWscale, int rcvWscale, boolean hasSack, boolean hasTimestamps) {
    private static final int MAX_MSS = 65_535;
    private static final int MAX_SHIFT = 14;
    private static final int MAX_COUNT = 4;

    public TcpRepairOptions {
        Check.range("mssBytes", mssBytes, 1, MAX_MSS);
        Check.range("sndWscale", sndWscale, 0, hasWindowScale ? MAX_SHIFT : 0);
        Check.range("rcvWscale", rcvWscale, 0, hasWindowScale ? MAX_SHIFT : 0);
    }

    MemorySegment toNative(Arena arena) {
        MemorySegment options = arena.allocate(TcpRepairOptDescriptor.LAYOUT, MAX_COUNT);
        long length = put(options, 0, TcpH.TCPOPT_MAXSEG, mssBytes);
        if (hasWindowScale) {
            length = put(options, length, TcpH.TCPOPT_WINDOW, sndWscale | rcvWscale << Short.SIZE);
        }
        if (hasSack) {
            length = put(options, length, TcpH.TCPOPT_SACK_PERMITTED, 0);
        }
        if (hasTimestamps) {
            length = put(options, length, TcpH.TCPOPT_TIMESTAMP, 0);
        }
        return options.asSlice(0, length);
    }

    private static long put(MemorySegment options, long at, int code, int value) {
        options.set(JAVA_INT, at + TcpRepairOptDescriptor.CODE_OFFSET, code);
        options.set(JAVA_INT, at + TcpRepairOptDescriptor.VAL_OFFSET, value);
        return at + TcpRepairOptDescriptor.SIZE;
    }
}
