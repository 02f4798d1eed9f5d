package dev.toehold.net;

/**
 * What {@link PacketParser} read from one frame, each value once; reused for the next. It holds values and offsets, not the
 * memory: later readers pass the same segment again, with the offsets given here, which count from the segment's beginning.
 *
 * <p>Which fields hold follows from {@link #result()}: link fields always unless truncated before them; {@link #family()} 4 or 6
 * means that the IP fields hold (after a drop reason they may be incomplete); the TCP fields hold for TCP4 and TCP6, the ICMP
 * fields for ICMP4 and ICMP6, the fragment fields for FRAGMENT4 and FRAGMENT6. The other fields are left over from before.
 */
public final class ParsedPacket {
    int result;
    long frameOffset;
    int frameLength;
    long destinationMac;
    long sourceMac;
    int vlanTci;
    int etherType;
    long l3Offset;
    int family;
    int l3Length;
    long sourceHi;
    long sourceLo;
    long destinationHi;
    long destinationLo;
    int trafficClass;
    int hopLimit;
    int protocol;
    long l4Offset;
    int l4Length;
    int identification;
    int fragmentOffset;
    boolean moreFragments;
    int sourcePort;
    int destinationPort;
    int seq;
    int ack;
    int headerLength;
    int flags;
    int window;
    int urgentPointer;
    int icmpType;
    int icmpCode;
    int problemCode;
    int problemPointer;

    /** A code of {@link ParseResult}. */
    public int result() {
        return result;
    }

    public long frameOffset() {
        return frameOffset;
    }

    /** Bytes of the frame as received, padding included. */
    public int frameLength() {
        return frameLength;
    }

    public long destinationMac() {
        return destinationMac;
    }

    public long sourceMac() {
        return sourceMac;
    }

    /** Tag control information of an 802.1Q tag, 0 to 65,535, or -1 without a tag. */
    public int vlanTci() {
        return vlanTci;
    }

    /** EtherType, that behind the tag where there is one. */
    public int etherType() {
        return etherType;
    }

    /** Where the ARP packet or IP header begins. */
    public long l3Offset() {
        return l3Offset;
    }

    /** 4, 6, or 0 where no IP header was accepted. */
    public int family() {
        return family;
    }

    /** Bytes of the IP datagram by its own length field: header, extensions and payload, without padding. */
    public int l3Length() {
        return l3Length;
    }

    /** Upper half of the source address; zero for IPv4. */
    public long sourceHi() {
        return sourceHi;
    }

    /** Lower half of the source address; for IPv4 the mapped form, {@code 0x0000ffff} above the address. */
    public long sourceLo() {
        return sourceLo;
    }

    public long destinationHi() {
        return destinationHi;
    }

    public long destinationLo() {
        return destinationLo;
    }

    /** IPv4 TOS or IPv6 traffic class: six bits of DSCP and two of ECN. */
    public int trafficClass() {
        return trafficClass;
    }

    /** ECN codepoint (RFC 3168): 0 Not-ECT, 1 ECT(1), 2 ECT(0), 3 CE. */
    public int ecn() {
        return trafficClass & 3;
    }

    /** IPv4 TTL or IPv6 hop limit. */
    public int hopLimit() {
        return hopLimit;
    }

    /** A value of {@link IpProtocol}, for IPv6 that behind the extension headers. */
    public int protocol() {
        return protocol;
    }

    public long l4Offset() {
        return l4Offset;
    }

    /** Bytes of transport header and payload; for a fragment, of its part. */
    public int l4Length() {
        return l4Length;
    }

    /** IPv4 (16 bits) or IPv6 fragment header (32 bits) identification. */
    public int identification() {
        return identification;
    }

    /** Bytes of payload before this fragment's part, a multiple of 8. */
    public int fragmentOffset() {
        return fragmentOffset;
    }

    public boolean moreFragments() {
        return moreFragments;
    }

    public int sourcePort() {
        return sourcePort;
    }

    public int destinationPort() {
        return destinationPort;
    }

    /** SEG.SEQ. */
    public int seq() {
        return seq;
    }

    /** SEG.ACK; meaningless without {@link Tcp#ACK}. */
    public int ack() {
        return ack;
    }

    /** Control bits, values of {@link Tcp}. */
    public int flags() {
        return flags;
    }

    public boolean hasFlags(int all) {
        return (flags & all) == all;
    }

    /** SEG.WND as it stands in the header, unscaled. */
    public int window() {
        return window;
    }

    /** SEG.UP; meaningless without {@link Tcp#URG}. */
    public int urgentPointer() {
        return urgentPointer;
    }

    /** Where the TCP options begin. */
    public long optionsOffset() {
        return l4Offset + Tcp.MIN_HEADER_LENGTH;
    }

    /** Bytes of TCP options, 0 to 40. */
    public int optionsLength() {
        return headerLength - Tcp.MIN_HEADER_LENGTH;
    }

    /** Where the segment text of TCP begins. */
    public long payloadOffset() {
        return l4Offset + headerLength;
    }

    /** Bytes of segment text. SEG.LEN is this plus one each for SYN and FIN. */
    public int payloadLength() {
        return l4Length - headerLength;
    }

    /** SEG.LEN: segment text and the SYN and FIN that occupy sequence space. */
    public int segmentLength() {
        return payloadLength() + ((flags & Tcp.SYN) >>> 1) + (flags & Tcp.FIN);
    }

    public int icmpType() {
        return icmpType;
    }

    public int icmpCode() {
        return icmpCode;
    }

    /**
     * Of an IPv6 packet that was dropped for its extension headers: the code of the ICMPv6 parameter problem that its sender is to be told
     * (RFC 4443 section 3.4), or -1.
     */
    public int problemCode() {
        return problemCode;
    }

    /**
     * Where the problem lies, counted from {@link #l3Offset}; for an IPv6 packet without one, where the Next Header field stands that names
     * {@link #protocol}.
     */
    public int problemPointer() {
        return problemPointer;
    }

    /** For logs of the control path and tests; allocates. */
    @Override
    public String toString() {
        return family == 0
                ? "ParsedPacket[result=" + ParseResult.name(result) + " etherType=0x" + Integer.toHexString(etherType)
                        + ']'
                : "ParsedPacket[result=" + ParseResult.name(result)
                        + " source=" + IpAddress.format(sourceHi, sourceLo)
                        + " destination=" + IpAddress.format(destinationHi, destinationLo)
                        + " protocol=" + protocol
                        + " l4Length=" + l4Length + ']';
    }
}
