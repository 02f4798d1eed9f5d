package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.MAC_0;
import static dev.toehold.stack.link.LinkFixture.OWN4;
import static dev.toehold.stack.link.LinkFixture.OWN4_PORT_1;
import static dev.toehold.stack.link.LinkFixture.OWN6;
import static dev.toehold.stack.link.LinkFixture.OWN6_PORT_1;
import static dev.toehold.stack.link.LinkFixture.OWN_LINK_LOCAL;
import static dev.toehold.stack.link.LinkFixture.PEER4;
import static dev.toehold.stack.link.LinkFixture.PEER6;
import static dev.toehold.stack.link.LinkFixture.PEER_LINK_LOCAL;
import static dev.toehold.stack.link.LinkFixture.PEER_MAC;
import static dev.toehold.stack.link.LinkFixture.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.net.IcmpError;
import dev.toehold.net.IpAddress;
import dev.toehold.stack.TimerWheel;
import dev.toehold.tcp.Requirement;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Questions answered, by whom and on which port; errors passed on. */
class EthernetLinkLayerTest {
    private final LinkFixture fixture = LinkFixture.settled();

    @Test
    void shouldAnswerArpAndLearnTheAsker() {
        fixture.arpRequest(0, PEER_MAC, PEER4, OWN4);
        CapturedFrames.Frame reply = fixture.output.take().getFirst();
        assertEquals(
                "0200000000aa" + "020000000001" + "0806" + "0001080006040002" + "020000000001" + "0a000001"
                        + "0200000000aa" + "0a000009",
                HexFormat.of().formatHex(reply.bytes()),
                "42 bytes: the port pads");
        assertEquals(PEER_MAC, fixture.resolve(PEER4));
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldAnswerSolicitationsAndLearnTheAsker() {
        fixture.solicitation(0, PEER_MAC, PEER_LINK_LOCAL, OWN6);
        assertEquals(List.of("0 02:00:00:00:00:aa na fd00::1 fe80::9 6"), fixture.sent());
        assertEquals(PEER_MAC, fixture.resolve(PEER_LINK_LOCAL));
    }

    @Test
    void shouldAnswerOnThePortOfTheAddressOnly() {
        fixture.arpRequest(1, PEER_MAC, IpAddress.parse("10.1.0.9"), OWN4);
        fixture.solicitation(1, PEER_MAC, IpAddress.parse("fd01::9"), OWN6);
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6_PORT_1);
        fixture.arpRequest(0, PEER_MAC, PEER4, OWN4_PORT_1);
        assertEquals(List.of(), fixture.sent());
        fixture.arpRequest(1, PEER_MAC, IpAddress.parse("10.1.0.9"), OWN4_PORT_1);
        fixture.solicitation(1, PEER_MAC, IpAddress.parse("fd01::9"), OWN6_PORT_1);
        assertEquals(
                List.of("1 02:00:00:00:00:aa arp-reply 0a010001 0a010009", "1 02:00:00:00:00:aa na fd01::5 fd01::9 6"),
                fixture.sent());
    }

    @Test
    void shouldOnlyLearnWhenAnotherLcoreAnswers() {
        fixture.isResponder = false;
        fixture.arpRequest(0, PEER_MAC, PEER4, OWN4);
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        fixture.resolve(PEER_LINK_LOCAL);
        fixture.sent();
        fixture.advertisement(PEER_MAC, PEER_LINK_LOCAL, LinkFixture.solicitedOverride());
        assertEquals(List.of(), fixture.sent());
        for (IpAddress peer : List.of(PEER4, PEER6, PEER_LINK_LOCAL)) {
            assertEquals(PEER_MAC, fixture.resolve(peer), peer.toString());
        }
    }

    @Test
    void shouldIgnoreWhatItSentItself() {
        fixture.arpRequest(0, MAC_0, OWN4, OWN4);
        fixture.arpRequest(0, MAC_0, OWN4, PEER4);
        fixture.unsolicitedAdvertisement(0, MAC_0, OWN6);
        fixture.solicitation(0, MAC_0, OWN6, PEER6);
        fixture.solicitation(0, MAC_0, OWN_LINK_LOCAL, OWN6);
        assertEquals(0, fixture.counter(LinkCounters.ADDRESS_CONFLICTS));
        assertEquals(0, fixture.link.neighbors().size());
        assertEquals(List.of(), fixture.sent());
    }

    /** The kernel's side of a TAP device has the MAC of the port. */
    @Test
    void shouldTalkToANeighborOfTheSameMac() {
        fixture.arpRequest(0, MAC_0, PEER4, OWN4);
        fixture.solicitation(0, MAC_0, PEER6, OWN6);
        assertEquals(
                List.of("0 02:00:00:00:00:01 arp-reply 0a000001 0a000009", "0 02:00:00:00:00:01 na fd00::1 fd00::9 6"),
                fixture.sent());
        assertEquals(MAC_0, fixture.resolve(PEER4));
        assertEquals(MAC_0, fixture.resolve(PEER6));
        fixture.resolve(PEER_LINK_LOCAL);
        fixture.advertisement(MAC_0, PEER_LINK_LOCAL, LinkFixture.solicitedOverride());
        assertEquals(MAC_0, fixture.resolve(PEER_LINK_LOCAL));
    }

    @Test
    void shouldFollowARouterThatIsInUse() {
        fixture.deliver(0, routerAdvertisement());
        assertEquals(0, fixture.link.neighbors().size(), "no router is learned");
        fixture.resolve(PEER_LINK_LOCAL);
        fixture.deliver(0, routerAdvertisement());
        assertEquals(PEER_MAC, fixture.resolve(PEER_LINK_LOCAL));
    }

    /** From PEER_LINK_LOCAL to all nodes, with the source link-layer address. */
    private static byte[] routerAdvertisement() {
        String source = "fe800000000000000000000000000009";
        String destination = "ff020000000000000000000000000001";
        String before = "8600";
        String after = "400007080000000000000000" + "0101" + "0200000000aa";
        byte[] summed = LinkFixture.hex(source + destination + "00000018" + "0000003a" + before + "0000" + after);
        int sum = 0;
        for (int i = 0; i < summed.length; i += 2) {
            sum += ((summed[i] & 0xFF) << 8) | (summed[i + 1] & 0xFF);
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        String checksum = String.format("%04x", ~sum & 0xFFFF);
        return LinkFixture.hex("333300000001" + "0200000000aa" + "86dd" + "60000000" + "0018" + "3a" + "ff" + source
                + destination + before + checksum + after);
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-55", clause = "3.9.2.2")
    @Requirement(rfc = 9293, id = "MUST-54", clause = "3.9.2.2")
    void shouldPassOnErrorsAboutTcp() {
        // Port unreachable, quoting 20 bytes of IPv4 from us to the peer and 8 of TCP.
        byte[] frame = LinkFixture.hex("020000000001" + "0200000000aa" + "0800"
                + "4500003800000000400166c20a0000090a000001" + "0303b9f800000000"
                + "4500002800004000400626cd0a0000010a000009" + "9c40005000000001");
        byte[] copy = frame.clone();
        fixIpv4(copy, 14);
        fixIcmp(copy, 34);
        fixture.deliver(0, copy);
        assertEquals(List.of("icmp " + IcmpError.HARD + " 40000 80"), fixture.events);
        assertEquals(1, fixture.counter(LinkCounters.ICMP_ERRORS));
        fixture.events.clear();
        copy[34] = 4;
        fixIcmp(copy, 34);
        fixture.deliver(0, copy);
        assertEquals(List.of(), fixture.events, "source quench is ignored (RFC 9293 MUST-55)");
    }

    private static void fixIpv4(byte[] frame, int at) {
        fix(frame, at, at + 20, at + 10);
    }

    private static void fixIcmp(byte[] frame, int at) {
        fix(frame, at, frame.length, at + 2);
    }

    private static void fix(byte[] frame, int from, int to, int field) {
        frame[field] = 0;
        frame[field + 1] = 0;
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += ((frame[i] & 0xFF) << 8) | (frame[i + 1] & 0xFF);
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = ~((sum & 0xFFFF) + (sum >>> 16));
        frame[field] = (byte) (sum >>> 8);
        frame[field + 1] = (byte) sum;
    }

    @Test
    void shouldSleepWhenNothingIsDue() {
        fixture.advance(100 * SECOND);
        assertEquals(TimerWheel.NEVER, fixture.link.nextDeadlineNs());
        assertEquals(0, fixture.link.pollTimers(fixture.nowNs));
        fixture.solicitation(0, PEER_MAC, PEER_LINK_LOCAL, OWN_LINK_LOCAL);
        assertEquals(TimerWheel.NEVER, fixture.link.nextDeadlineNs(), "a neighbour that is not used needs no timer");
    }
}
