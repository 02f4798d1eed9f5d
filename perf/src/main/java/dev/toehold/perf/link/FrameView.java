package dev.toehold.perf.link;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The little that a link must know about what it carries. A frame that is too short for a question is answered with no. */
final class FrameView {
    static final int ETHERNET_HEADER_LENGTH = 14;

    private static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ETHERTYPE_OFFSET = 12;
    private static final int ETHERTYPE_IPV4 = 0x0800;
    private static final int ETHERTYPE_IPV6 = 0x86dd;
    private static final int IPV4_PROTOCOL_OFFSET = ETHERNET_HEADER_LENGTH + 9;
    private static final int IPV6_NEXT_HEADER_OFFSET = ETHERNET_HEADER_LENGTH + 6;
    private static final int IPV6_HEADER_LENGTH = 40;
    private static final int PROTOCOL_TCP = 6;
    private static final int TCP_FLAGS_OFFSET = 13;
    private static final int TCP_RST = 0x04;

    private FrameView() {}

    /** Offset of the TCP header of an unfragmented segment without IPv6 extension headers, or -1. */
    static int tcpOffset(MemorySegment memory, long offset, int length) {
        if (length < ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH) {
            return -1;
        }
        int ethertype = Short.toUnsignedInt(memory.get(U16, offset + ETHERTYPE_OFFSET));
        if (ethertype == ETHERTYPE_IPV4) {
            int headerLength = (memory.get(ValueLayout.JAVA_BYTE, offset + ETHERNET_HEADER_LENGTH) & 0xf) * 4;
            boolean isTcp = memory.get(ValueLayout.JAVA_BYTE, offset + IPV4_PROTOCOL_OFFSET) == PROTOCOL_TCP;
            return isTcp ? ETHERNET_HEADER_LENGTH + headerLength : -1;
        }
        if (ethertype == ETHERTYPE_IPV6) {
            boolean isTcp = memory.get(ValueLayout.JAVA_BYTE, offset + IPV6_NEXT_HEADER_OFFSET) == PROTOCOL_TCP;
            return isTcp ? ETHERNET_HEADER_LENGTH + IPV6_HEADER_LENGTH : -1;
        }
        return -1;
    }

    static boolean isReset(MemorySegment memory, long offset, int length, int tcpOffset) {
        int at = tcpOffset + TCP_FLAGS_OFFSET;
        return at < length && (memory.get(ValueLayout.JAVA_BYTE, offset + at) & TCP_RST) != 0;
    }

    static void invertBit(MemorySegment memory, long offset, long bit) {
        long at = offset + bit / Byte.SIZE;
        byte old = memory.get(ValueLayout.JAVA_BYTE, at);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) (old ^ 1 << bit % Byte.SIZE));
    }
}
