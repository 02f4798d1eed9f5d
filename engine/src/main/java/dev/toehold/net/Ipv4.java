package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * IPv4 header (RFC 791). Options are stepped over, never acted upon: the engine forwards nothing, and RFC 7126 advises end
 * systems to ignore what the options ask for.
 *
 * <pre>
 *   0                   1                   2                   3
 *  |Version|  IHL  |      TOS      |          Total Length         |   0
 *  |         Identification        |Flags|      Fragment Offset    |   4
 *  |  Time to Live |    Protocol   |         Header Checksum       |   8
 *  |                       Source Address                          |  12
 *  |                    Destination Address                        |  16
 * </pre>
 */
public final class Ipv4 {
    public static final int MIN_HEADER_LENGTH = 20;

    /** In the flags and fragment field: don't fragment. */
    public static final int DONT_FRAGMENT = 0x4000;

    /** In the flags and fragment field: more fragments follow. */
    public static final int MORE_FRAGMENTS = 0x2000;

    /** In the flags and fragment field: the offset, in units of 8 bytes. */
    public static final int FRAGMENT_OFFSET_MASK = 0x1FFF;

    private static final int TOS = 1;
    private static final int TOTAL_LENGTH = 2;
    private static final int IDENTIFICATION = 4;
    private static final int FRAGMENT = 6;
    private static final int TTL = 8;
    private static final int PROTOCOL = 9;
    private static final int CHECKSUM = 10;
    private static final int SOURCE = 12;
    private static final int DESTINATION = 16;
    private static final int VERSION_IHL = 0x4500;

    private Ipv4() {}

    public static int version(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset) >>> 4;
    }

    /** Bytes of the header with its options, 0 to 60 as the field says; below 20 is malformed. */
    public static int headerLength(MemorySegment memory, long offset) {
        return (Wire.u8(memory, offset) & 0xF) << 2;
    }

    public static int tos(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + TOS);
    }

    public static int totalLength(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + TOTAL_LENGTH);
    }

    public static int identification(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + IDENTIFICATION);
    }

    /** Flags and fragment offset, to be tested with this class's masks. */
    public static int fragment(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + FRAGMENT);
    }

    public static int ttl(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + TTL);
    }

    public static int protocol(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + PROTOCOL);
    }

    public static int checksum(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + CHECKSUM);
    }

    public static int source(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + SOURCE);
    }

    public static int destination(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + DESTINATION);
    }

    /**
     * Writes a header without options, its checksum included, and returns the offset behind it.
     *
     * @param totalLength header and payload, 20 to 65,535 bytes
     * @param fragment {@link #DONT_FRAGMENT} for everything that TCP sends (RFC 1191, RFC 6864)
     */
    public static long write(
            MemorySegment memory,
            long offset,
            int tos,
            int totalLength,
            int identification,
            int fragment,
            int ttl,
            int protocol,
            int source,
            int destination) {
        Wire.put16(memory, offset, VERSION_IHL | tos);
        Wire.put16(memory, offset + TOTAL_LENGTH, totalLength);
        Wire.put16(memory, offset + IDENTIFICATION, identification);
        Wire.put16(memory, offset + FRAGMENT, fragment);
        Wire.put16(memory, offset + TTL, (ttl << 8) | protocol);
        Wire.put32(memory, offset + SOURCE, source);
        Wire.put32(memory, offset + DESTINATION, destination);
        // Summed from the values at hand: reading back just-written halves as words would stall on store forwarding.
        int sum = (VERSION_IHL | tos)
                + totalLength
                + (identification & 0xFFFF)
                + fragment
                + ((ttl << 8) | protocol)
                + (source >>> 16)
                + (source & 0xFFFF)
                + (destination >>> 16)
                + (destination & 0xFFFF);
        Wire.put16(memory, offset + CHECKSUM, InternetChecksum.complement(sum));
        return offset + MIN_HEADER_LENGTH;
    }
}
