package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** ICMP and ICMPv6 errors about a received packet, of which they quote as much as fits (RFC 1812 section 4.3.2.3, RFC 4443 section 2.4 (c)). */
public final class IcmpErrorWriter {
    /** What everybody can reassemble. */
    private static final int MAX_IPV4_LENGTH = 576;

    private IcmpErrorWriter() {}

    /**
     * Writes an error frame back to the MAC address that the packet came from, from the address that it was for.
     *
     * @param quotedMemory holds the packet at its own offsets; not the frame that is written
     * @param word the four bytes behind the checksum: unused, or a pointer
     * @param capacity most bytes of the frame
     * @return bytes of the frame
     */
    public static int write(
            MemorySegment memory,
            long offset,
            MemorySegment quotedMemory,
            ParsedPacket quoted,
            long ownMac,
            int type,
            int code,
            int word,
            int hopLimit,
            int capacity) {
        boolean ipv4 = quoted.family == 4;
        long ownHi = quoted.destinationHi;
        long ownLo = quoted.destinationLo;
        long peerHi = quoted.sourceHi;
        long peerLo = quoted.sourceLo;
        int headers = Ethernet.HEADER_LENGTH + (ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH);
        int most = Math.min(capacity, Ethernet.HEADER_LENGTH + (ipv4 ? MAX_IPV4_LENGTH : Ipv6.MIN_MTU));
        int quotation = Math.min(quoted.l3Length, most - headers - Icmpv4.HEADER_LENGTH);
        int length = Icmpv4.HEADER_LENGTH + quotation;
        long l4 = offset + headers;
        Icmpv6.write(memory, l4, type, code, word);
        MemorySegment.copy(quotedMemory, quoted.l3Offset, memory, l4 + Icmpv4.HEADER_LENGTH, quotation);
        long l3 = Ethernet.write(
                memory, offset, quoted.sourceMac, ownMac, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        if (ipv4) {
            Ipv4.write(
                    memory,
                    l3,
                    0,
                    Ipv4.MIN_HEADER_LENGTH + length,
                    0,
                    Ipv4.DONT_FRAGMENT,
                    hopLimit,
                    IpProtocol.ICMPV4,
                    (int) ownLo,
                    (int) peerLo);
            Icmpv4.fillChecksum(memory, l4, length);
        } else {
            Ipv6.write(memory, l3, 0, 0, length, IpProtocol.ICMPV6, hopLimit, ownHi, ownLo, peerHi, peerLo);
            Icmpv6.fillChecksum(memory, l4, length, ownHi, ownLo, peerHi, peerLo);
        }
        return headers + length;
    }
}
