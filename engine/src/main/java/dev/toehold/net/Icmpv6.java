package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** ICMPv6 header (RFC 4443 section 2.1): type, code, checksum; types below 128 are errors. */
public final class Icmpv6 {
    /** Type, code, checksum, and the four bytes that all messages handled here have behind them. */
    public static final int HEADER_LENGTH = 8;

    public static final int DESTINATION_UNREACHABLE = 1;
    public static final int PACKET_TOO_BIG = 2;
    public static final int TIME_EXCEEDED = 3;
    public static final int PARAMETER_PROBLEM = 4;
    public static final int ECHO_REQUEST = 128;
    public static final int ECHO_REPLY = 129;
    public static final int MLD_QUERY = 130;
    public static final int MLDV1_REPORT = 131;
    public static final int ROUTER_SOLICITATION = 133;
    public static final int ROUTER_ADVERTISEMENT = 134;
    public static final int NEIGHBOR_SOLICITATION = 135;
    public static final int NEIGHBOR_ADVERTISEMENT = 136;
    public static final int MLDV2_REPORT = 143;

    static final int CHECKSUM = 2;

    private Icmpv6() {}

    public static int type(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset);
    }

    public static int code(MemorySegment memory, long offset) {
        return Wire.u8(memory, offset + 1);
    }

    public static int checksum(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + CHECKSUM);
    }

    /** Identifier and sequence number of an echo message, as they stand. */
    public static int echoIdentity(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + 4);
    }

    /** MTU of PACKET_TOO_BIG, unsigned. */
    public static long mtu(MemorySegment memory, long offset) {
        return Wire.u32(memory, offset + 4);
    }

    /** Writes type and code with a zero checksum and the four bytes behind them; returns the offset of the body. */
    static long write(MemorySegment memory, long offset, int type, int code, int word) {
        Wire.put32(memory, offset, (type << 24) | (code << 16));
        Wire.put32(memory, offset + 4, word);
        return offset + HEADER_LENGTH;
    }

    /** Sums a message of {@code length} bytes with its pseudo-header and stores the checksum. */
    public static void fillChecksum(
            MemorySegment memory,
            long offset,
            int length,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo) {
        Wire.put16(memory, offset + CHECKSUM, 0);
        int sum = InternetChecksum.sum(memory, offset, length)
                + InternetChecksum.pseudoHeader(
                        sourceHi, sourceLo, destinationHi, destinationLo, IpProtocol.ICMPV6, length);
        Wire.put16(memory, offset + CHECKSUM, InternetChecksum.complement(sum));
    }
}
