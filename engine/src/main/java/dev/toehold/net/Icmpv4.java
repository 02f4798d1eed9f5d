package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** ICMP header (RFC 792): type, code, checksum and four bytes that depend on the type. */
public final class Icmpv4 {
    public static final int HEADER_LENGTH = 8;

    public static final int ECHO_REPLY = 0;
    public static final int DESTINATION_UNREACHABLE = 3;
    public static final int SOURCE_QUENCH = 4;
    public static final int ECHO_REQUEST = 8;
    public static final int TIME_EXCEEDED = 11;
    public static final int PARAMETER_PROBLEM = 12;

    /** Code of DESTINATION_UNREACHABLE: fragmentation needed and DF set (RFC 1191). */
    public static final int FRAGMENTATION_NEEDED = 4;

    static final int CHECKSUM = 2;

    private static final int NEXT_HOP_MTU = 6;

    private Icmpv4() {}

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

    /** Next-hop MTU of FRAGMENTATION_NEEDED; 0 from a router older than RFC 1191. */
    public static int nextHopMtu(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + NEXT_HOP_MTU);
    }

    /** Sums a message of {@code length} bytes as it lies in {@code memory} and stores the checksum. */
    public static void fillChecksum(MemorySegment memory, long offset, int length) {
        Wire.put16(memory, offset + CHECKSUM, 0);
        Wire.put16(
                memory, offset + CHECKSUM, InternetChecksum.complement(InternetChecksum.sum(memory, offset, length)));
    }
}
