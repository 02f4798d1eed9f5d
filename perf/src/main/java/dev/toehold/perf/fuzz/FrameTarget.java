package dev.toehold.perf.fuzz;

import static dev.toehold.perf.fuzz.FuzzInput.check;

import dev.toehold.net.Arp;
import dev.toehold.net.FrameWriter;
import dev.toehold.net.IcmpError;
import dev.toehold.net.IcmpErrorWriter;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.MldQuery;
import dev.toehold.net.NdpMessage;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.TcpOptions;
import java.lang.foreign.MemorySegment;

/**
 * One frame. The memory is exactly as long as the frame, so that one byte read beyond it is an exception. Without a switch few inputs would get
 * past IPv4's checksum: the parser is told that the port has verified it.
 */
final class FrameTarget {
    private static final long MAC = 0x0200_0000_0001L;

    private FrameTarget() {}

    static void run(byte[] input) {
        MemorySegment frame = MemorySegment.ofArray(input);
        ParsedPacket packet = new ParsedPacket();
        int strict = PacketParser.parse(frame, input.length, packet);
        int result = PacketParser.parse(frame, 0, input.length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        check(strict == result || strict == ParseResult.DROP_BAD_IP_CHECKSUM, "the checksum decides more", strict);
        if (ParseResult.isDrop(result)) {
            check(~result < ParseResult.DROP_COUNT, "a drop without a counter", result);
            if (packet.family() == 6 && packet.problemCode() >= 0) {
                check(packet.problemPointer() < packet.l3Length(), "pointer", packet.problemPointer());
                writeError(frame, packet, input.length);
            }
            return;
        }
        check(result < ParseResult.CLASS_COUNT, "class", result);
        if (result == ParseResult.ARP) {
            check(packet.l3Offset() + Arp.LENGTH <= input.length, "ARP beyond the frame", packet.l3Offset());
        }
        if (packet.family() != 0) {
            readIp(frame, packet, result, input.length);
        }
    }

    private static void readIp(MemorySegment frame, ParsedPacket packet, int result, int length) {
        check(packet.l3Offset() + packet.l3Length() <= length, "IP beyond the frame", packet.l3Length());
        check(packet.l4Length() >= 0, "negative length", packet.l4Length());
        check(packet.l4Offset() + packet.l4Length() <= length, "payload beyond the frame", packet.l4Length());
        if (ParseResult.isTcp(result)) {
            InternetChecksum.isTransportValid(frame, packet, true);
            check(packet.payloadLength() >= 0, "negative text", packet.payloadLength());
            check(packet.payloadOffset() + packet.payloadLength() <= length, "text beyond", packet.payloadLength());
            TcpOptions options = new TcpOptions();
            options.parse(frame, packet);
            check(options.sackBlockCount() <= TcpOptions.MAX_SACK_BLOCKS, "blocks", options.sackBlockCount());
        } else if (result == ParseResult.ICMP4 || result == ParseResult.ICMP6) {
            InternetChecksum.isTransportValid(frame, packet, false);
            new IcmpError().parse(frame, packet);
            new NdpMessage().parse(frame, packet);
            if (result == ParseResult.ICMP6 && packet.icmpType() == Icmpv6.MLD_QUERY) {
                new MldQuery().parse(frame, packet);
            }
            int reply = FrameWriter.echoReplyLength(packet);
            MemorySegment out = MemorySegment.ofArray(new byte[reply]);
            int written = FrameWriter.echoReply(
                    out, 0, frame, packet, MAC, packet.destinationHi(), packet.destinationLo(), 64);
            check(written == reply, "echo reply", written);
        }
        writeError(frame, packet, length);
    }

    private static void writeError(MemorySegment frame, ParsedPacket packet, int length) {
        int capacity = 1514;
        MemorySegment out = MemorySegment.ofArray(new byte[capacity]);
        int written = IcmpErrorWriter.write(out, 0, frame, packet, MAC, 3, 3, 0, 64, capacity);
        check(written <= 14 + (packet.family() == 4 ? 576 : 1280), "error longer than all take", written);
        ParsedPacket back = new ParsedPacket();
        int result = PacketParser.parse(out, written, back);
        boolean isReadable = result == ParseResult.ICMP4
                || result == ParseResult.ICMP6
                || result == ParseResult.DROP_BAD_ADDRESS
                || result == ParseResult.OTHER;
        check(isReadable, "own error unreadable", result);
        check(length >= 0, "length", length);
    }
}
