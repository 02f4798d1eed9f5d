package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * An ICMP or ICMPv6 error about a TCP segment that we sent: what it says and the tuple and sequence number that it quotes, read
 * once into this reusable holder (RFC 9293 section 3.9.2.2).
 *
 * <p>Anybody can write such a message. It concerns a connection only if the quoted sequence number is of data sent and not
 * yet acknowledged (RFC 5927 section 4.1), which is for the connection's owner to check, as is that the quoted source is ours.
 */
public final class IcmpError {
    /** Not an error, or one about something else than a whole TCP segment. */
    public static final int NOT_TCP = 0;

    /** The path takes no more than {@link #mtu()}. */
    public static final int PACKET_TOO_BIG = 1;

    /** A condition that may pass; never a reason to abort (MUST-56). */
    public static final int SOFT = 2;

    /** A reason to give up an attempt to connect; RFC 5927 section 5.2 advises against more. */
    public static final int HARD = 3;

    public static final int DROP_CHECKSUM = -1;

    /** The quotation is shorter than an IP header and eight bytes of TCP, or no IP header. */
    public static final int DROP_MALFORMED = -2;

    /** Ports and sequence number: all of TCP that RFC 792 makes a router quote. */
    private static final int MIN_QUOTED_TCP = 8;

    private int type;
    private int code;
    private int mtu;
    private long localHi;
    private long localLo;
    private long remoteHi;
    private long remoteLo;
    private int localPort;
    private int remotePort;
    private int seq;

    /** Reads the message of a packet that was parsed as ICMP4 or ICMP6; returns one of the codes above. */
    public int parse(MemorySegment memory, ParsedPacket packet) {
        type = packet.icmpType;
        code = packet.icmpCode;
        mtu = 0;
        boolean ipv4 = packet.family == 4;
        int kind = ipv4 ? kindOfIcmpv4(type, code) : kindOfIcmpv6(type, code);
        if (kind == NOT_TCP) {
            return NOT_TCP;
        }
        int quotedLength = packet.l4Length - Icmpv4.HEADER_LENGTH;
        if (quotedLength < (ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH)) {
            return DROP_MALFORMED;
        }
        if (!InternetChecksum.isTransportValid(memory, packet, false)) {
            return DROP_CHECKSUM;
        }
        if (kind == PACKET_TOO_BIG) {
            long value = ipv4 ? Icmpv4.nextHopMtu(memory, packet.l4Offset) : Icmpv6.mtu(memory, packet.l4Offset);
            mtu = (int) Math.min(value, Integer.MAX_VALUE);
        }
        long quoted = packet.l4Offset + Icmpv4.HEADER_LENGTH;
        if (kind == PACKET_TOO_BIG && mtu == 0 && ipv4) {
            // RFC 1191 section 5: a router of old does not say; the quoted header tells what was too big.
            mtu = MtuPlateaus.below(Ipv4.totalLength(memory, quoted));
        }
        int outcome = ipv4 ? readIpv4(memory, quoted, quotedLength) : readIpv6(memory, quoted, quotedLength);
        return outcome == 1 ? kind : outcome;
    }

    private static int kindOfIcmpv4(int type, int code) {
        return switch (type) {
            case Icmpv4.DESTINATION_UNREACHABLE ->
                switch (code) {
                    case Icmpv4.FRAGMENTATION_NEEDED -> PACKET_TOO_BIG;
                    case 2, 3 -> HARD;
                    default -> SOFT;
                };
            case Icmpv4.TIME_EXCEEDED, Icmpv4.PARAMETER_PROBLEM -> SOFT;
            // Source quench is ignored altogether (MUST-55).
            default -> NOT_TCP;
        };
    }

    private static int kindOfIcmpv6(int type, int code) {
        return switch (type) {
            // Prohibited and port unreachable (RFC 5461 section 2.2); no route and the like may pass.
            case Icmpv6.DESTINATION_UNREACHABLE -> code == 1 || code == 4 ? HARD : SOFT;
            case Icmpv6.PACKET_TOO_BIG -> PACKET_TOO_BIG;
            case Icmpv6.TIME_EXCEEDED, Icmpv6.PARAMETER_PROBLEM -> SOFT;
            default -> NOT_TCP;
        };
    }

    /** 1 if a TCP segment was read, else NOT_TCP or a drop reason. Routers change the header: its checksum says nothing. */
    private int readIpv4(MemorySegment memory, long offset, int length) {
        int headerLength = Ipv4.headerLength(memory, offset);
        if (Ipv4.version(memory, offset) != 4
                || headerLength < Ipv4.MIN_HEADER_LENGTH
                || length < headerLength + MIN_QUOTED_TCP) {
            return DROP_MALFORMED;
        }
        if (Ipv4.protocol(memory, offset) != IpProtocol.TCP
                || (Ipv4.fragment(memory, offset) & Ipv4.FRAGMENT_OFFSET_MASK) != 0) {
            return NOT_TCP;
        }
        localHi = 0;
        localLo = IpAddress.mapped(Ipv4.source(memory, offset));
        remoteHi = 0;
        remoteLo = IpAddress.mapped(Ipv4.destination(memory, offset));
        readTcp(memory, offset + headerLength);
        return 1;
    }

    /** The engine sends no extension headers, so a quotation that has some is of no segment of ours. */
    private int readIpv6(MemorySegment memory, long offset, int length) {
        if (Ipv6.version(memory, offset) != 6) {
            return DROP_MALFORMED;
        }
        if (Ipv6.nextHeader(memory, offset) != IpProtocol.TCP) {
            return NOT_TCP;
        }
        if (length < Ipv6.HEADER_LENGTH + MIN_QUOTED_TCP) {
            return DROP_MALFORMED;
        }
        localHi = Ipv6.sourceHi(memory, offset);
        localLo = Ipv6.sourceLo(memory, offset);
        remoteHi = Ipv6.destinationHi(memory, offset);
        remoteLo = Ipv6.destinationLo(memory, offset);
        // An IPv4-mapped address in here would name an IPv4 connection by an ICMPv6 message.
        if (IpAddress.isIpv4(localHi, localLo) || IpAddress.isIpv4(remoteHi, remoteLo)) {
            return DROP_MALFORMED;
        }
        readTcp(memory, offset + Ipv6.HEADER_LENGTH);
        return 1;
    }

    private void readTcp(MemorySegment memory, long offset) {
        localPort = Tcp.sourcePort(memory, offset);
        remotePort = Tcp.destinationPort(memory, offset);
        seq = Tcp.seq(memory, offset);
    }

    public int type() {
        return type;
    }

    public int code() {
        return code;
    }

    /** With {@link #PACKET_TOO_BIG}: the MTU claimed, or the next plateau below the quoted packet where an old router left it out; otherwise 0. */
    public int mtu() {
        return mtu;
    }

    /** Source address of the quoted segment: ours, if the message is honest. */
    public long localHi() {
        return localHi;
    }

    public long localLo() {
        return localLo;
    }

    /** Destination address of the quoted segment. */
    public long remoteHi() {
        return remoteHi;
    }

    public long remoteLo() {
        return remoteLo;
    }

    public int localPort() {
        return localPort;
    }

    public int remotePort() {
        return remotePort;
    }

    /** Sequence number of the quoted segment. */
    public int seq() {
        return seq;
    }
}
