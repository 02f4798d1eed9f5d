package dev.toehold.cli.e2e.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads the TCP segment of an IP packet, and says what no sender may do to its headers. */
final class SegmentReader {
    static final int TCP = 6;

    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int TCP_HEADER = 20;

    private SegmentReader() {}

    /**
     * Reads one.
     *
     * @param packet from the IP header on, with whatever padding the frame had
     * @return null if it has no TCP segment
     */
    static Segment read(byte[] packet, long timeNs) {
        return packet[0] >>> 4 == 4 ? readIpv4(packet, timeNs) : readIpv6(packet, timeNs);
    }

    private static Segment readIpv4(byte[] packet, long timeNs) {
        ByteBuffer ip = ByteBuffer.wrap(packet);
        if (packet.length < IPV4_HEADER || ip.get(9) != TCP) {
            return null;
        }
        int headerLength = (ip.get(0) & 0xf) * 4;
        int totalLength = ip.getShort(2) & 0xffff;
        int fragment = ip.getShort(6) & 0xffff;
        String violation = null;
        if (headerLength != IPV4_HEADER) {
            violation = "an IPv4 header of " + headerLength + " bytes";
        } else if (Checksum.of(packet, 0, headerLength) != 0) {
            violation = "IPv4 header checksum";
        } else if (totalLength > packet.length || totalLength < headerLength + TCP_HEADER) {
            return broken("IPv4 total length " + totalLength + " of " + packet.length);
        } else if ((fragment & 0xbfff) != 0) {
            violation = "fragment field " + Integer.toHexString(fragment);
        }
        return readTcp(
                packet,
                headerLength,
                totalLength,
                Arrays.copyOfRange(packet, 12, 16),
                Arrays.copyOfRange(packet, 16, 20),
                new Network(timeNs, ip.get(8) & 0xff, ip.get(1) & 3, (fragment & 0x4000) == 0, violation));
    }

    private static Segment readIpv6(byte[] packet, long timeNs) {
        ByteBuffer ip = ByteBuffer.wrap(packet);
        if (packet.length < IPV6_HEADER || ip.get(6) != TCP) {
            return null;
        }
        int end = IPV6_HEADER + (ip.getShort(4) & 0xffff);
        if (end > packet.length || end < IPV6_HEADER + TCP_HEADER) {
            return broken("IPv6 payload length " + (end - IPV6_HEADER) + " of " + packet.length);
        }
        return readTcp(
                packet,
                IPV6_HEADER,
                end,
                Arrays.copyOfRange(packet, 8, 24),
                Arrays.copyOfRange(packet, 24, 40),
                new Network(timeNs, ip.get(7) & 0xff, ((ip.get(1) & 0xff) >>> 4) & 3, false, null));
    }

    private record Network(long timeNs, int hop, int ecn, boolean isFragmentable, String violation) {}

    private static Segment readTcp(
            byte[] packet, int from, int to, byte[] source, byte[] destination, Network network) {
        ByteBuffer tcp = ByteBuffer.wrap(packet, from, to - from).slice();
        int headerLength = ((tcp.get(12) >>> 4) & 0xf) * 4;
        if (headerLength < TCP_HEADER || headerLength > to - from) {
            return broken("data offset of " + headerLength + " bytes");
        }
        int flags = tcp.get(13) & 0xff;
        int urgent = tcp.getShort(18) & 0xffff;
        int ack = tcp.getInt(8);
        byte[] optionBytes = Arrays.copyOfRange(packet, from + TCP_HEADER, from + headerLength);
        Options options = Options.read(optionBytes);
        String violation = network.violation;
        if (violation == null && Checksum.ofTransport(source, destination, TCP, packet, from, to) != 0) {
            violation = "TCP checksum (MUST-2)";
        } else if (violation == null && (tcp.get(12) & 0xf) != 0) {
            violation = "reserved bits are set (RFC 9293 section 3.1)";
        } else if (violation == null && ((flags & Segment.URG) != 0 || urgent != 0)) {
            violation = "urgent data that nobody sent";
        } else if (violation == null && (flags & Segment.ACK) == 0 && ack != 0) {
            violation = "an acknowledgment number without ACK";
        } else if (violation == null) {
            violation = options.violation();
        }
        return new Segment(
                network.timeNs,
                source,
                destination,
                network.hop,
                network.ecn,
                network.isFragmentable,
                tcp.getShort(0) & 0xffff,
                tcp.getShort(2) & 0xffff,
                tcp.getInt(4),
                ack,
                flags,
                tcp.getShort(14) & 0xffff,
                options,
                optionBytes,
                Arrays.copyOfRange(packet, from + headerLength, to),
                violation);
    }

    private static Segment broken(String violation) {
        throw new IllegalStateException("the engine sent a packet that cannot be read: " + violation);
    }
}
