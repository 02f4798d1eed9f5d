package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Reads a frame's headers once, checks them and leaves what the stack needs in a {@link ParsedPacket}. After a result without
 * drop reason no view of the same frame, at the offsets of that packet, can leave the frame.
 *
 * <p>Lengths, the IPv4 header checksum, addresses that no packet may carry, extension headers and TCP's data offset are
 * checked here. Transport checksums are not ({@link InternetChecksum#isTransportValid}): a port may have verified them, and
 * most packets for others need no verdict.
 *
 * <p>Headers are read as a few 64-bit words and taken apart by shifts rather than by the views' accessors: each access to a
 * segment brings its own bounds check, and with one a field the parser outgrows what C2 compiles into one piece.
 */
public final class PacketParser {
    /** Flag: the port has verified the IPv4 header checksum. */
    public static final int IPV4_CHECKSUM_VERIFIED = 1;

    /** The shortest message of either ICMP: RFC 792, RFC 4443 section 2.1 and the messages defined so far. */
    private static final int ICMP_MIN_LENGTH = 8;

    private PacketParser() {}

    /** {@link #parse(MemorySegment, long, int, int, ParsedPacket)} of a frame at the beginning of its segment. */
    public static int parse(MemorySegment frame, int length, ParsedPacket packet) {
        return parse(frame, 0, length, 0, packet);
    }

    /**
     * Parses one frame that lies contiguously in memory.
     *
     * @param length bytes received, from 0; a frame in several buffers is given by its first, and is DROP_TRUNCATED when
     *     its IP datagram does not end there
     * @param flags 0 or {@link #IPV4_CHECKSUM_VERIFIED}
     * @return a code of {@link ParseResult}, also left in {@code packet}
     */
    public static int parse(MemorySegment memory, long frameOffset, int length, int flags, ParsedPacket packet) {
        packet.frameOffset = frameOffset;
        packet.frameLength = length;
        packet.family = 0;
        int result = parseEthernet(memory, frameOffset, length, flags, packet);
        packet.result = result;
        return result;
    }

    private static int parseEthernet(
            MemorySegment memory, long frameOffset, int length, int flags, ParsedPacket packet) {
        if (length < Ethernet.HEADER_LENGTH || frameOffset < 0 || memory.byteSize() - frameOffset < length) {
            return ParseResult.DROP_TRUNCATED;
        }
        long sourceAndType = Wire.i64(memory, frameOffset + 6);
        packet.destinationMac = Wire.i64(memory, frameOffset) >>> 16;
        packet.sourceMac = sourceAndType >>> 16;
        packet.vlanTci = -1;
        int etherType = (int) sourceAndType & 0xFFFF;
        int linkLength = Ethernet.HEADER_LENGTH;
        if (etherType == Ethernet.TYPE_VLAN) {
            if (length < linkLength + Ethernet.VLAN_TAG_LENGTH) {
                return ParseResult.DROP_TRUNCATED;
            }
            packet.vlanTci = Wire.u16(memory, frameOffset + linkLength);
            etherType = Wire.u16(memory, frameOffset + linkLength + 2);
            linkLength += Ethernet.VLAN_TAG_LENGTH;
        }
        packet.etherType = etherType;
        packet.l3Offset = frameOffset + linkLength;
        int available = length - linkLength;
        return switch (etherType) {
            case Ethernet.TYPE_IPV4 -> parseIpv4(memory, packet.l3Offset, available, flags, packet);
            case Ethernet.TYPE_IPV6 -> parseIpv6(memory, packet.l3Offset, available, packet);
            case Ethernet.TYPE_ARP -> parseArp(memory, packet.l3Offset, available);
            default -> ParseResult.OTHER;
        };
    }

    private static int parseArp(MemorySegment memory, long offset, int available) {
        if (available < Arp.LENGTH) {
            return ParseResult.DROP_TRUNCATED;
        }
        return Arp.check(memory, offset, available) ? ParseResult.ARP : ParseResult.DROP_BAD_ARP;
    }

    private static int parseIpv4(MemorySegment memory, long offset, int available, int flags, ParsedPacket packet) {
        if (available < Ipv4.MIN_HEADER_LENGTH) {
            return ParseResult.DROP_TRUNCATED;
        }
        // Version, IHL, TOS, total length, identification, flags and fragment offset.
        long first = Wire.i64(memory, offset);
        // TTL, protocol, checksum, source.
        long second = Wire.i64(memory, offset + 8);
        int destination = Wire.i32(memory, offset + 16);
        int headerLength = (int) (first >>> 54) & 0x3C;
        int totalLength = (int) (first >>> 32) & 0xFFFF;
        if (first >>> 60 != 4 || headerLength < Ipv4.MIN_HEADER_LENGTH || totalLength < headerLength) {
            return ParseResult.DROP_BAD_IP_HEADER;
        }
        // Longer than the total length is link-layer padding; shorter and something cut the datagram.
        if (totalLength > available) {
            return ParseResult.DROP_TRUNCATED;
        }
        packet.trafficClass = (int) (first >>> 48) & 0xFF;
        packet.hopLimit = (int) (second >>> 56);
        packet.protocol = (int) (second >>> 48) & 0xFF;
        packet.sourceLo = IpAddress.mapped((int) second);
        packet.destinationLo = IpAddress.mapped(destination);
        packet.sourceHi = 0;
        packet.destinationHi = 0;
        packet.l3Length = totalLength;
        packet.l4Offset = offset + headerLength;
        packet.l4Length = totalLength - headerLength;
        if ((flags & IPV4_CHECKSUM_VERIFIED) == 0) {
            int optionsSum = headerLength == Ipv4.MIN_HEADER_LENGTH
                    ? 0
                    : InternetChecksum.sum(
                            memory, offset + Ipv4.MIN_HEADER_LENGTH, headerLength - Ipv4.MIN_HEADER_LENGTH);
            if (!InternetChecksum.isIpv4HeaderValid(first, second, destination, optionsSum)) {
                return ParseResult.DROP_BAD_IP_CHECKSUM;
            }
        }
        packet.family = 4;
        if (!isAllowedIpv4Source((int) second) || destination >>> 24 == 127) {
            return ParseResult.DROP_BAD_ADDRESS;
        }
        int fragment = (int) first & (Ipv4.MORE_FRAGMENTS | Ipv4.FRAGMENT_OFFSET_MASK);
        if (fragment != 0) {
            packet.identification = (int) (first >>> 16) & 0xFFFF;
            packet.fragmentOffset = (fragment & Ipv4.FRAGMENT_OFFSET_MASK) << 3;
            packet.moreFragments = (fragment & Ipv4.MORE_FRAGMENTS) != 0;
            return ParseResult.FRAGMENT4;
        }
        return switch (packet.protocol) {
            case IpProtocol.TCP -> parseTcp(memory, packet);
            case IpProtocol.ICMPV4 -> parseIcmp(memory, packet, ParseResult.ICMP4);
            default -> ParseResult.OTHER;
        };
    }

    private static int parseIpv6(MemorySegment memory, long offset, int available, ParsedPacket packet) {
        if (available < Ipv6.HEADER_LENGTH) {
            return ParseResult.DROP_TRUNCATED;
        }
        // Version, traffic class, flow label, payload length, next header, hop limit.
        long first = Wire.i64(memory, offset);
        if (first >>> 60 != 6) {
            return ParseResult.DROP_BAD_IP_HEADER;
        }
        int payloadLength = (int) (first >>> 16) & 0xFFFF;
        if (payloadLength > available - Ipv6.HEADER_LENGTH) {
            return ParseResult.DROP_TRUNCATED;
        }
        packet.family = 6;
        packet.problemCode = -1;
        packet.problemPointer = Ipv6.NEXT_HEADER;
        packet.l3Length = Ipv6.HEADER_LENGTH + payloadLength;
        packet.sourceHi = Ipv6.sourceHi(memory, offset);
        packet.sourceLo = Ipv6.sourceLo(memory, offset);
        packet.destinationHi = Ipv6.destinationHi(memory, offset);
        packet.destinationLo = Ipv6.destinationLo(memory, offset);
        packet.trafficClass = (int) (first >>> 52) & 0xFF;
        packet.hopLimit = (int) first & 0xFF;
        packet.protocol = (int) (first >>> 8) & 0xFF;
        packet.l4Offset = offset + Ipv6.HEADER_LENGTH;
        packet.l4Length = payloadLength;
        if (!isAllowedIpv6(packet)) {
            return ParseResult.DROP_BAD_ADDRESS;
        }
        if (Ipv6Extensions.isExtension(packet.protocol)) {
            int result = Ipv6Extensions.walk(memory, packet);
            if (result != ParseResult.OTHER) {
                return result;
            }
        }
        return switch (packet.protocol) {
            case IpProtocol.TCP -> parseTcp(memory, packet);
            case IpProtocol.ICMPV6 -> parseIcmp(memory, packet, ParseResult.ICMP6);
            default -> ParseResult.OTHER;
        };
    }

    private static int parseTcp(MemorySegment memory, ParsedPacket packet) {
        if (packet.l4Length < Tcp.MIN_HEADER_LENGTH) {
            return ParseResult.DROP_BAD_L4_LENGTH;
        }
        long offset = packet.l4Offset;
        long portsAndSeq = Wire.i64(memory, offset);
        // Acknowledgment number, data offset and flags, window.
        long second = Wire.i64(memory, offset + 8);
        int offsetAndFlags = (int) second >>> 16;
        int headerLength = Tcp.headerLength(offsetAndFlags);
        if (headerLength < Tcp.MIN_HEADER_LENGTH || headerLength > packet.l4Length) {
            return ParseResult.DROP_BAD_TCP_OFFSET;
        }
        // TCP is between two hosts (RFC 9293 section 3.9.2.3, MUST-57 and MUST-63). The broadcast addresses of the
        // interface's own networks are known to the stack only.
        if (IpAddress.isMulticast(packet.destinationHi, packet.destinationLo)
                || IpAddress.isUnspecified(packet.sourceHi, packet.sourceLo)) {
            return ParseResult.DROP_BAD_ADDRESS;
        }
        packet.headerLength = headerLength;
        packet.flags = Tcp.flags(offsetAndFlags);
        packet.sourcePort = (int) (portsAndSeq >>> 48);
        packet.destinationPort = (int) (portsAndSeq >>> 32) & 0xFFFF;
        packet.seq = (int) portsAndSeq;
        packet.ack = (int) (second >>> 32);
        packet.window = (int) second & 0xFFFF;
        packet.urgentPointer = Tcp.urgentPointer(memory, offset);
        return packet.family == 4 ? ParseResult.TCP4 : ParseResult.TCP6;
    }

    private static int parseIcmp(MemorySegment memory, ParsedPacket packet, int result) {
        if (packet.l4Length < ICMP_MIN_LENGTH) {
            return ParseResult.DROP_BAD_L4_LENGTH;
        }
        packet.icmpType = Wire.u8(memory, packet.l4Offset);
        packet.icmpCode = Wire.u8(memory, packet.l4Offset + 1);
        return result;
    }

    /** Neither loopback, multicast nor class E with the limited broadcast in it; 0.0.0.0 is DHCP's (RFC 1122 3.2.1.3). */
    private static boolean isAllowedIpv4Source(int source) {
        int first = source >>> 24;
        return first != 127 && first < 224;
    }

    /**
     * No multicast source, no loopback address, and no IPv4-mapped address: on the wire that would make an IPv6 packet pass for
     * one of an IPv4 connection (RFC 4942 section 2.2).
     */
    private static boolean isAllowedIpv6(ParsedPacket packet) {
        return (packet.sourceHi >>> 56) != 0xFF
                && (packet.sourceHi != 0 || !isReserved(packet.sourceLo))
                && (packet.destinationHi != 0 || !isReserved(packet.destinationLo));
    }

    private static boolean isReserved(long lo) {
        return lo == 1 || IpAddress.isIpv4(0, lo);
    }
}
