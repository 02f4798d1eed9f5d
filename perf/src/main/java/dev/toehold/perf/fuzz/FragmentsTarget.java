package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.Ethernet;
import dev.toehold.net.FragmentReassembly;
import dev.toehold.net.IpAddress;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Fragments of few packets, described by few bytes each, so that they meet: every byte of a packet is a function of its identification and place
 * unless the input says otherwise. A packet that comes out consists of bytes that came in for its places, and has the length that its last
 * fragment gave.
 */
final class FragmentsTarget {
    private static final long SOURCE6 = 0xFD00_0000_0000_0000L;
    private static final int SOURCE4 = 0x0A00_0001;
    private static final int DESTINATION4 = 0x0A00_0002;
    private static final int FRAGMENT_HEADER = 8;
    private static final long SECOND = 1_000_000_000L;
    private static final int FRAMES_MAX = 512;

    /** Kept between runs, for it is costly to make; each run ends by forgetting everything. */
    private static final FragmentReassembly REASSEMBLY = new FragmentReassembly();

    private final ParsedPacket packet = new ParsedPacket();
    private final FuzzInput input;
    private long nowNs = SECOND;
    private boolean isCorrupted;

    private FragmentsTarget(FuzzInput input) {
        this.input = input;
    }

    static void run(byte[] bytes) {
        FragmentsTarget target = new FragmentsTarget(new FuzzInput(bytes));
        try {
            for (int i = 0; i < FRAMES_MAX && target.input.hasMore(); i++) {
                target.step();
            }
        } finally {
            while (REASSEMBLY.expire(Long.MAX_VALUE, target.packet)) {
                check(target.packet.l3Length() >= 0, "quotation", target.packet.l3Length());
            }
            check(REASSEMBLY.nextDeadlineNs() == FragmentReassembly.NEVER, "left", REASSEMBLY.nextDeadlineNs());
        }
    }

    private void step() {
        int kind = input.u8();
        if (kind >= 0xF0) {
            nowNs += (kind & 0xF) * 10L * SECOND;
            while (REASSEMBLY.expire(nowNs, packet)) {
                check(packet.l3Length() <= 68, "quotation", packet.l3Length());
            }
            return;
        }
        boolean ipv4 = (kind & 1) == 0;
        boolean more = (kind & 2) != 0;
        int salt = (kind & 4) != 0 ? input.u8() : 0;
        isCorrupted |= salt != 0;
        int source = kind >> 3 & 3;
        int id = input.u8() & 7;
        int at = input.u8() << 3;
        int length = input.u8();
        if ((kind & 0x80) != 0) {
            at |= input.u8() << 11 & 0xFFF8;
            length += input.u8();
        }
        byte[] frame = build(ipv4, source, id, at & 0xFFF8, length, more, salt, input.u8() & 3);
        MemorySegment memory = MemorySegment.ofArray(frame);
        int result = PacketParser.parse(memory, 0, frame.length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        if (result == ParseResult.FRAGMENT4 || result == ParseResult.FRAGMENT6) {
            int added = REASSEMBLY.add(memory, packet, 0, nowNs);
            check(added >= FragmentReassembly.INCOMPLETE && added <= FragmentReassembly.TOO_LONG, "result", added);
            if (added == FragmentReassembly.COMPLETE) {
                checkWhole(ipv4, id, !more, (at & 0xFFF8) + length);
            }
        }
    }

    private static byte content(int id, int place, int salt) {
        return (byte) (id * 31 + (place >> 3) * 7 + place + salt);
    }

    private static byte[] build(boolean ipv4, int source, int id, int at, int length, boolean more, int salt, int ecn) {
        int l3 = Ethernet.HEADER_LENGTH;
        int headers = l3 + (ipv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH + FRAGMENT_HEADER);
        byte[] frame = new byte[headers + length];
        MemorySegment memory = MemorySegment.ofArray(frame);
        Ethernet.write(memory, 0, 1, 2, ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6);
        if (ipv4) {
            int flags = (at >> 3) | (more ? Ipv4.MORE_FRAGMENTS : 0);
            Ipv4.write(
                    memory,
                    l3,
                    ecn,
                    Ipv4.MIN_HEADER_LENGTH + length,
                    id,
                    flags,
                    64,
                    IpProtocol.UDP,
                    SOURCE4 + (source << 8),
                    DESTINATION4);
        } else {
            long header = Ipv6.write(
                    memory,
                    l3,
                    ecn,
                    0,
                    FRAGMENT_HEADER + length,
                    IpProtocol.FRAGMENT,
                    64,
                    SOURCE6,
                    source + 1L,
                    SOURCE6,
                    2);
            ValueLayout.OfInt layout = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
            memory.set(layout, header, (IpProtocol.UDP << 24) | at | (more ? 1 : 0));
            memory.set(layout, header + 4, id);
        }
        for (int i = 0; i < length; i++) {
            frame[headers + i] = content(id, at + i, salt);
        }
        return frame;
    }

    private void checkWhole(boolean ipv4, int id, boolean wasLast, int end) {
        MemorySegment whole = REASSEMBLY.memory();
        int result = PacketParser.parse(whole, REASSEMBLY.frameOffset(), REASSEMBLY.frameLength(), 0, packet);
        check(result == ParseResult.OTHER, "a whole packet that cannot be read", result);
        check(packet.family() == (ipv4 ? 4 : 6) && packet.protocol() == IpProtocol.UDP, "family", packet.family());
        check(wasLast ? packet.l4Length() == end : packet.l4Length() >= end, "length", packet.l4Length());
        check(IpAddress.isIpv4(packet.sourceHi(), packet.sourceLo()) == ipv4, "address", packet.sourceLo());
        for (int i = 0; i < packet.l4Length() && !isCorrupted; i++) {
            byte got = whole.get(ValueLayout.JAVA_BYTE, packet.l4Offset() + i);
            check(got == content(id, i, 0), "wrong byte at", i);
        }
    }
}
