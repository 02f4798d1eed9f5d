package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * TCP header (RFC 9293 section 3.1).
 *
 * <pre>
 *  |          Source Port          |       Destination Port        |   0
 *  |                        Sequence Number                        |   4
 *  |                    Acknowledgment Number                      |   8
 *  | Offs  | Rsrvd |    Flags      |            Window             |  12
 *  |           Checksum            |         Urgent Pointer        |  16
 *  |                           Options                             |  20
 * </pre>
 */
public final class Tcp {
    public static final int MIN_HEADER_LENGTH = 20;
    public static final int MAX_HEADER_LENGTH = 60;
    public static final int MAX_OPTIONS_LENGTH = MAX_HEADER_LENGTH - MIN_HEADER_LENGTH;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    static final int CHECKSUM = 16;

    private static final int DESTINATION_PORT = 2;
    private static final int SEQUENCE = 4;
    private static final int ACKNOWLEDGMENT = 8;
    private static final int OFFSET_AND_FLAGS = 12;
    private static final int WINDOW = 14;
    private static final int URGENT_POINTER = 18;

    private Tcp() {}

    public static int sourcePort(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset);
    }

    public static int destinationPort(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + DESTINATION_PORT);
    }

    public static int seq(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + SEQUENCE);
    }

    public static int ack(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + ACKNOWLEDGMENT);
    }

    /** Data offset, reserved bits and flags as they stand: one read where both are wanted. */
    public static int offsetAndFlags(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + OFFSET_AND_FLAGS);
    }

    /** Bytes of header and options by the data offset, 0 to 60; a segment is malformed below 20 or beyond its own end. */
    public static int headerLength(MemorySegment memory, long offset) {
        return headerLength(offsetAndFlags(memory, offset));
    }

    public static int headerLength(int offsetAndFlags) {
        return (offsetAndFlags >>> 12) << 2;
    }

    /** The eight control bits; the reserved bits are ignored (RFC 9293 section 3.1). */
    public static int flags(MemorySegment memory, long offset) {
        return flags(offsetAndFlags(memory, offset));
    }

    public static int flags(int offsetAndFlags) {
        return offsetAndFlags & 0xFF;
    }

    /** The window field, unscaled. */
    public static int window(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + WINDOW);
    }

    public static int checksum(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + CHECKSUM);
    }

    public static int urgentPointer(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + URGENT_POINTER);
    }

    /**
     * Writes the fixed header with a zero checksum and returns the offset of the options.
     *
     * @param headerLength bytes of header and options, a multiple of four from 20 to 60
     * @param window the field as it goes out, already scaled
     */
    public static long write(
            MemorySegment memory,
            long offset,
            int sourcePort,
            int destinationPort,
            int seq,
            int ack,
            int headerLength,
            int flags,
            int window,
            int urgentPointer) {
        Wire.put32(memory, offset, (sourcePort << 16) | (destinationPort & 0xFFFF));
        Wire.put32(memory, offset + SEQUENCE, seq);
        Wire.put32(memory, offset + ACKNOWLEDGMENT, ack);
        Wire.put32(memory, offset + OFFSET_AND_FLAGS, (headerLength << 26) | (flags << 16) | (window & 0xFFFF));
        Wire.put32(memory, offset + CHECKSUM, urgentPointer & 0xFFFF);
        return offset + MIN_HEADER_LENGTH;
    }

    /**
     * Sums the segment as it lies in {@code memory} and stores the checksum.
     *
     * @param pseudoHeader from {@link InternetChecksum#pseudoHeader}, for the same {@code length}
     * @param length header, options and payload
     */
    public static void fillChecksum(MemorySegment memory, long offset, int length, int pseudoHeader) {
        Wire.put16(memory, offset + CHECKSUM, 0);
        int sum = InternetChecksum.sum(memory, offset, length) + pseudoHeader;
        Wire.put16(memory, offset + CHECKSUM, InternetChecksum.complement(sum));
    }

    /** Stores a checksum that the caller worked out, or the pseudo-header sum where the port completes it. */
    public static void putChecksum(MemorySegment memory, long offset, int checksum) {
        Wire.put16(memory, offset + CHECKSUM, checksum);
    }
}
