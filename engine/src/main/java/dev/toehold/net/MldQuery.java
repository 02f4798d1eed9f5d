package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** A multicast listener query, validated by RFC 3810 section 6.2 and read once into this reusable holder. */
public final class MldQuery {
    public static final int VERSION_1 = 1;
    public static final int VERSION_2 = 2;

    /** Hop limit other than 1, a source that is not link-local, or no router alert: it may come from beyond the link. */
    public static final int DROP_NOT_OF_LINK = -1;

    public static final int DROP_MALFORMED = -2;

    private static final int VERSION_1_LENGTH = 24;
    private static final int VERSION_2_LENGTH = 28;
    private static final int HOP_LIMIT = 1;
    private static final int MAX_RESPONSE_CODE = 4;
    private static final int GROUP = 8;
    private static final int OPTION_PAD1 = 0;

    /** Type, length and value of the router alert option for MLD (RFC 2711 section 2.1). */
    private static final int ROUTER_ALERT = 0x0502_0000;

    private int maxResponseDelayMs;
    private long groupHi;
    private long groupLo;

    /**
     * Reads the message of a packet that was parsed as ICMP6 with type MLD_QUERY and whose checksum is verified.
     *
     * @return {@link #VERSION_1}, {@link #VERSION_2} or a drop reason below 0
     */
    public int parse(MemorySegment memory, ParsedPacket packet) {
        if (packet.hopLimit != HOP_LIMIT
                || !IpAddress.isLinkLocal(packet.sourceHi, packet.sourceLo)
                || !hasRouterAlert(memory, packet)) {
            return DROP_NOT_OF_LINK;
        }
        int length = packet.l4Length;
        if (length != VERSION_1_LENGTH && length < VERSION_2_LENGTH) {
            return DROP_MALFORMED;
        }
        long at = packet.l4Offset;
        groupHi = Wire.i64(memory, at + GROUP);
        groupLo = Wire.i64(memory, at + GROUP + 8);
        if (!isGeneral() && !IpAddress.isMulticast(groupHi, groupLo)) {
            return DROP_MALFORMED;
        }
        int code = Wire.u16(memory, at + MAX_RESPONSE_CODE);
        boolean isFloating = length != VERSION_1_LENGTH && code >= 0x8000;
        // RFC 3810 section 5.1.3: above 32,767 three bits of exponent and twelve of mantissa.
        maxResponseDelayMs = isFloating ? ((code & 0xFFF) | 0x1000) << (((code >>> 12) & 7) + 3) : code;
        return length == VERSION_1_LENGTH ? VERSION_1 : VERSION_2;
    }

    /** The parser has seen that each option ends within its header. */
    private static boolean hasRouterAlert(MemorySegment memory, ParsedPacket packet) {
        long header = packet.l3Offset + Ipv6.HEADER_LENGTH;
        if (Ipv6.nextHeader(memory, packet.l3Offset) != IpProtocol.HOP_BY_HOP) {
            return false;
        }
        long end = header + (Wire.u8(memory, header + 1) + 1) * 8L;
        long at = header + 2;
        while (at + 4 <= end) {
            if (Wire.i32(memory, at) == ROUTER_ALERT) {
                return true;
            }
            at += Wire.u8(memory, at) == OPTION_PAD1 ? 1 : 2 + Wire.u8(memory, at + 1);
        }
        return false;
    }

    /** Whether it asks for all groups rather than for {@link #groupHi}, {@link #groupLo}. */
    public boolean isGeneral() {
        return IpAddress.isUnspecified(groupHi, groupLo);
    }

    public long groupHi() {
        return groupHi;
    }

    public long groupLo() {
        return groupLo;
    }

    /** Answers are to be spread over this time: 0 to 8,387,584 ms. */
    public int maxResponseDelayMs() {
        return maxResponseDelayMs;
    }
}
