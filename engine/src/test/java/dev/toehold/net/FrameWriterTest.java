package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** Neighbour discovery and MLD frames are compared with bytes, checksums included, that another program made. */
class FrameWriterTest {
    private static final long OFFSET = 5;

    private final MemorySegment memory = Memory.allocate(2048);
    private final ParsedPacket packet = new ParsedPacket();

    private void assertFrame(String expected, int length) {
        assertEquals(expected, Memory.toHex(memory, OFFSET, length));
        int result = PacketParser.parse(memory, OFFSET, length, 0, packet);
        assertTrue(result >= 0, ParseResult.name(result));
    }

    @Test
    void shouldWriteArp() {
        int length = FrameWriter.arpRequest(
                memory, OFFSET, MacAddress.BROADCAST, Frames.MAC_A, Frames.A4.ipv4(), Frames.B4.ipv4());
        assertFrame(
                "ffffffffffff02000000000a0806" + "0001080006040001" + "02000000000a0a000001" + "0000000000000a000002",
                length);
        assertEquals(ParseResult.ARP, packet.result());
        long l3 = packet.l3Offset();
        assertEquals(Arp.REQUEST, Arp.operation(memory, l3));
        assertEquals(Frames.MAC_A, Arp.senderMac(memory, l3));
        assertEquals(Frames.A4.ipv4(), Arp.senderAddress(memory, l3));
        assertEquals(Frames.B4.ipv4(), Arp.targetAddress(memory, l3));
        assertEquals(0, Arp.targetMac(memory, l3));

        length = FrameWriter.arpReply(memory, OFFSET, Frames.MAC_B, Frames.B4.ipv4(), Frames.MAC_A, Frames.A4.ipv4());
        assertFrame(
                "02000000000a02000000000b0806" + "0001080006040002" + "02000000000b0a000002" + "02000000000a0a000001",
                length);
    }

    @Test
    void shouldDropArpThatIsNotForIpv4OverEthernet() {
        int[][] changes = {{1, 6}, {2, 0x86}, {4, 8}, {5, 16}, {7, 3}, {7, 0}};
        for (int[] change : changes) {
            FrameWriter.arpRequest(memory, 0, MacAddress.BROADCAST, Frames.MAC_A, 1, 2);
            Wire.put8(memory, Ethernet.HEADER_LENGTH + change[0], change[1]);
            assertEquals(ParseResult.DROP_BAD_ARP, PacketParser.parse(memory, 60, packet));
        }
    }

    @Test
    void shouldWriteNeighborSolicitation() {
        int length = NdpWriter.neighborSolicitation(
                memory, OFFSET, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo(), Frames.B6.hi(), Frames.B6.lo());
        assertFrame(
                "3333ff00000202000000000a86dd6000000000203afffd000000000000000000000000000001ff0200000000000000000001ff00"
                        + "000287007d8e00000000fd000000000000000000000000000002010102000000000a",
                length);
        assertEquals(NdpWriter.MAX_LENGTH, length);
    }

    @Test
    void shouldWriteProbeOfDuplicateAddressDetection() {
        int length = NdpWriter.neighborSolicitation(memory, OFFSET, Frames.MAC_A, 0, 0, Frames.A6.hi(), Frames.A6.lo());
        assertFrame(
                "3333ff00000102000000000a86dd6000000000183aff00000000000000000000000000000000ff0200000000000000000001ff00"
                        + "000187007da500000000fd000000000000000000000000000001",
                length);
    }

    @Test
    void shouldWriteNeighborAdvertisements() {
        int length = NdpWriter.neighborAdvertisement(
                memory,
                OFFSET,
                Frames.MAC_A,
                Frames.MAC_B,
                Frames.A6.hi(),
                Frames.A6.lo(),
                Frames.B6.hi(),
                Frames.B6.lo(),
                NdpMessage.FLAG_SOLICITED | NdpMessage.FLAG_OVERRIDE);
        assertFrame(
                "02000000000b02000000000a86dd6000000000203afffd000000000000000000000000000001fd000000000000000000000000"
                        + "00000288001c9360000000fd000000000000000000000000000001020102000000000a",
                length);
        length = NdpWriter.unsolicitedAdvertisement(memory, OFFSET, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo());
        assertFrame(
                "33330000000102000000000a86dd6000000000203afffd000000000000000000000000000001ff020000000000000000000000"
                        + "00000188005a9220000000fd000000000000000000000000000001020102000000000a",
                length);
    }

    @Test
    void shouldAnswerSolicitations() {
        NdpMessage message = new NdpMessage();
        MemorySegment reply = Memory.allocate(NdpWriter.MAX_LENGTH);
        ParsedPacket answer = new ParsedPacket();

        int length = NdpWriter.neighborSolicitation(
                memory, OFFSET, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo(), Frames.B6.hi(), Frames.B6.lo());
        PacketParser.parse(memory, OFFSET, length, 0, packet);
        assertEquals(NdpMessage.NEIGHBOR_SOLICITATION, message.parse(memory, packet));
        length = NdpWriter.answer(reply, 0, Frames.MAC_B, packet, message);
        PacketParser.parse(reply, length, answer);
        assertEquals(NdpMessage.NEIGHBOR_ADVERTISEMENT, message.parse(reply, answer));
        assertEquals(Frames.MAC_A, answer.destinationMac());
        assertEquals(Frames.A6, new IpAddress(answer.destinationHi(), answer.destinationLo()));
        assertEquals(Frames.B6, new IpAddress(message.targetHi(), message.targetLo()));
        assertEquals(Frames.MAC_B, message.targetLinkLayer());
        assertEquals(NdpMessage.FLAG_SOLICITED | NdpMessage.FLAG_OVERRIDE, message.flags());

        length = NdpWriter.neighborSolicitation(memory, OFFSET, Frames.MAC_A, 0, 0, Frames.B6.hi(), Frames.B6.lo());
        PacketParser.parse(memory, OFFSET, length, 0, packet);
        assertEquals(NdpMessage.NEIGHBOR_SOLICITATION, message.parse(memory, packet));
        length = NdpWriter.answer(reply, 0, Frames.MAC_B, packet, message);
        PacketParser.parse(reply, length, answer);
        assertEquals(NdpMessage.NEIGHBOR_ADVERTISEMENT, message.parse(reply, answer));
        assertEquals(IpAddress.parse("ff02::1"), new IpAddress(answer.destinationHi(), answer.destinationLo()));
        assertEquals(NdpMessage.FLAG_OVERRIDE, message.flags());
    }

    @Test
    void shouldWriteRouterSolicitation() {
        assertFrame(
                "33330000000202000000000a86dd6000000000083aff00000000000000000000000000000000ff020000000000000000000000"
                        + "00000285007bb800000000",
                NdpWriter.routerSolicitation(memory, OFFSET, Frames.MAC_A, 0, 0));
        int length = NdpWriter.routerSolicitation(memory, OFFSET, Frames.MAC_A, Frames.A6.hi(), Frames.A6.lo());
        PacketParser.parse(memory, OFFSET, length, 0, packet);
        NdpMessage message = new NdpMessage();
        assertEquals(NdpMessage.ROUTER_SOLICITATION, message.parse(memory, packet));
        assertEquals(Frames.MAC_A, message.sourceLinkLayer());
    }

    @Test
    void shouldWriteMulticastListenerReport() {
        IpAddress linkLocal = IpAddress.linkLocal(Frames.MAC_A);
        long[] groups = {
            IpAddress.LINK_MULTICAST_HI,
            IpAddress.solicitedNodeLo(Frames.A6.lo()),
            IpAddress.LINK_MULTICAST_HI,
            IpAddress.solicitedNodeLo(Frames.B6.lo())
        };
        int length = MldWriter.report(
                memory, OFFSET, Frames.MAC_A, linkLocal.hi(), linkLocal.lo(), MldWriter.CHANGE_TO_EXCLUDE, groups, 2);
        assertFrame(
                "33330000001602000000000a86dd6000000000380001fe80000000000000000000fffe00000aff020000000000000000000000"
                        + "0000163a000502000001008f006fe20000000204000000ff0200000000000000000001ff00000104000000ff0200"
                        + "000000000000000001ff000002",
                length);
        assertEquals(ParseResult.ICMP6, packet.result());
        assertTrue(InternetChecksum.isTransportValid(memory, packet, false));
        assertEquals(
                1280,
                MldWriter.report(
                                memory,
                                OFFSET,
                                Frames.MAC_A,
                                0,
                                0,
                                MldWriter.MODE_IS_EXCLUDE,
                                new long[2 * MldWriter.MAX_GROUPS],
                                MldWriter.MAX_GROUPS)
                        - Ethernet.HEADER_LENGTH
                        + 4);
    }

    @Test
    void shouldTurnEchoRequestsIntoReplies() {
        ParsedPacket reply = new ParsedPacket();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (int data : new int[] {0, 1, 56, 1400}) {
                MemorySegment frame = Frames.echo(ipv4, data);
                MemorySegment request = Memory.allocate(frame.byteSize());
                request.copyFrom(frame);
                Frames.parse(frame, packet);
                int length = FrameWriter.echoReply(
                        frame,
                        packet.frameOffset(),
                        frame,
                        packet,
                        Frames.MAC_B,
                        packet.destinationHi(),
                        packet.destinationLo(),
                        61);
                assertEquals(frame.byteSize(), length);
                assertEquals(ipv4 ? ParseResult.ICMP4 : ParseResult.ICMP6, Frames.parse(frame, reply));
                assertTrue(InternetChecksum.isTransportValid(frame, reply, false));
                assertEquals(ipv4 ? Icmpv4.ECHO_REPLY : Icmpv6.ECHO_REPLY, reply.icmpType());
                assertEquals(Frames.MAC_A, reply.destinationMac());
                assertEquals(Frames.MAC_B, reply.sourceMac());
                assertEquals(ipv4 ? Frames.B4 : Frames.B6, new IpAddress(reply.sourceHi(), reply.sourceLo()));
                assertEquals(ipv4 ? Frames.A4 : Frames.A6, new IpAddress(reply.destinationHi(), reply.destinationLo()));
                assertEquals(61, reply.hopLimit());
                assertEquals(0x2C, reply.trafficClass());
                long body = reply.l4Offset() + 4;
                assertEquals(-1, frame.asSlice(body).mismatch(request.asSlice(body)));
            }
        }
    }

    @Test
    void shouldLeaveOptionsExtensionsAndPaddingOutOfEchoReplies() {
        MemorySegment echo = Frames.echo(true, 20);
        int l3 = Ethernet.HEADER_LENGTH + Ethernet.VLAN_TAG_LENGTH;
        int length = (int) echo.byteSize();
        MemorySegment frame = Memory.allocate(length + 4 + 4 + 7);
        Ethernet.write(frame, 0, Frames.MAC_B, Frames.MAC_A, 0x0007, Ethernet.TYPE_IPV4);
        MemorySegment.copy(echo, 14, frame, l3, 20);
        MemorySegment.copy(echo, 34, frame, l3 + 24, length - 34);
        Wire.put8(frame, l3, 0x46);
        Wire.put16(frame, l3 + 2, 24 + 28);
        Wire.put32(frame, l3 + 20, 0x0101_0100);
        Frames.fixIpv4(frame, l3);
        assertEquals(ParseResult.ICMP4, Frames.parse(frame, packet));
        int replyLength = FrameWriter.echoReply(
                frame,
                packet.frameOffset(),
                frame,
                packet,
                Frames.MAC_B,
                packet.destinationHi(),
                packet.destinationLo(),
                64);
        assertEquals(length + 4, replyLength);
        assertEquals(ParseResult.ICMP4, PacketParser.parse(frame, replyLength, packet));
        assertTrue(InternetChecksum.isTransportValid(frame, packet, false));
        assertEquals(7, packet.vlanTci());
        assertEquals(28, packet.l4Length());
        assertEquals(-1, frame.asSlice(packet.l4Offset() + 4, 24).mismatch(echo.asSlice(38, 24)));
    }
}
