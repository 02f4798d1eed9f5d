package dev.toehold.net;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Fragments for tests, of either family. */
public final class Fragment {
    private static final int UNIT = 8;

    private Fragment() {}

    /** One fragment to B, its IPv6 header behind a fragment header. */
    static MemorySegment frame(
            boolean ipv4, IpAddress source, int id, byte[] part, int at, boolean more, int protocol, int trafficClass) {
        int l3 = Ethernet.HEADER_LENGTH;
        int headers = l3 + (ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH + UNIT);
        MemorySegment frame = Memory.allocate(headers + part.length);
        Frames.ethernet(frame, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        if (ipv4) {
            Ipv4.write(
                    frame,
                    l3,
                    trafficClass,
                    Ipv4.MIN_HEADER_LENGTH + part.length,
                    id & 0xFFFF,
                    (at >> 3) | (more ? Ipv4.MORE_FRAGMENTS : 0),
                    64,
                    protocol,
                    source.ipv4(),
                    Frames.B4.ipv4());
        } else {
            long header = Ipv6.write(
                    frame,
                    l3,
                    trafficClass,
                    0,
                    UNIT + part.length,
                    IpProtocol.FRAGMENT,
                    64,
                    source.hi(),
                    source.lo(),
                    Frames.B6.hi(),
                    Frames.B6.lo());
            writeHeader(frame, header, protocol, at, more, id);
        }
        MemorySegment.copy(MemorySegment.ofArray(part), 0, frame, headers, part.length);
        return frame;
    }

    private static void writeHeader(MemorySegment frame, long offset, int next, int at, boolean more, int id) {
        Wire.put32(frame, offset, (next << 24) | at | (more ? 1 : 0));
        Wire.put32(frame, offset + 4, id);
    }

    /** The fragments that a router would make of an IP packet in an Ethernet frame, with {@code unit} bytes of payload each. */
    public static List<byte[]> split(byte[] frame, int unit, int id) {
        MemorySegment whole = MemorySegment.ofArray(frame);
        ParsedPacket packet = new ParsedPacket();
        if (!ParseResult.isTcp(PacketParser.parse(whole, frame.length, packet)) || packet.l4Length() <= unit) {
            return List.of(frame);
        }
        boolean ipv4 = packet.family() == 4;
        int headers = Ethernet.HEADER_LENGTH + (ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH + UNIT);
        List<byte[]> fragments = new ArrayList<>();
        for (int at = 0; at < packet.l4Length(); at += unit) {
            int length = Math.min(unit, packet.l4Length() - at);
            boolean more = at + length < packet.l4Length();
            byte[] bytes = new byte[headers + length];
            MemorySegment fragment = MemorySegment.ofArray(bytes);
            MemorySegment.copy(whole, 0, fragment, 0, packet.l4Offset() - packet.frameOffset());
            if (ipv4) {
                Wire.put16(fragment, 16, Ipv4.MIN_HEADER_LENGTH + length);
                Wire.put16(fragment, 18, id);
                Wire.put16(fragment, 20, (at >> 3) | (more ? Ipv4.MORE_FRAGMENTS : 0));
                Frames.fixIpv4(fragment, Ethernet.HEADER_LENGTH);
            } else {
                Wire.put16(fragment, 18, UNIT + length);
                Wire.put8(fragment, 20, IpProtocol.FRAGMENT);
                writeHeader(fragment, Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH, IpProtocol.TCP, at, more, id);
            }
            MemorySegment.copy(whole, packet.l4Offset() + at, fragment, headers, length);
            fragments.add(bytes);
        }
        return fragments;
    }
}
