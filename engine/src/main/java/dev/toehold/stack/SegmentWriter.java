package dev.toehold.stack;

import dev.toehold.net.Ethernet;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpAddress;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import dev.toehold.net.Tcp;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.MemorySegment;

/**
 * Turns a {@link TxSegment} into a frame: Ethernet, IP and TCP headers around payload that already stands in its place.
 *
 * <p>IPv4 goes out with DF set, so that the path's MTU is learnt instead of worked around (RFC 1191), and a counter as its
 * identification, which means nothing for such a datagram (RFC 6864 section 4.1) but which some middleboxes look at.
 */
final class SegmentWriter {
    private final int hopLimit;
    private int identification;

    /** @param hopLimit or time to live of what is sent */
    SegmentWriter(int hopLimit) {
        this.hopLimit = hopLimit;
    }

    /** Bytes of all headers in front of the payload. */
    static int headersLength(boolean isIpv4, TxSegment segment) {
        return Ethernet.HEADER_LENGTH
                + (isIpv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH)
                + Tcp.MIN_HEADER_LENGTH
                + segment.optionsLength();
    }

    /**
     * Writes the headers of a frame that begins at {@code offset}; the payload stands {@link #headersLength} behind it.
     *
     * @param flowLabel for IPv6 (RFC 6437): the same for all segments of a connection, 0 = none
     * @param isChecksumOffloaded leave the un-complemented pseudo-header sum for the port to complete
     * @return bytes of the frame
     */
    int write(
            MemorySegment memory,
            long offset,
            long destinationMac,
            long sourceMac,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int localPort,
            int remotePort,
            int flowLabel,
            TxSegment segment,
            boolean isChecksumOffloaded) {
        boolean isIpv4 = IpAddress.isIpv4(localHigh, localLow);
        int tcpHeaderLength = Tcp.MIN_HEADER_LENGTH + segment.optionsLength();
        int tcpLength = tcpHeaderLength + segment.payloadLength;
        long at = Ethernet.write(
                memory, offset, destinationMac, sourceMac, isIpv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        if (isIpv4) {
            at = Ipv4.write(
                    memory,
                    at,
                    segment.trafficClass | segment.ecn,
                    Ipv4.MIN_HEADER_LENGTH + tcpLength,
                    identification++ & 0xFFFF,
                    Ipv4.DONT_FRAGMENT,
                    hopLimit,
                    IpProtocol.TCP,
                    (int) localLow,
                    (int) remoteLow);
        } else {
            at = Ipv6.write(
                    memory,
                    at,
                    segment.trafficClass | segment.ecn,
                    flowLabel,
                    tcpLength,
                    IpProtocol.TCP,
                    hopLimit,
                    localHigh,
                    localLow,
                    remoteHigh,
                    remoteLow);
        }
        long tcp = at;
        at = Tcp.write(
                memory,
                tcp,
                localPort,
                remotePort,
                segment.seq,
                segment.ack,
                tcpHeaderLength,
                segment.flags,
                segment.window,
                0);
        segment.writeOptions(memory, at);
        int pseudoHeader =
                InternetChecksum.pseudoHeader(localHigh, localLow, remoteHigh, remoteLow, IpProtocol.TCP, tcpLength);
        if (isChecksumOffloaded) {
            Tcp.putChecksum(memory, tcp, pseudoHeader);
        } else {
            Tcp.fillChecksum(memory, tcp, tcpLength, pseudoHeader);
        }
        return (int) (tcp - offset) + tcpLength;
    }
}
