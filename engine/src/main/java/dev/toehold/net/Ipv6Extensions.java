package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Walks IPv6 extension headers to the transport header (RFC 8200 section 4), within a bound on their number and bytes such as
 * RFC 8504 section 5.3 allows a host.
 */
final class Ipv6Extensions {
    static final int MAX_HEADERS = 8;
    static final int MAX_BYTES = 512;

    private static final int UNIT = 8;
    private static final int OPTION_PAD1 = 0;

    /** The two highest bits of an option type say what a node does that does not know it (RFC 8200 section 4.2). */
    private static final int OPTION_ACTION_SKIP_LIMIT = 0x40;

    /** Discard and tell the source, in any case or unless it wrote to a group. */
    private static final int OPTION_ACTION_TELL = 2;

    private static final int OPTION_ACTION_TELL_UNICAST = 3;

    /** Codes of the ICMPv6 parameter problem: a wrong field, an unknown option. */
    private static final int ERRONEOUS_FIELD = 0;

    private static final int UNKNOWN_OPTION = 2;

    private static final int ROUTING_TYPE = 2;
    private static final int SEGMENTS_LEFT = 3;

    private Ipv6Extensions() {}

    static boolean isExtension(int protocol) {
        return switch (protocol) {
            case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.DESTINATION_OPTIONS -> true;
            default -> false;
        };
    }

    /**
     * Moves {@code packet}'s protocol, l4Offset and l4Length behind the extension headers.
     *
     * @return OTHER when the walk reached something that is no extension header, FRAGMENT6, or a drop reason
     */
    static int walk(MemorySegment memory, ParsedPacket packet) {
        int protocol = packet.protocol;
        long offset = packet.l4Offset;
        int remaining = packet.l4Length;
        int walked = 0;
        for (int count = 0; isExtension(protocol); count++) {
            if (count == MAX_HEADERS || remaining < UNIT) {
                return ParseResult.DROP_BAD_EXTENSION;
            }
            int nextHeader = Wire.u8(memory, offset);
            int length = UNIT;
            if (protocol == IpProtocol.FRAGMENT) {
                int fragment = Wire.u16(memory, offset + 2);
                // An atomic fragment is a whole packet (RFC 6946): it goes on as if the header were not there.
                if ((fragment & 0xFFF9) != 0) {
                    packet.identification = Wire.i32(memory, offset + 4);
                    packet.fragmentOffset = fragment & 0xFFF8;
                    packet.moreFragments = (fragment & 1) != 0;
                    packet.protocol = nextHeader;
                    packet.l4Offset = offset + UNIT;
                    packet.l4Length = remaining - UNIT;
                    return ParseResult.FRAGMENT6;
                }
            } else {
                length = (Wire.u8(memory, offset + 1) + 1) * UNIT;
                if (length > remaining || walked + length > MAX_BYTES) {
                    return ParseResult.DROP_BAD_EXTENSION;
                }
                if (!isAcceptable(memory, offset, length, protocol, count, packet)) {
                    return ParseResult.DROP_BAD_EXTENSION;
                }
            }
            packet.problemPointer = (int) (offset - packet.l3Offset);
            protocol = nextHeader;
            offset += length;
            remaining -= length;
            walked += length;
        }
        packet.protocol = protocol;
        packet.l4Offset = offset;
        packet.l4Length = remaining;
        return ParseResult.OTHER;
    }

    private static boolean isAcceptable(
            MemorySegment memory, long offset, int length, int protocol, int index, ParsedPacket packet) {
        if (protocol == IpProtocol.ROUTING) {
            // Segments left: the packet wants to travel on, and the engine is no router (RFC 8200 section 4.4, RFC
            // 5095).
            boolean isLast = Wire.u8(memory, offset + SEGMENTS_LEFT) == 0;
            return isLast || problem(packet, ERRONEOUS_FIELD, offset + ROUTING_TYPE);
        }
        // Hop-by-hop options come first or not at all (RFC 8200 section 4.1).
        return (protocol != IpProtocol.HOP_BY_HOP || index == 0)
                && areOptionsSkippable(memory, offset + 2, length - 2, packet);
    }

    private static boolean areOptionsSkippable(MemorySegment memory, long offset, int length, ParsedPacket packet) {
        int at = 0;
        while (at < length) {
            int type = Wire.u8(memory, offset + at);
            if (type == OPTION_PAD1) {
                at++;
                continue;
            }
            // PadN, router alert and every other option that may be skipped have the action bits clear.
            if (type >= OPTION_ACTION_SKIP_LIMIT) {
                return refuseOption(packet, type >>> 6, offset + at);
            }
            if (at + 1 >= length) {
                return false;
            }
            at += 2 + Wire.u8(memory, offset + at + 1);
        }
        return at == length;
    }

    private static boolean refuseOption(ParsedPacket packet, int action, long at) {
        boolean isGroup = IpAddress.isMulticast(packet.destinationHi, packet.destinationLo);
        return (action == OPTION_ACTION_TELL || (action == OPTION_ACTION_TELL_UNICAST && !isGroup))
                && problem(packet, UNKNOWN_OPTION, at);
    }

    /** Notes what the sender is to be told; false, for the packet is dropped. */
    private static boolean problem(ParsedPacket packet, int code, long at) {
        packet.problemCode = code;
        packet.problemPointer = (int) (at - packet.l3Offset);
        return false;
    }
}
