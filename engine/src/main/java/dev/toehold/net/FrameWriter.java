package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Whole ARP and echo reply frames. Each method returns the length of the frame, without padding to Ethernet's minimum: that is
 * the transmitter's part. Neighbour discovery is in {@link NdpWriter}, multicast listening in {@link MldWriter}; TCP segments are
 * made of {@link Ethernet}, {@link Ipv4} or {@link Ipv6}, {@link Tcp} and {@link TcpOptionsWriter}.
 */
public final class FrameWriter {
    public static final int ARP_LENGTH = Ethernet.HEADER_LENGTH + Arp.LENGTH;

    private static final int ECN_MASK = 3;

    private FrameWriter() {}

    /**
     * Who has {@code targetAddress}? With sender address 0 it is a probe, with the target's own an announcement (RFC 5227).
     *
     * @param destinationMac broadcast, or the neighbour's address to see whether it is still there (RFC 1122 section 2.3.2.1)
     */
    public static int arpRequest(
            MemorySegment memory, long offset, long destinationMac, long ownMac, int senderAddress, int targetAddress) {
        long l3 = Ethernet.write(memory, offset, destinationMac, ownMac, Ethernet.TYPE_ARP);
        Arp.write(memory, l3, Arp.REQUEST, ownMac, senderAddress, 0, targetAddress);
        return ARP_LENGTH;
    }

    /** {@code senderAddress} is at {@code ownMac}, to who asked. */
    public static int arpReply(
            MemorySegment memory, long offset, long ownMac, int senderAddress, long targetMac, int targetAddress) {
        long l3 = Ethernet.write(memory, offset, targetMac, ownMac, Ethernet.TYPE_ARP);
        Arp.write(memory, l3, Arp.REPLY, ownMac, senderAddress, targetMac, targetAddress);
        return ARP_LENGTH;
    }

    /** Bytes of the frame that {@link #echoReply} writes for a request. */
    public static int echoReplyLength(ParsedPacket request) {
        int link = Ethernet.HEADER_LENGTH + (request.vlanTci >= 0 ? Ethernet.VLAN_TAG_LENGTH : 0);
        int header = request.family == 4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH;
        return link + header + request.l4Length;
    }

    /**
     * Writes the reply to an echo request, ICMP or ICMPv6, back to the MAC address it came from. IP options and extension headers
     * are left out, padding cut off, an 802.1Q tag kept. The caller has verified type and checksum. Memory and offset may be the
     * request's own: then it turns into its reply where it lies.
     *
     * @param requestMemory holds the request at the packet's offsets
     * @param sourceHi and {@code sourceLo}: the address to answer from, the request's destination unless that was a group
     * @return bytes of the reply
     */
    public static int echoReply(
            MemorySegment memory,
            long offset,
            MemorySegment requestMemory,
            ParsedPacket request,
            long ownMac,
            long sourceHi,
            long sourceLo,
            int hopLimit) {
        int frameLength = echoReplyLength(request);
        return echoReply(memory, offset, requestMemory, request, ownMac, sourceHi, sourceLo, hopLimit, frameLength);
    }

    /**
     * The same, cut to {@code frameLength} bytes, at most {@link #echoReplyLength}: what RFC 1122 section 3.2.2.6 wants from an
     * IPv4 host that would have to fragment the reply. ICMPv6 allows no such thing.
     */
    public static int echoReply(
            MemorySegment memory,
            long offset,
            MemorySegment requestMemory,
            ParsedPacket request,
            long ownMac,
            long sourceHi,
            long sourceLo,
            int hopLimit,
            int frameLength) {
        boolean ipv4 = request.family == 4;
        int length = request.l4Length - (echoReplyLength(request) - frameLength);
        long l4 = offset + frameLength - length;
        int identification = ipv4 ? Ipv4.identification(requestMemory, request.l3Offset) : 0;
        MemorySegment.copy(requestMemory, request.l4Offset, memory, l4, length);
        long l3 = Ethernet.write(memory, offset, request.sourceMac, ownMac, request.vlanTci, request.etherType);
        int trafficClass = request.trafficClass & ~ECN_MASK;
        Wire.put16(memory, l4, (ipv4 ? Icmpv4.ECHO_REPLY : Icmpv6.ECHO_REPLY) << 8);
        if (ipv4) {
            Ipv4.write(
                    memory,
                    l3,
                    trafficClass,
                    Ipv4.MIN_HEADER_LENGTH + length,
                    identification,
                    0,
                    hopLimit,
                    IpProtocol.ICMPV4,
                    (int) sourceLo,
                    (int) request.sourceLo);
            Icmpv4.fillChecksum(memory, l4, length);
        } else {
            Ipv6.write(
                    memory,
                    l3,
                    trafficClass,
                    0,
                    length,
                    IpProtocol.ICMPV6,
                    hopLimit,
                    sourceHi,
                    sourceLo,
                    request.sourceHi,
                    request.sourceLo);
            Icmpv6.fillChecksum(memory, l4, length, sourceHi, sourceLo, request.sourceHi, request.sourceLo);
        }
        return frameLength;
    }
}
