package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.Requirement;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class PacketParserTest {
    private static final int L3 = Ethernet.HEADER_LENGTH;

    private final ParsedPacket packet = new ParsedPacket();

    private void assertParses(int expected, MemorySegment frame) {
        int result = Frames.parse(frame, packet);
        assertEquals(ParseResult.name(expected), ParseResult.name(result));
        assertEquals(result, packet.result());
    }

    private void assertTcpFields(boolean ipv4, int text) {
        IpAddress source = ipv4 ? Frames.A4 : Frames.A6;
        IpAddress destination = ipv4 ? Frames.B4 : Frames.B6;
        assertEquals(source, new IpAddress(packet.sourceHi(), packet.sourceLo()));
        assertEquals(destination, new IpAddress(packet.destinationHi(), packet.destinationLo()));
        assertEquals(ipv4 ? 4 : 6, packet.family());
        assertEquals(Frames.MAC_A, packet.sourceMac());
        assertEquals(Frames.MAC_B, packet.destinationMac());
        assertEquals(0x2E, packet.trafficClass());
        assertEquals(2, packet.ecn());
        assertEquals(64, packet.hopLimit());
        assertEquals(IpProtocol.TCP, packet.protocol());
        assertEquals(40000, packet.sourcePort());
        assertEquals(80, packet.destinationPort());
        assertEquals(Frames.SEQ, packet.seq());
        assertEquals(Frames.ACK, packet.ack());
        assertEquals(Frames.WINDOW, packet.window());
        assertEquals(Tcp.PSH | Tcp.ACK, packet.flags());
        assertTrue(packet.hasFlags(Tcp.ACK));
        assertFalse(packet.hasFlags(Tcp.ACK | Tcp.SYN));
        assertEquals(0, packet.urgentPointer());
        assertEquals(12, packet.optionsLength());
        assertEquals(text, packet.payloadLength());
        assertEquals(text, packet.segmentLength());
        assertEquals(32 + text, packet.l4Length());
        assertEquals(packet.l4Offset() + 32, packet.payloadOffset());
        assertEquals(packet.l4Offset() + 20, packet.optionsOffset());
    }

    @Test
    void shouldReadTcpOfBothFamilies() {
        for (int text : new int[] {0, 1, 1448}) {
            assertParses(ParseResult.TCP4, Frames.tcp(true, text));
            assertTcpFields(true, text);
            assertEquals(L3 + 20, packet.l4Offset());
            assertEquals(20 + 32 + text, packet.l3Length());
            assertParses(ParseResult.TCP6, Frames.tcp(false, text));
            assertTcpFields(false, text);
            assertEquals(L3 + 40, packet.l4Offset());
            assertEquals(-1, packet.vlanTci());
        }
    }

    @Test
    void shouldReadAFrameMadeByOtherMeans() {
        // A SYN such as a Linux kernel sends, 192.168.1.10:51000 to 192.168.1.20:443; checksums by another program.
        MemorySegment frame = Memory.hex("525400123456 5254006789ab 0800"
                + "4510003c1c4640004006 9af7 c0a8010a c0a80114"
                + "c738 01bb 9a3f0001 00000000 a002 faf0 cf53 0000"
                + "020405b4 0402080a 00989680 00000000 01030307");
        assertParses(ParseResult.TCP4, frame);
        assertEquals(51000, packet.sourcePort());
        assertEquals(443, packet.destinationPort());
        assertEquals(Tcp.SYN, packet.flags());
        assertEquals(1, packet.segmentLength());
        assertEquals(20, packet.optionsLength());
        assertTrue(InternetChecksum.isTransportValid(frame, packet, false));
    }

    @Test
    void shouldParseAnywhereInALargerSegment() {
        MemorySegment frame = Frames.tcp(false, 10);
        int length = (int) frame.byteSize();
        MemorySegment pool = Memory.allocate(4096);
        MemorySegment.copy(frame, 0, pool, 2049, length);
        assertEquals(ParseResult.TCP6, PacketParser.parse(pool, 2049, length, 0, packet));
        assertTcpFields(false, 10);
        assertEquals(2049 + L3 + 40, packet.l4Offset());
        assertTrue(InternetChecksum.isTransportValid(pool, packet, false));
        assertEquals(ParseResult.DROP_TRUNCATED, PacketParser.parse(pool, 4096 - 20, length, 0, packet));
        assertEquals(ParseResult.DROP_TRUNCATED, PacketParser.parse(pool, -1, length, 0, packet));
    }

    @Test
    void shouldIgnorePaddingBehindTheIpLength() {
        for (boolean ipv4 : new boolean[] {true, false}) {
            MemorySegment frame = Frames.tcp(ipv4, 2);
            MemorySegment padded = Memory.allocate(frame.byteSize() + 17);
            padded.fill((byte) 0x55);
            MemorySegment.copy(frame, 0, padded, 0, frame.byteSize());
            assertParses(ipv4 ? ParseResult.TCP4 : ParseResult.TCP6, padded);
            assertTcpFields(ipv4, 2);
            assertTrue(InternetChecksum.isTransportValid(padded, packet, false));
        }
    }

    @Test
    void shouldReportTruncationAtEveryLength() {
        for (MemorySegment frame : new MemorySegment[] {
            Frames.tcp(true, 5), Frames.tcp(false, 5), Frames.echo(true, 5), Frames.echo(false, 5)
        }) {
            for (int length = 0; length < frame.byteSize(); length++) {
                assertEquals(ParseResult.DROP_TRUNCATED, PacketParser.parse(frame.asSlice(0, length), length, packet));
            }
        }
    }

    @Test
    void shouldReportAndStepOverOneVlanTag() {
        for (boolean ipv4 : new boolean[] {true, false}) {
            MemorySegment frame = Frames.tcp(ipv4, 9);
            MemorySegment tagged = Memory.allocate(frame.byteSize() + 4);
            int etherType = ipv4 ? Ethernet.TYPE_IPV4 : Ethernet.TYPE_IPV6;
            assertEquals(18, Ethernet.write(tagged, 0, Frames.MAC_B, Frames.MAC_A, 0xA123, etherType));
            MemorySegment.copy(frame, L3, tagged, L3 + 4, frame.byteSize() - L3);
            assertParses(ipv4 ? ParseResult.TCP4 : ParseResult.TCP6, tagged);
            assertTcpFields(ipv4, 9);
            assertEquals(0xA123, packet.vlanTci());
            assertEquals(etherType, packet.etherType());
            assertEquals(18, packet.l3Offset());
            Wire.put16(tagged, 16, Ethernet.TYPE_VLAN);
            assertParses(ParseResult.OTHER, tagged);
            assertEquals(0, packet.family());
            assertEquals(ParseResult.DROP_TRUNCATED, PacketParser.parse(tagged.asSlice(0, 17), 17, packet));
        }
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-50", clause = "3.9.2")
    void shouldStepOverIpv4Options() {
        MemorySegment plain = Frames.tcp(true, 4);
        MemorySegment frame = Memory.allocate(plain.byteSize() + 8);
        MemorySegment.copy(plain, 0, frame, 0, L3 + 20);
        MemorySegment.copy(plain, L3 + 20, frame, L3 + 28, plain.byteSize() - L3 - 20);
        Wire.put8(frame, L3, 0x47);
        Wire.put16(frame, L3 + 2, 20 + 8 + 36);
        Wire.put64(frame, L3 + 20, 0x9404_0000_0101_0100L);
        Frames.fixIpv4(frame, L3);
        assertParses(ParseResult.TCP4, frame);
        assertTcpFields(true, 4);
        assertTrue(InternetChecksum.isTransportValid(frame, packet, false));
    }

    @Test
    void shouldDropBadIpv4Headers() {
        int[][] changes = {{L3, 0x55}, {L3, 0x44}, {L3, 0x40}, {L3 + 3, 19}, {L3, 0x65}};
        for (int[] change : changes) {
            MemorySegment frame = Frames.tcp(true, 0);
            Wire.put8(frame, change[0], change[1]);
            assertParses(ParseResult.DROP_BAD_IP_HEADER, frame);
        }
        MemorySegment frame = Frames.tcp(true, 0);
        Wire.put8(frame, L3 + 8, 63);
        assertParses(ParseResult.DROP_BAD_IP_CHECKSUM, frame);
        assertEquals(
                ParseResult.TCP4,
                PacketParser.parse(frame, 0, (int) frame.byteSize(), PacketParser.IPV4_CHECKSUM_VERIFIED, packet));
        MemorySegment ipv6 = Frames.tcp(false, 0);
        Wire.put8(ipv6, L3, 0x42);
        assertParses(ParseResult.DROP_BAD_IP_HEADER, ipv6);
    }

    @Test
    void shouldDropImpossibleAddresses() {
        for (String source : new String[] {"127.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "0.0.0.0"}) {
            MemorySegment frame = Frames.tcp(true, 0);
            Wire.put32(frame, L3 + 12, IpAddress.parse(source).ipv4());
            Frames.fixIpv4(frame, L3);
            assertParses(ParseResult.DROP_BAD_ADDRESS, frame);
        }
        for (String destination : new String[] {"127.0.0.1", "224.0.0.1", "255.255.255.255"}) {
            MemorySegment frame = Frames.tcp(true, 0);
            Wire.put32(frame, L3 + 16, IpAddress.parse(destination).ipv4());
            Frames.fixIpv4(frame, L3);
            assertParses(ParseResult.DROP_BAD_ADDRESS, frame);
        }
        for (String address : new String[] {"::1", "::ffff:10.0.0.1", "ff02::1", "::"}) {
            IpAddress bad = IpAddress.parse(address);
            MemorySegment frame = Frames.tcp(false, 0);
            Wire.put64(frame, L3 + 8, bad.hi());
            Wire.put64(frame, L3 + 16, bad.lo());
            assertParses(ParseResult.DROP_BAD_ADDRESS, frame);
            if (!bad.isUnspecified()) {
                frame = Frames.tcp(false, 0);
                Wire.put64(frame, L3 + 24, bad.hi());
                Wire.put64(frame, L3 + 32, bad.lo());
                assertParses(ParseResult.DROP_BAD_ADDRESS, frame);
            }
        }
    }

    @Test
    void shouldCheckTheTcpDataOffset() {
        for (boolean ipv4 : new boolean[] {true, false}) {
            int l4 = L3 + (ipv4 ? 20 : 40);
            for (int words = 0; words < 16; words++) {
                MemorySegment frame = Frames.tcp(ipv4, 0);
                Wire.put8(frame, l4 + 12, words << 4);
                boolean right = words >= 5 && words <= 8;
                int tcp = ipv4 ? ParseResult.TCP4 : ParseResult.TCP6;
                assertParses(right ? tcp : ParseResult.DROP_BAD_TCP_OFFSET, frame);
            }
        }
    }

    @Test
    void shouldDropTransportHeadersCutByTheIpLength() {
        MemorySegment ipv4 = Frames.tcp(true, 0);
        Wire.put16(ipv4, L3 + 2, 20 + 19);
        Frames.fixIpv4(ipv4, L3);
        assertParses(ParseResult.DROP_BAD_L4_LENGTH, ipv4);
        MemorySegment ipv6 = Frames.tcp(false, 0);
        Wire.put16(ipv6, L3 + 4, 19);
        assertParses(ParseResult.DROP_BAD_L4_LENGTH, ipv6);
        MemorySegment echo = Frames.echo(true, 0);
        Wire.put16(echo, L3 + 2, 20 + 7);
        Frames.fixIpv4(echo, L3);
        assertParses(ParseResult.DROP_BAD_L4_LENGTH, echo);
    }

    @Test
    void shouldRecogniseFragments() {
        MemorySegment first = Frames.tcp(true, 8);
        Wire.put16(first, L3 + 6, Ipv4.MORE_FRAGMENTS);
        Frames.fixIpv4(first, L3);
        assertParses(ParseResult.FRAGMENT4, first);
        assertEquals(0x4321, packet.identification());
        assertTrue(packet.moreFragments());
        assertEquals(0, packet.fragmentOffset());
        Wire.put16(first, L3 + 6, 185);
        Frames.fixIpv4(first, L3);
        assertParses(ParseResult.FRAGMENT4, first);
        assertEquals(1480, packet.fragmentOffset());
        assertFalse(packet.moreFragments());

        MemorySegment fragment6 = Frames.tcpBehind(IpProtocol.FRAGMENT, "0600 05a9 cafebabe");
        assertParses(ParseResult.FRAGMENT6, fragment6);
        assertEquals(1448, packet.fragmentOffset());
        assertTrue(packet.moreFragments());
        assertEquals(0xCAFEBABE, packet.identification());
        assertEquals(IpProtocol.TCP, packet.protocol());
        assertEquals(L3 + 40 + 8, packet.l4Offset());
        assertEquals(32 + 10, packet.l4Length());
    }

    @Test
    void shouldWalkExtensionHeaders() {
        String padding = "0104 00000000";
        MemorySegment atomic = Frames.tcpBehind(IpProtocol.FRAGMENT, "0600 0000 cafebabe");
        assertParses(ParseResult.TCP6, atomic);
        assertTcpFields(false, 10);
        assertTrue(InternetChecksum.isTransportValid(atomic, packet, false));

        MemorySegment chain = Frames.tcpBehind(
                IpProtocol.HOP_BY_HOP,
                "3c00 0502 0000 0100" + "2b01" + padding + "0000000000000000" + "2c00 0400 00000000"
                        + "0600 0000 00000001");
        assertParses(ParseResult.TCP6, chain);
        assertTcpFields(false, 10);
        assertTrue(InternetChecksum.isTransportValid(chain, packet, false));
    }

    @Test
    void shouldRefuseExtensionHeadersItCannotHonour() {
        String[] refused = {
            "3c:3c00 0104 00000000 0000 0104 00000000 0600 0104 00000000", // hop-by-hop not first
            "2b:0600 0401 00000000", // segments left
            "3c:0600 c204 00000000", // unknown option, action: discard
            "3c:0600 4004 00000000",
            "3c:0600 0105 00000000", // option beyond the header
            "3c:0600 0000 00000001", // an option without a length
            "3c:06ff 0104 00000000" // header beyond the packet
        };
        for (String line : refused) {
            int nextHeader = Integer.parseInt(line.substring(0, 2), 16);
            assertParses(ParseResult.DROP_BAD_EXTENSION, Frames.tcpBehind(nextHeader, line.substring(3)));
        }
        MemorySegment cut = Frames.tcpBehind(IpProtocol.DESTINATION_OPTIONS, "0600 0104 00000000");
        Wire.put16(cut, L3 + 4, 7);
        assertParses(ParseResult.DROP_BAD_EXTENSION, cut);
    }

    @Test
    void shouldBoundTheNumberAndBytesOfExtensionHeaders() {
        String one = "3c00 0104 00000000";
        String last = "0600 0104 00000000";
        assertParses(
                ParseResult.TCP6,
                Frames.tcpBehind(IpProtocol.DESTINATION_OPTIONS, one.repeat(Ipv6Extensions.MAX_HEADERS - 1) + last));
        assertParses(
                ParseResult.DROP_BAD_EXTENSION,
                Frames.tcpBehind(IpProtocol.DESTINATION_OPTIONS, one.repeat(Ipv6Extensions.MAX_HEADERS) + last));
        assertParses(ParseResult.TCP6, Frames.tcpBehind(IpProtocol.DESTINATION_OPTIONS, "063f" + "00".repeat(510)));
        assertParses(
                ParseResult.DROP_BAD_EXTENSION,
                Frames.tcpBehind(IpProtocol.DESTINATION_OPTIONS, "0640" + "00".repeat(518)));
    }

    @Test
    void shouldClassifyTheRest() {
        assertParses(ParseResult.ICMP4, Frames.echo(true, 56));
        assertEquals(Icmpv4.ECHO_REQUEST, packet.icmpType());
        assertParses(ParseResult.ICMP6, Frames.echo(false, 56));
        assertEquals(Icmpv6.ECHO_REQUEST, packet.icmpType());
        MemorySegment udp = Frames.tcp(true, 0);
        Wire.put8(udp, L3 + 9, IpProtocol.UDP);
        Frames.fixIpv4(udp, L3);
        assertParses(ParseResult.OTHER, udp);
        assertEquals(IpProtocol.UDP, packet.protocol());
        MemorySegment lldp = Frames.tcp(true, 0);
        Wire.put16(lldp, 12, 0x88CC);
        assertParses(ParseResult.OTHER, lldp);
        assertEquals(0, packet.family());
        MemorySegment none = Frames.tcp(false, 0);
        Wire.put8(none, L3 + 6, IpProtocol.NO_NEXT_HEADER);
        assertParses(ParseResult.OTHER, none);
    }

    @Test
    void shouldNameEveryResult() {
        for (int i = 0; i < ParseResult.CLASS_COUNT; i++) {
            assertFalse(ParseResult.name(i).isEmpty());
            assertFalse(ParseResult.isDrop(i));
            assertEquals(i == ParseResult.TCP4 || i == ParseResult.TCP6, ParseResult.isTcp(i));
        }
        for (int i = 0; i < ParseResult.DROP_COUNT; i++) {
            assertFalse(ParseResult.name(~i).isEmpty());
            assertTrue(ParseResult.isDrop(~i));
            assertFalse(ParseResult.isTcp(~i));
        }
    }
}
