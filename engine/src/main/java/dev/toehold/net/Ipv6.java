package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * IPv6 fixed header (RFC 8200 section 3).
 *
 * <pre>
 *  |Version| Traffic Class |           Flow Label                  |   0
 *  |         Payload Length        |  Next Header  |   Hop Limit   |   4
 *  |                       Source Address (16)                     |   8
 *  |                    Destination Address (16)                   |  24
 * </pre>
 */
public final class Ipv6 {
    public static final int HEADER_LENGTH = 40;

    /** What every link carries unfragmented (RFC 8200 section 5). */
    public static final int MIN_MTU = 1280;

    private static final int PAYLOAD_LENGTH = 4;
    static final int NEXT_HEADER = 6;
    private static final int HOP_LIMIT = 7;
    private static final int SOURCE = 8;
    private static final int DESTINATION = 24;

    private Ipv6() {}

    public static int version(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset) >>> 4;
    }

    public static int trafficClass(MemorySegment memory, long offset) {
        return (Wire.u16(memory, offset) >>> 4) & 0xFF;
    }

    public static int flowLabel(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset) & 0xF_FFFF;
    }

    /** Bytes behind the fixed header, extension headers included. */
    public static int payloadLength(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + PAYLOAD_LENGTH);
    }

    public static int nextHeader(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + NEXT_HEADER);
    }

    public static int hopLimit(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + HOP_LIMIT);
    }

    public static long sourceHi(MemorySegment memory, long offset) {
        return Wire.i64(memory, offset + SOURCE);
    }

    public static long sourceLo(MemorySegment memory, long offset) {
        return Wire.i64(memory, offset + SOURCE + 8);
    }

    public static long destinationHi(MemorySegment memory, long offset) {
        return Wire.i64(memory, offset + DESTINATION);
    }

    public static long destinationLo(MemorySegment memory, long offset) {
        return Wire.i64(memory, offset + DESTINATION + 8);
    }

    /** Writes the fixed header and returns the offset behind it. {@code flowLabel} has 20 bits (RFC 6437). */
    public static long write(
            MemorySegment memory,
            long offset,
            int trafficClass,
            int flowLabel,
            int payloadLength,
            int nextHeader,
            int hopLimit,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo) {
        Wire.put32(memory, offset, (6 << 28) | (trafficClass << 20) | (flowLabel & 0xF_FFFF));
        Wire.put16(memory, offset + PAYLOAD_LENGTH, payloadLength);
        Wire.put16(memory, offset + NEXT_HEADER, (nextHeader << 8) | hopLimit);
        Wire.put64(memory, offset + SOURCE, sourceHi);
        Wire.put64(memory, offset + SOURCE + 8, sourceLo);
        Wire.put64(memory, offset + DESTINATION, destinationHi);
        Wire.put64(memory, offset + DESTINATION + 8, destinationLo);
        return offset + HEADER_LENGTH;
    }
}
