package dev.toehold.engine.rehearsal;

import dev.toehold.net.Arp;
import dev.toehold.net.Ethernet;
import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import dev.toehold.stack.FrameOutput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Echo requests of both families (RFC 792, RFC 4443 section 4.1) from one host of a rehearsal to the other. */
final class RehearsalPing {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** As long as those of ping(8). */
    private static final int LENGTH = 64;

    private static final int HOP_LIMIT = 64;
    private static final int CHECKSUM = 2;

    private RehearsalPing() {}

    /** Asks for the other's hardware address (RFC 826), as hosts do now and then that know it well. */
    static void sendArpRequest(FrameOutput output, RehearsalHost from, RehearsalHost to) {
        if (!output.begin(0)) {
            return;
        }
        MemorySegment memory = output.memory();
        long arp = Ethernet.write(memory, output.offset(), to.mac(), from.mac(), Ethernet.TYPE_ARP);
        Arp.write(memory, arp, Arp.REQUEST, from.mac(), (int) from.ipv4().lo(), 0, (int)
                to.ipv4().lo());
        output.send((int) (arp + Arp.LENGTH - output.offset()));
    }

    static void sendIpv4(FrameOutput output, RehearsalHost from, RehearsalHost to) {
        if (!output.begin(0)) {
            return;
        }
        MemorySegment memory = output.memory();
        long l3 = Ethernet.write(memory, output.offset(), to.mac(), from.mac(), Ethernet.TYPE_IPV4);
        long l4 = Ipv4.write(
                memory,
                l3,
                0,
                Ipv4.MIN_HEADER_LENGTH + LENGTH,
                0,
                0,
                HOP_LIMIT,
                IpProtocol.ICMPV4,
                (int) from.ipv4().lo(),
                (int) to.ipv4().lo());
        finish(output, l4, Icmpv4.ECHO_REQUEST, 0);
    }

    static void sendIpv6(FrameOutput output, RehearsalHost from, RehearsalHost to) {
        if (!output.begin(0)) {
            return;
        }
        MemorySegment memory = output.memory();
        long l3 = Ethernet.write(memory, output.offset(), to.mac(), from.mac(), Ethernet.TYPE_IPV6);
        long fromHigh = from.ipv6().hi();
        long fromLow = from.ipv6().lo();
        long toHigh = to.ipv6().hi();
        long toLow = to.ipv6().lo();
        long l4 = Ipv6.write(memory, l3, 0, 0, LENGTH, IpProtocol.ICMPV6, HOP_LIMIT, fromHigh, fromLow, toHigh, toLow);
        int pseudo = InternetChecksum.pseudoHeader(fromHigh, fromLow, toHigh, toLow, IpProtocol.ICMPV6, LENGTH);
        finish(output, l4, Icmpv6.ECHO_REQUEST, pseudo);
    }

    private static void finish(FrameOutput output, long l4, int type, int pseudoHeader) {
        MemorySegment memory = output.memory();
        memory.asSlice(l4, LENGTH).fill((byte) 0);
        memory.set(ValueLayout.JAVA_BYTE, l4, (byte) type);
        int checksum = InternetChecksum.complement(pseudoHeader + InternetChecksum.sum(memory, l4, LENGTH));
        memory.set(SHORT, l4 + CHECKSUM, (short) checksum);
        output.send((int) (l4 + LENGTH - output.offset()));
    }
}
