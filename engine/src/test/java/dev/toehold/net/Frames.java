package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/** Valid frames for tests, each in memory of its own length. */
final class Frames {
    static final long MAC_A = MacAddress.parse("02:00:00:00:00:0a");
    static final long MAC_B = MacAddress.parse("02:00:00:00:00:0b");
    static final IpAddress A4 = IpAddress.parse("10.0.0.1");
    static final IpAddress B4 = IpAddress.parse("10.0.0.2");
    static final IpAddress A6 = IpAddress.parse("fd00::1");
    static final IpAddress B6 = IpAddress.parse("fd00::2");
    static final int SEQ = 0xDEADBEEF;
    static final int ACK = 0x01020304;
    static final int WINDOW = 0xFEDC;

    private Frames() {}

    /** A TCP segment from A to B with timestamps and {@code text} bytes of text, PSH and ACK set. */
    static MemorySegment tcp(boolean ipv4, int text) {
        IpAddress source = ipv4 ? A4 : A6;
        IpAddress destination = ipv4 ? B4 : B6;
        int headerLength = Tcp.MIN_HEADER_LENGTH + 12;
        int l4Length = headerLength + text;
        long l3 = Ethernet.HEADER_LENGTH;
        MemorySegment frame = Memory.allocate(l3 + (ipv4 ? 20 : 40) + l4Length);
        ethernet(frame, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        long l4 = ip(frame, l3, source, destination, IpProtocol.TCP, l4Length, 64);
        long options = Tcp.write(frame, l4, 40000, 80, SEQ, ACK, headerLength, Tcp.PSH | Tcp.ACK, WINDOW, 0);
        long at = TcpOptionsWriter.alignedTimestamps(frame, options, 0x11223344, 0x55667788);
        for (int i = 0; i < text; i++) {
            Wire.put8(frame, at + i, i * 7);
        }
        Tcp.fillChecksum(frame, l4, l4Length, pseudo(source, destination, IpProtocol.TCP, l4Length));
        return frame;
    }

    /** An echo request from A to B with {@code data} bytes. */
    static MemorySegment echo(boolean ipv4, int data) {
        int l4Length = Icmpv4.HEADER_LENGTH + data;
        long l3 = Ethernet.HEADER_LENGTH;
        MemorySegment frame = Memory.allocate(l3 + (ipv4 ? 20 : 40) + l4Length);
        ethernet(frame, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        int protocol = ipv4 ? IpProtocol.ICMPV4 : IpProtocol.ICMPV6;
        long l4 = ip(frame, l3, ipv4 ? A4 : A6, ipv4 ? B4 : B6, protocol, l4Length, 64);
        Icmpv6.write(frame, l4, ipv4 ? Icmpv4.ECHO_REQUEST : Icmpv6.ECHO_REQUEST, 0, 0x1234_0001);
        for (int i = 0; i < data; i++) {
            Wire.put8(frame, l4 + Icmpv4.HEADER_LENGTH + i, i);
        }
        fillIcmp(frame, l4, l4Length, ipv4);
        return frame;
    }

    /** An ICMP error from A to B that quotes the first {@code quoted} bytes of what B sent: a TCP segment to A. */
    static MemorySegment icmpError(boolean ipv4, int type, int code, int word, int quoted) {
        int l4Length = Icmpv4.HEADER_LENGTH + quoted;
        long l3 = Ethernet.HEADER_LENGTH;
        MemorySegment frame = Memory.allocate(l3 + (ipv4 ? 20 : 40) + l4Length);
        ethernet(frame, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        int protocol = ipv4 ? IpProtocol.ICMPV4 : IpProtocol.ICMPV6;
        long l4 = ip(frame, l3, ipv4 ? A4 : A6, ipv4 ? B4 : B6, protocol, l4Length, 64);
        long body = Icmpv6.write(frame, l4, type, code, word);
        MemorySegment segment = Memory.allocate(200);
        long tcp = ip(segment, 0, ipv4 ? B4 : B6, ipv4 ? A4 : A6, IpProtocol.TCP, 120, 1);
        Tcp.write(segment, tcp, 80, 40000, SEQ, ACK, 20, Tcp.ACK, WINDOW, 0);
        MemorySegment.copy(segment, 0, frame, body, quoted);
        fillIcmp(frame, l4, l4Length, ipv4);
        return frame;
    }

    /** An IPv6 packet from A to B whose payload is {@code extensions}, the first of kind {@code nextHeader}, and TCP. */
    static MemorySegment tcpBehind(int nextHeader, String extensions) {
        MemorySegment plain = tcp(false, 10);
        MemorySegment inserted = Memory.hex(extensions);
        int l4 = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH;
        int extra = (int) inserted.byteSize();
        int tcpLength = (int) plain.byteSize() - l4;
        MemorySegment frame = Memory.allocate(plain.byteSize() + extra);
        MemorySegment.copy(plain, 0, frame, 0, l4);
        MemorySegment.copy(inserted, 0, frame, l4, extra);
        MemorySegment.copy(plain, l4, frame, l4 + extra, tcpLength);
        ip(frame, Ethernet.HEADER_LENGTH, A6, B6, nextHeader, extra + tcpLength, 64);
        return frame;
    }

    static void ethernet(MemorySegment frame, int etherType) {
        Ethernet.write(frame, 0, MAC_B, MAC_A, etherType);
    }

    static long ip(
            MemorySegment frame,
            long offset,
            IpAddress source,
            IpAddress destination,
            int protocol,
            int length,
            int hopLimit) {
        if (source.isIpv4()) {
            int fragment = Ipv4.DONT_FRAGMENT;
            int tos = 0x2E;
            return Ipv4.write(
                    frame,
                    offset,
                    tos,
                    20 + length,
                    0x4321,
                    fragment,
                    hopLimit,
                    protocol,
                    source.ipv4(),
                    destination.ipv4());
        }
        return Ipv6.write(
                frame,
                offset,
                0x2E,
                0x54321,
                length,
                protocol,
                hopLimit,
                source.hi(),
                source.lo(),
                destination.hi(),
                destination.lo());
    }

    static int pseudo(IpAddress source, IpAddress destination, int protocol, int length) {
        return InternetChecksum.pseudoHeader(
                source.hi(), source.lo(), destination.hi(), destination.lo(), protocol, length);
    }

    /** Makes the IPv4 header checksum right again after a change. */
    static void fixIpv4(MemorySegment frame, long offset) {
        int headerLength = Ipv4.headerLength(frame, offset);
        Wire.put16(frame, offset + 10, 0);
        Wire.put16(frame, offset + 10, InternetChecksum.complement(InternetChecksum.sum(frame, offset, headerLength)));
    }

    static void fillIcmp(MemorySegment frame, long l4, int length, boolean ipv4) {
        if (ipv4) {
            Icmpv4.fillChecksum(frame, l4, length);
        } else {
            Icmpv6.fillChecksum(frame, l4, length, A6.hi(), A6.lo(), B6.hi(), B6.lo());
        }
    }

    static int parse(MemorySegment frame, ParsedPacket packet) {
        return PacketParser.parse(frame, (int) frame.byteSize(), packet);
    }
}
