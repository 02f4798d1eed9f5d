package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** ARP for IPv4 over Ethernet (RFC 826). IPv4 addresses are ints in network order. */
public final class Arp {
    public static final int LENGTH = 28;
    public static final int REQUEST = 1;
    public static final int REPLY = 2;

    /** Hardware type 1, protocol type IPv4, lengths 6 and 4: the first six bytes of each packet accepted here. */
    private static final int HARDWARE_AND_PROTOCOL = 0x0001_0800;

    private static final int LENGTHS = 0x0604;
    private static final int LENGTHS_OFFSET = 4;
    private static final int OPERATION = 6;
    private static final int SENDER_HARDWARE = 8;
    private static final int SENDER_PROTOCOL = 14;
    private static final int TARGET_HARDWARE = 18;
    private static final int TARGET_PROTOCOL = 24;

    private Arp() {}

    /** Whether a packet of {@code length} bytes at {@code offset} is ARP for IPv4 over Ethernet, a request or a reply. */
    public static boolean check(MemorySegment memory, long offset, long length) {
        if (length < LENGTH
                || Wire.i32(memory, offset) != HARDWARE_AND_PROTOCOL
                || Wire.u16(memory, offset + LENGTHS_OFFSET) != LENGTHS) {
            return false;
        }
        int operation = operation(memory, offset);
        return operation == REQUEST || operation == REPLY;
    }

    public static int operation(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + OPERATION);
    }

    public static long senderMac(MemorySegment memory, long offset) {
        return Wire.u48(memory, offset + SENDER_HARDWARE);
    }

    public static int senderAddress(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + SENDER_PROTOCOL);
    }

    public static long targetMac(MemorySegment memory, long offset) {
        return Wire.u48(memory, offset + TARGET_HARDWARE);
    }

    public static int targetAddress(MemorySegment memory, long offset) {
        return Wire.i32(memory, offset + TARGET_PROTOCOL);
    }

    /** Writes {@link #LENGTH} bytes and returns the offset behind them. */
    public static long write(
            MemorySegment memory,
            long offset,
            int operation,
            long senderMac,
            int senderAddress,
            long targetMac,
            int targetAddress) {
        Wire.put32(memory, offset, HARDWARE_AND_PROTOCOL);
        Wire.put16(memory, offset + LENGTHS_OFFSET, LENGTHS);
        Wire.put16(memory, offset + OPERATION, operation);
        Wire.put48(memory, offset + SENDER_HARDWARE, senderMac);
        Wire.put32(memory, offset + SENDER_PROTOCOL, senderAddress);
        Wire.put48(memory, offset + TARGET_HARDWARE, targetMac);
        Wire.put32(memory, offset + TARGET_PROTOCOL, targetAddress);
        return offset + LENGTH;
    }
}
