package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

/** One test a validity rule of RFC 4861 sections 6.1 and 7.1. */
class NdpMessageTest {
    private static final IpAddress LINK_LOCAL = IpAddress.parse("fe80::1");
    private static final IpAddress ALL_NODES = IpAddress.parse("ff02::1");
    private static final IpAddress UNSPECIFIED = IpAddress.UNSPECIFIED6;
    private static final String TARGET_B = "fd000000000000000000000000000002";
    private static final String NS = "87000000 00000000" + TARGET_B;
    private static final String NA = "88000000 60000000" + TARGET_B;
    private static final String RS = "85000000 00000000";
    private static final String RA = "86000000 40000708 00000000 00000000";
    private static final String SOURCE_MAC = "0101 02000000000a";
    private static final String TARGET_MAC = "0201 02000000000b";

    private final NdpMessage message = new NdpMessage();

    private int parse(IpAddress source, IpAddress destination, int hopLimit, String body) {
        return parse(source, destination, hopLimit, body, true);
    }

    private int parse(IpAddress source, IpAddress destination, int hopLimit, String body, boolean fill) {
        MemorySegment icmp = Memory.hex(body);
        int length = (int) icmp.byteSize();
        MemorySegment frame = Memory.allocate(54L + length);
        Frames.ethernet(frame, Ethernet.TYPE_IPV6);
        long l4 = Frames.ip(frame, 14, source, destination, IpProtocol.ICMPV6, length, hopLimit);
        MemorySegment.copy(icmp, 0, frame, l4, length);
        if (fill) {
            Icmpv6.fillChecksum(frame, l4, length, source.hi(), source.lo(), destination.hi(), destination.lo());
        }
        ParsedPacket packet = new ParsedPacket();
        assertEquals(ParseResult.ICMP6, Frames.parse(frame, packet));
        return message.parse(frame, packet);
    }

    private static IpAddress solicitedNodeOfB() {
        return new IpAddress(IpAddress.LINK_MULTICAST_HI, IpAddress.solicitedNodeLo(Frames.B6.lo()));
    }

    @Test
    void shouldReadValidMessages() {
        assertEquals(NdpMessage.NEIGHBOR_SOLICITATION, parse(Frames.A6, solicitedNodeOfB(), 255, NS + SOURCE_MAC));
        assertEquals(Frames.MAC_A, message.sourceLinkLayer());
        assertEquals(-1, message.targetLinkLayer());
        assertEquals(Frames.B6, new IpAddress(message.targetHi(), message.targetLo()));
        assertEquals(NdpMessage.NEIGHBOR_SOLICITATION, parse(UNSPECIFIED, solicitedNodeOfB(), 255, NS));
        assertEquals(-1, message.sourceLinkLayer());
        assertEquals(NdpMessage.NEIGHBOR_ADVERTISEMENT, parse(Frames.B6, Frames.A6, 255, NA + TARGET_MAC));
        assertEquals(Frames.MAC_B, message.targetLinkLayer());
        assertEquals(NdpMessage.FLAG_SOLICITED | NdpMessage.FLAG_OVERRIDE, message.flags());
        assertEquals(NdpMessage.ROUTER_SOLICITATION, parse(UNSPECIFIED, IpAddress.parse("ff02::2"), 255, RS));
        assertEquals(
                NdpMessage.ROUTER_ADVERTISEMENT,
                parse(LINK_LOCAL, ALL_NODES, 255, RA + "0501 0000 00000578" + SOURCE_MAC + "fe02" + "00".repeat(14)));
        assertEquals(1400, message.mtu());
        assertEquals(1800, message.routerLifetimeSeconds());
        assertEquals(Frames.MAC_A, message.sourceLinkLayer());
    }

    @Test
    void shouldPassOverOtherMessages() {
        assertEquals(NdpMessage.NOT_NDP, parse(Frames.A6, Frames.B6, 64, "80000000 00010001"));
        assertEquals(NdpMessage.NOT_NDP, parse(LINK_LOCAL, Frames.B6, 255, "89000000 00000000" + "00".repeat(32)));
    }

    @Test
    void shouldDropWhatCameThroughARouter() {
        for (int hopLimit : new int[] {0, 1, 64, 254}) {
            assertEquals(NdpMessage.DROP_HOP_LIMIT, parse(Frames.A6, solicitedNodeOfB(), hopLimit, NS));
            assertEquals(NdpMessage.DROP_HOP_LIMIT, parse(Frames.B6, Frames.A6, hopLimit, NA));
            assertEquals(NdpMessage.DROP_HOP_LIMIT, parse(LINK_LOCAL, ALL_NODES, hopLimit, RA));
            assertEquals(NdpMessage.DROP_HOP_LIMIT, parse(UNSPECIFIED, ALL_NODES, hopLimit, RS));
        }
    }

    @Test
    void shouldDropBadChecksums() {
        assertEquals(NdpMessage.DROP_CHECKSUM, parse(Frames.A6, solicitedNodeOfB(), 255, NS, false));
    }

    @Test
    void shouldDropOtherCodesAndShortMessages() {
        assertEquals(NdpMessage.DROP_MALFORMED, parse(Frames.A6, Frames.B6, 255, "87010000" + NS.substring(8)));
        assertEquals(NdpMessage.DROP_MALFORMED, parse(Frames.A6, Frames.B6, 255, NS.substring(0, NS.length() - 2)));
        assertEquals(NdpMessage.DROP_MALFORMED, parse(Frames.A6, Frames.B6, 255, NA.substring(0, NA.length() - 2)));
        assertEquals(NdpMessage.DROP_MALFORMED, parse(LINK_LOCAL, ALL_NODES, 255, RA.substring(0, RA.length() - 2)));
    }

    @Test
    void shouldDropMulticastTargets() {
        String target = "ff020000000000000000000000000001";
        assertEquals(NdpMessage.DROP_MALFORMED, parse(Frames.A6, Frames.B6, 255, NS.replace(TARGET_B, target)));
        assertEquals(NdpMessage.DROP_MALFORMED, parse(Frames.A6, Frames.B6, 255, NA.replace(TARGET_B, target)));
    }

    @Test
    void shouldDropSolicitationsWithoutSourceThatBreakItsRules() {
        assertEquals(NdpMessage.DROP_ADDRESS, parse(UNSPECIFIED, Frames.B6, 255, NS));
        assertEquals(NdpMessage.DROP_ADDRESS, parse(UNSPECIFIED, ALL_NODES, 255, NS));
        assertEquals(NdpMessage.DROP_ADDRESS, parse(UNSPECIFIED, solicitedNodeOfB(), 255, NS + SOURCE_MAC));
        assertEquals(NdpMessage.DROP_ADDRESS, parse(UNSPECIFIED, IpAddress.parse("ff02::2"), 255, RS + SOURCE_MAC));
    }

    @Test
    void shouldDropSolicitedAdvertisementsToAGroup() {
        assertEquals(NdpMessage.DROP_ADDRESS, parse(Frames.B6, ALL_NODES, 255, NA));
        assertEquals(
                NdpMessage.NEIGHBOR_ADVERTISEMENT,
                parse(Frames.B6, ALL_NODES, 255, NA.replace("60000000", "20000000")));
    }

    @Test
    void shouldDropRouterAdvertisementsFromBeyondTheLink() {
        assertEquals(NdpMessage.DROP_ADDRESS, parse(Frames.A6, ALL_NODES, 255, RA));
    }

    @Test
    void shouldDropBadOptions() {
        String[] bad = {
            "0100 000000000000", // length zero: would never end
            "fe00 000000000000",
            "0102 02000000000a", // beyond the message
            "0102 02000000000a" + "00".repeat(8), // not Ethernet's length
            "0101 0200", // half an option
            "0502 0000 00000578" + "00".repeat(8),
            SOURCE_MAC + "02"
        };
        for (String option : bad) {
            assertEquals(NdpMessage.DROP_OPTION, parse(Frames.A6, Frames.B6, 255, NS + option), option);
        }
        String unknown = "fe01 000000000000";
        assertEquals(NdpMessage.NEIGHBOR_SOLICITATION, parse(Frames.A6, Frames.B6, 255, NS + unknown.repeat(32)));
        assertEquals(NdpMessage.DROP_OPTION, parse(Frames.A6, Frames.B6, 255, NS + unknown.repeat(33)));
    }
}
