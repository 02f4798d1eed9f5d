package dev.toehold.perf.simulation;

import dev.toehold.net.Ethernet;
import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.IpAddress;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** What a router answers to a packet that does not fit the next link (RFC 1191 section 4, RFC 4443 section 3.2). */
final class TooBig {
    static final long ROUTER_MAC = 0x0200_0000_00FEL;

    private static final IpAddress ROUTER4 = IpAddress.parse("10.0.0.254");
    private static final IpAddress ROUTER6 = IpAddress.parse("fd00::fe");
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Enough for the headers and the ports. */
    private static final int QUOTED4 = 28;

    private static final int QUOTED6 = 512;
    private static final int HOP_LIMIT = 64;

    private TooBig() {}

    /** Whether the frame goes through a router at all: neighbours speak ARP and NDP to each other. */
    static boolean concerns(byte[] frame) {
        return Corruption.concerns(frame);
    }

    /** A frame for the sender of one that is longer than {@code mtu} allows. */
    static byte[] answer(byte[] frame, int mtu) {
        MemorySegment dropped = MemorySegment.ofArray(frame);
        long sender = Ethernet.source(dropped, 0);
        int quotedAt = Ethernet.HEADER_LENGTH;
        return Ethernet.etherType(dropped, 0) == Ethernet.TYPE_IPV4
                ? answer4(dropped, quotedAt, sender, mtu)
                : answer6(dropped, quotedAt, sender, mtu);
    }

    private static byte[] answer4(MemorySegment dropped, int quotedAt, long sender, int mtu) {
        int icmpLength = Icmpv4.HEADER_LENGTH + QUOTED4;
        byte[] answer = new byte[Ethernet.HEADER_LENGTH + Ipv4.MIN_HEADER_LENGTH + icmpLength];
        MemorySegment memory = MemorySegment.ofArray(answer);
        long at = Ethernet.write(memory, 0, sender, ROUTER_MAC, Ethernet.TYPE_IPV4);
        at = Ipv4.write(
                memory,
                at,
                0,
                Ipv4.MIN_HEADER_LENGTH + icmpLength,
                0,
                0,
                HOP_LIMIT,
                IpProtocol.ICMPV4,
                ROUTER4.ipv4(),
                Ipv4.source(dropped, quotedAt));
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) Icmpv4.DESTINATION_UNREACHABLE);
        memory.set(ValueLayout.JAVA_BYTE, at + 1, (byte) Icmpv4.FRAGMENTATION_NEEDED);
        memory.set(SHORT, at + 6, (short) mtu);
        MemorySegment.copy(dropped, quotedAt, memory, at + Icmpv4.HEADER_LENGTH, QUOTED4);
        Icmpv4.fillChecksum(memory, at, icmpLength);
        return answer;
    }

    private static byte[] answer6(MemorySegment dropped, int quotedAt, long sender, int mtu) {
        int quoted = (int) Math.min(QUOTED6, dropped.byteSize() - quotedAt);
        int icmpLength = Icmpv6.HEADER_LENGTH + quoted;
        byte[] answer = new byte[Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH + icmpLength];
        MemorySegment memory = MemorySegment.ofArray(answer);
        long toHi = Ipv6.sourceHi(dropped, quotedAt);
        long toLo = Ipv6.sourceLo(dropped, quotedAt);
        long at = Ethernet.write(memory, 0, sender, ROUTER_MAC, Ethernet.TYPE_IPV6);
        at = Ipv6.write(
                memory, at, 0, 0, icmpLength, IpProtocol.ICMPV6, HOP_LIMIT, ROUTER6.hi(), ROUTER6.lo(), toHi, toLo);
        memory.set(ValueLayout.JAVA_BYTE, at, (byte) Icmpv6.PACKET_TOO_BIG);
        memory.set(INT, at + 4, mtu);
        MemorySegment.copy(dropped, quotedAt, memory, at + Icmpv6.HEADER_LENGTH, quoted);
        Icmpv6.fillChecksum(memory, at, icmpLength, ROUTER6.hi(), ROUTER6.lo(), toHi, toLo);
        return answer;
    }
}
