package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.OTHER_MAC;
import static dev.toehold.stack.link.LinkFixture.OWN4;
import static dev.toehold.stack.link.LinkFixture.OWN6;
import static dev.toehold.stack.link.LinkFixture.OWN6_INDEX;
import static dev.toehold.stack.link.LinkFixture.OWN_LINK_LOCAL;
import static dev.toehold.stack.link.LinkFixture.OWN_LINK_LOCAL_INDEX;
import static dev.toehold.stack.link.LinkFixture.PEER6;
import static dev.toehold.stack.link.LinkFixture.PEER_MAC;
import static dev.toehold.stack.link.LinkFixture.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Duplicate address detection (RFC 4862 section 5.4), announcements and defence (RFC 5227 sections 2.3 and 2.4). */
class AddressClaimsTest {
    private static final String ANNOUNCEMENT = "0 ff:ff:ff:ff:ff:ff arp-request 0a000001 0a000001";
    private static final String PROBE = "0 33:33:ff:00:00:01 ns :: fd00::1";
    private static final String NDP_ANNOUNCEMENT = "0 33:33:00:00:00:01 na fd00::1 ff02::1 2";

    private static LinkFixture with(IpAddress address, int prefixLength) {
        return new LinkFixture(true, List.of(LinkFixture.entry(0, address, prefixLength)));
    }

    @Test
    void shouldAnnounceIpv4TwiceTwoSecondsApart() {
        LinkFixture fixture = with(OWN4, 24);
        fixture.advance(0);
        assertEquals(List.of(ANNOUNCEMENT), fixture.sent());
        fixture.advance(2 * SECOND - 1);
        assertEquals(List.of(), fixture.sent());
        fixture.advance(1);
        assertEquals(List.of(ANNOUNCEMENT), fixture.sent());
        fixture.advance(100 * SECOND);
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldJoinProbeThenUseAndAnnounceIpv6() {
        LinkFixture fixture = with(OWN6, 64);
        assertEquals(LocalAddresses.TENTATIVE, fixture.addresses.stateAcquire(0));
        long start = fixture.nowNs;
        long probedNs = fixture.link.nextDeadlineNs();
        assertTrue(probedNs >= start && probedNs < start + AddressClaims.MAX_INITIAL_DELAY_NS);
        fixture.advance(probedNs - start);
        assertEquals(List.of("0 33:33:00:00:00:16 icmp-143 ::", PROBE), fixture.sent(), "joined before it asks");
        assertEquals(LinkLayer.UNREACHABLE, fixture.resolve(PEER6), "no address to ask from");
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        fixture.advance(SECOND - 1);
        assertEquals(
                List.of("0 33:33:00:00:00:16 icmp-143 ::"),
                fixture.sent(),
                "silent while tentative, but for the report");
        assertEquals(LocalAddresses.TENTATIVE, fixture.addresses.stateAcquire(0));
        fixture.advance(1);
        assertEquals(LocalAddresses.USABLE, fixture.addresses.stateAcquire(0));
        assertEquals(List.of(NDP_ANNOUNCEMENT), fixture.sent());
        fixture.advance(2 * SECOND);
        assertEquals(List.of(NDP_ANNOUNCEMENT), fixture.sent());
        fixture.advance(100 * SECOND);
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldFindADuplicateByAnAdvertisement() {
        LinkFixture fixture = with(OWN6, 64);
        fixture.advance(SECOND / 2);
        fixture.unsolicitedAdvertisement(0, PEER_MAC, OWN6);
        expectDuplicate(fixture);
    }

    @Test
    void shouldFindADuplicateByAnotherNodesProbe() {
        LinkFixture fixture = with(OWN6, 64);
        fixture.solicitation(0, PEER_MAC, IpAddress.UNSPECIFIED6, OWN6);
        expectDuplicate(fixture);
    }

    private static void expectDuplicate(LinkFixture fixture) {
        assertEquals(LocalAddresses.DUPLICATE, fixture.addresses.stateAcquire(0));
        assertEquals(1, fixture.counter(LinkCounters.ADDRESS_CONFLICTS));
        fixture.advance(SECOND);
        fixture.sent();
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        fixture.unsolicitedAdvertisement(0, PEER_MAC, OWN6);
        fixture.advance(100 * SECOND);
        assertEquals(LocalAddresses.DUPLICATE, fixture.addresses.stateAcquire(0));
        assertEquals(List.of(), fixture.sent(), "neither announced, answered for nor defended");
    }

    @Test
    void shouldNotTakeItsOwnProbeOrAQuestionForADuplicate() {
        LinkFixture fixture = with(OWN6, 64);
        fixture.advance(SECOND / 2);
        for (CapturedFrames.Frame frame : fixture.output.take()) {
            fixture.deliver(0, frame.bytes());
        }
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        fixture.advance(SECOND);
        assertEquals(LocalAddresses.USABLE, fixture.addresses.stateAcquire(0));
        assertEquals(0, fixture.counter(LinkCounters.ADDRESS_CONFLICTS));
    }

    @Test
    void shouldNotUseAnAddressThatItCouldNotAskFor() {
        LinkFixture fixture = with(OWN6, 64);
        fixture.output.full(true);
        fixture.advance(5 * SECOND);
        assertEquals(LocalAddresses.TENTATIVE, fixture.addresses.stateAcquire(0));
        fixture.output.full(false);
        fixture.advance(AddressClaims.RETRY_NS + SECOND);
        assertEquals(LocalAddresses.USABLE, fixture.addresses.stateAcquire(0));
        assertTrue(fixture.sent().contains(PROBE));
    }

    @Test
    void shouldDefendIpv4OnceInTenSeconds() {
        LinkFixture fixture = LinkFixture.settled();
        fixture.arpRequest(0, OTHER_MAC, OWN4, LinkFixture.PEER4);
        assertEquals(List.of(ANNOUNCEMENT), fixture.sent());
        for (int i = 0; i < 9; i++) {
            fixture.advance(SECOND);
            fixture.arpReply(0, OTHER_MAC, OWN4, LinkFixture.PEER4);
            fixture.arpRequest(0, OTHER_MAC, OWN4, OWN4);
        }
        assertEquals(List.of(), fixture.sent());
        fixture.advance(SECOND);
        fixture.arpReply(0, OTHER_MAC, OWN4, LinkFixture.PEER4);
        assertEquals(List.of(ANNOUNCEMENT), fixture.sent());
        assertEquals(20, fixture.counter(LinkCounters.ADDRESS_CONFLICTS));
        assertTrue(fixture.addresses.isUsable(0), "connections live on it");
        assertEquals(0, fixture.link.neighbors().size(), "our own address is no neighbour");
    }

    @Test
    void shouldDefendIpv6OnceInTenSeconds() {
        LinkFixture fixture = LinkFixture.settled();
        fixture.unsolicitedAdvertisement(0, OTHER_MAC, OWN6);
        fixture.unsolicitedAdvertisement(0, OTHER_MAC, OWN6);
        assertEquals(List.of(NDP_ANNOUNCEMENT), fixture.sent());
        fixture.advance(10 * SECOND);
        fixture.unsolicitedAdvertisement(0, OTHER_MAC, OWN6);
        assertEquals(List.of(NDP_ANNOUNCEMENT), fixture.sent());
        assertTrue(fixture.addresses.isUsable(OWN6_INDEX));
    }

    @Test
    void shouldAnswerTheProbeOfAnAddressInUseToAllNodes() {
        LinkFixture fixture = LinkFixture.settled();
        fixture.solicitation(0, PEER_MAC, IpAddress.UNSPECIFIED6, OWN_LINK_LOCAL);
        assertEquals(List.of("0 33:33:00:00:00:01 na fe80::1 ff02::1 2"), fixture.sent());
        assertEquals(0, fixture.counter(LinkCounters.ADDRESS_CONFLICTS));
        assertTrue(fixture.addresses.isUsable(OWN_LINK_LOCAL_INDEX));
    }

    @Test
    void shouldAnswerTheArpProbeOfAnAddressInUse() {
        LinkFixture fixture = LinkFixture.settled();
        fixture.arpRequest(0, PEER_MAC, IpAddress.UNSPECIFIED4, OWN4);
        assertEquals(List.of("0 02:00:00:00:00:aa arp-reply 0a000001 00000000"), fixture.sent());
        assertEquals(0, fixture.link.neighbors().size());
    }

    @Test
    void shouldLeaveClaimsToTheLcoreThatHasThem() {
        LinkFixture fixture = new LinkFixture(false, List.of(LinkFixture.entry(0, OWN6, 64)));
        fixture.unsolicitedAdvertisement(0, PEER_MAC, OWN6);
        fixture.advance(10 * SECOND);
        assertEquals(LocalAddresses.TENTATIVE, fixture.addresses.stateAcquire(0));
        assertEquals(List.of(), fixture.sent());
    }
}
