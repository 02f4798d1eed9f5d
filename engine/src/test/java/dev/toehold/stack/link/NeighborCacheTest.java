package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.OTHER_MAC;
import static dev.toehold.stack.link.LinkFixture.OWN4;
import static dev.toehold.stack.link.LinkFixture.OWN4_PORT_1;
import static dev.toehold.stack.link.LinkFixture.OWN6;
import static dev.toehold.stack.link.LinkFixture.PEER4;
import static dev.toehold.stack.link.LinkFixture.PEER6;
import static dev.toehold.stack.link.LinkFixture.PEER_LINK_LOCAL;
import static dev.toehold.stack.link.LinkFixture.PEER_MAC;
import static dev.toehold.stack.link.LinkFixture.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.net.NdpMessage;
import dev.toehold.stack.LinkLayer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The states of RFC 4861 section 7.3.2 and appendix C, for ARP and NDP, in virtual time. */
class NeighborCacheTest {
    private static final int SOLICITED = NdpMessage.FLAG_SOLICITED;
    private static final int OVERRIDE = NdpMessage.FLAG_OVERRIDE;

    private final LinkFixture fixture = LinkFixture.settled();

    private void answer(IpAddress peer) {
        if (peer.isIpv4()) {
            fixture.arpReply(0, PEER_MAC, peer, OWN4);
        } else {
            fixture.advertisement(PEER_MAC, peer, LinkFixture.solicitedOverride());
        }
    }

    private void makeReachable(IpAddress peer) {
        fixture.resolve(peer);
        answer(peer);
        fixture.events.clear();
        fixture.sent();
        assertEquals(NeighborCache.REACHABLE, fixture.state(peer));
    }

    private void makeStale(IpAddress peer) {
        fixture.solicitation(0, PEER_MAC, peer, OWN6);
        fixture.sent();
        assertEquals(NeighborCache.STALE, fixture.state(peer));
    }

    private void makeDelay(IpAddress peer) {
        makeStale(peer);
        assertEquals(PEER_MAC, fixture.resolve(peer));
        assertEquals(NeighborCache.DELAY, fixture.state(peer));
    }

    private void makeProbe(IpAddress peer) {
        makeDelay(peer);
        fixture.advance(NeighborCache.DELAY_NS);
        assertEquals(NeighborCache.PROBE, fixture.state(peer));
        fixture.sent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.9", "fd00::9", "fe80::9"})
    void shouldAskOnceASecondAndGiveUpAfterThreeSeconds(String text) {
        IpAddress peer = IpAddress.parse(text);
        assertEquals(LinkLayer.PENDING, fixture.resolve(peer));
        assertEquals(LinkLayer.PENDING, fixture.resolve(peer));
        assertEquals(NeighborCache.INCOMPLETE, fixture.state(peer));
        List<String> first = fixture.sent();
        assertEquals(1, first.size());
        for (int i = 1; i < NeighborCache.MAX_SOLICIT; i++) {
            fixture.advance(SECOND - 1);
            assertEquals(List.of(), fixture.sent());
            fixture.advance(1);
            assertEquals(first, fixture.sent());
        }
        fixture.advance(SECOND - 1);
        assertEquals(List.of(), fixture.events);
        fixture.advance(1);
        assertEquals(List.of("unreachable 0 " + text), fixture.events);
        assertEquals(LinkLayer.UNREACHABLE, fixture.resolve(peer));
        assertEquals(NeighborCache.FAILED, fixture.state(peer));
        assertEquals(List.of(), fixture.sent());
        fixture.advance(NeighborCache.FAILED_NS);
        assertEquals(LinkLayer.PENDING, fixture.resolve(peer), "asked again after a while");
        assertEquals(first, fixture.sent());
    }

    @Test
    void shouldAskEverybodyFromTheFittingAddress() {
        fixture.resolve(PEER4);
        fixture.resolve(PEER6);
        fixture.resolve(PEER_LINK_LOCAL);
        fixture.resolve(1, IpAddress.parse("10.1.0.9"));
        assertEquals(
                List.of(
                        "0 ff:ff:ff:ff:ff:ff arp-request 0a000001 0a000009",
                        "0 33:33:ff:00:00:09 ns fd00::1 fd00::9",
                        "0 33:33:ff:00:00:09 ns fe80::1 fe80::9",
                        "1 ff:ff:ff:ff:ff:ff arp-request 0a010001 0a010009"),
                fixture.sent());
    }

    @Test
    void shouldBeReachableWhenAnswered() {
        for (IpAddress peer : List.of(PEER4, PEER6)) {
            fixture.resolve(peer);
            answer(peer);
            assertEquals(PEER_MAC, fixture.resolve(peer));
            assertEquals(NeighborCache.REACHABLE, fixture.state(peer));
            assertEquals(List.of("resolved 0 " + peer + " 02:00:00:00:00:aa"), fixture.events);
            fixture.events.clear();
        }
    }

    @Test
    void shouldTakeALateAnswerAfterFailure() {
        fixture.resolve(PEER4);
        fixture.advance(4 * SECOND);
        assertEquals(NeighborCache.FAILED, fixture.state(PEER4));
        answer(PEER4);
        assertEquals(PEER_MAC, fixture.resolve(PEER4));
        fixture.advance(10 * SECOND);
        assertEquals(PEER_MAC, fixture.resolve(PEER4), "the end of FAILED must not free a resolved entry");
    }

    @Test
    void shouldResolveFromTheNeighborsOwnQuestion() {
        fixture.resolve(PEER4);
        fixture.arpRequest(0, PEER_MAC, PEER4, OWN4);
        assertEquals(NeighborCache.STALE, fixture.state(PEER4));
        fixture.resolve(PEER6);
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        assertEquals(NeighborCache.STALE, fixture.state(PEER6));
        assertEquals(2, fixture.events.size());
        fixture.advance(10 * SECOND);
        assertEquals(PEER_MAC, fixture.resolve(PEER4));
        assertEquals(PEER_MAC, fixture.resolve(PEER6));
    }

    @Test
    void shouldStayReachableForBetweenHalfAndOneAndAHalfOfTheBaseTime() {
        makeReachable(PEER4);
        fixture.advance(NeighborCache.REACHABLE_NS / 2);
        assertEquals(PEER_MAC, fixture.resolve(PEER4));
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER4));
        fixture.advance(NeighborCache.REACHABLE_NS + 1);
        assertEquals(PEER_MAC, fixture.resolve(PEER4));
        assertEquals(NeighborCache.DELAY, fixture.state(PEER4));
        assertEquals(List.of(), fixture.sent());
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.9, 0 02:00:00:00:00:aa arp-request 0a000001 0a000009",
        "fd00::9, 0 02:00:00:00:00:aa ns fd00::1 fd00::9"
    })
    void shouldProbeTheNeighborItselfAndForgetItWhenSilent(String text, String probe) {
        IpAddress peer = IpAddress.parse(text);
        makeReachable(peer);
        fixture.advance(2 * NeighborCache.REACHABLE_NS);
        fixture.resolve(peer);
        fixture.advance(NeighborCache.DELAY_NS - 1);
        assertEquals(List.of(), fixture.sent());
        fixture.advance(1);
        assertEquals(NeighborCache.PROBE, fixture.state(peer));
        assertEquals(List.of(probe), fixture.sent());
        fixture.advance(2 * SECOND);
        assertEquals(List.of(probe, probe), fixture.sent());
        assertEquals(PEER_MAC, fixture.resolve(peer), "used while it is probed");
        fixture.advance(SECOND);
        assertEquals(NeighborCache.FREE, fixture.state(peer));
        assertEquals(1, fixture.counter(LinkCounters.NEIGHBORS_UNREACHABLE));
        assertEquals(LinkLayer.PENDING, fixture.resolve(peer));
    }

    @Test
    void shouldConfirmAProbedNeighborThatAnswers() {
        makeProbe(PEER6);
        fixture.advertisement(PEER_MAC, PEER6, SOLICITED);
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER6));
        fixture.advance(10 * SECOND);
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldAskAtOnceWhenTcpSendsInVain() {
        fixture.suspect(PEER6);
        assertEquals(NeighborCache.FREE, fixture.state(PEER6));
        makeReachable(PEER6);
        fixture.suspect(PEER6);
        assertEquals(NeighborCache.PROBE, fixture.state(PEER6));
        assertEquals(1, fixture.sent().size());
        fixture.suspect(PEER6);
        assertEquals(List.of(), fixture.sent(), "already asked");
        fixture.advertisement(PEER_MAC, PEER6, SOLICITED);
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER6));
    }

    @Test
    void shouldConfirmByProgressOfTcp() {
        fixture.reachable(PEER6);
        assertEquals(NeighborCache.FREE, fixture.state(PEER6));
        fixture.resolve(PEER6);
        fixture.reachable(PEER6);
        assertEquals(NeighborCache.INCOMPLETE, fixture.state(PEER6), "progress tells no MAC");
        fixture.advance(7 * SECOND);
        makeStale(PEER6);
        fixture.reachable(PEER6);
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER6));
        LinkFixture delayed = fixture;
        delayed.advance(2 * NeighborCache.REACHABLE_NS);
        delayed.resolve(PEER6);
        assertEquals(NeighborCache.DELAY, delayed.state(PEER6));
        delayed.reachable(PEER6);
        assertEquals(NeighborCache.REACHABLE, delayed.state(PEER6));
        delayed.advance(10 * SECOND);
        assertEquals(List.of(), delayed.sent(), "no probe");
    }

    /** RFC 4861 section 7.2.5, entry known: flags, same or other MAC or none -> state and whose MAC. */
    @ParameterizedTest
    @CsvSource({
        // without the MAC or with the same: only S matters
        "REACHABLE, none, false, false, REACHABLE, peer",
        "REACHABLE, none, true,  false, REACHABLE, peer",
        "STALE,     none, true,  true,  REACHABLE, peer",
        "STALE,     none, false, true,  STALE,     peer",
        "STALE,     same, false, true,  STALE,     peer",
        "STALE,     same, true,  false, REACHABLE, peer",
        "DELAY,     same, false, true,  DELAY,     peer",
        "DELAY,     same, true,  false, REACHABLE, peer",
        "PROBE,     same, false, false, PROBE,     peer",
        "PROBE,     same, true,  true,  REACHABLE, peer",
        // another MAC without override: not taken, and a reachable entry becomes doubtful
        "REACHABLE, other, true,  false, STALE, peer",
        "REACHABLE, other, false, false, STALE, peer",
        "STALE,     other, true,  false, STALE, peer",
        "DELAY,     other, true,  false, DELAY, peer",
        "PROBE,     other, true,  false, PROBE, peer",
        // another MAC with override: taken
        "REACHABLE, other, true,  true, REACHABLE, other",
        "REACHABLE, other, false, true, STALE,     other",
        "STALE,     other, true,  true, REACHABLE, other",
        "STALE,     other, false, true, STALE,     other",
        "DELAY,     other, true,  true, REACHABLE, other",
        "DELAY,     other, false, true, STALE,     other",
        "PROBE,     other, true,  true, REACHABLE, other",
        "PROBE,     other, false, true, STALE,     other"
    })
    void shouldFollowTheOverrideRules(
            String before, String mac, boolean solicited, boolean override, String after, String kept) {
        switch (before) {
            case "REACHABLE" -> makeReachable(PEER6);
            case "STALE" -> makeStale(PEER6);
            case "DELAY" -> makeDelay(PEER6);
            default -> makeProbe(PEER6);
        }
        int flags = (solicited ? SOLICITED : 0) | (override ? OVERRIDE : 0);
        if (mac.equals("none")) {
            fixture.advertisementWithoutMac(PEER6, flags);
        } else {
            fixture.advertisement(mac.equals("same") ? PEER_MAC : OTHER_MAC, PEER6, flags);
        }
        assertEquals(stateOf(after), fixture.state(PEER6));
        long expected = kept.equals("peer") ? PEER_MAC : OTHER_MAC;
        assertEquals(expected, fixture.resolve(PEER6));
        List<String> events = kept.equals("peer") ? List.of() : List.of("resolved 0 fd00::9 02:00:00:00:00:bb");
        assertEquals(events, fixture.events);
    }

    private static int stateOf(String name) {
        return switch (name) {
            case "REACHABLE" -> NeighborCache.REACHABLE;
            case "STALE" -> NeighborCache.STALE;
            case "DELAY" -> NeighborCache.DELAY;
            default -> NeighborCache.PROBE;
        };
    }

    @Test
    void shouldResolveAnIncompleteEntryByWhateverNamesItsMac() {
        fixture.resolve(PEER6);
        fixture.advertisementWithoutMac(PEER6, SOLICITED | OVERRIDE);
        assertEquals(NeighborCache.INCOMPLETE, fixture.state(PEER6));
        fixture.unsolicitedAdvertisement(0, PEER_MAC, PEER6);
        assertEquals(NeighborCache.STALE, fixture.state(PEER6));
        fixture.resolve(PEER_LINK_LOCAL);
        fixture.advertisement(PEER_MAC, PEER_LINK_LOCAL, SOLICITED);
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER_LINK_LOCAL));
    }

    @Test
    void shouldNotLearnFromUnaskedAnswers() {
        fixture.advertisement(PEER_MAC, PEER6, SOLICITED | OVERRIDE);
        fixture.unsolicitedAdvertisement(0, PEER_MAC, PEER6);
        fixture.arpReply(0, PEER_MAC, PEER4, OWN4);
        fixture.arpRequest(0, PEER_MAC, PEER4, PEER4);
        fixture.arpRequest(0, PEER_MAC, PEER4, IpAddress.parse("10.0.0.77"));
        assertEquals(0, fixture.link.neighbors().size());
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldFollowAnAnnouncedMoveOfAKnownNeighbor() {
        makeReachable(PEER4);
        fixture.arpRequest(0, OTHER_MAC, PEER4, PEER4);
        assertEquals(NeighborCache.STALE, fixture.state(PEER4));
        assertEquals(OTHER_MAC, fixture.resolve(PEER4));
        assertEquals(List.of("resolved 0 10.0.0.9 02:00:00:00:00:bb"), fixture.events);
        makeReachable(PEER6);
        fixture.solicitation(0, OTHER_MAC, PEER6, OWN6);
        assertEquals(NeighborCache.STALE, fixture.state(PEER6));
        assertEquals(OTHER_MAC, fixture.resolve(PEER6));
    }

    @Test
    void shouldKeepStateWhenAKnownNeighborAsks() {
        makeProbe(PEER6);
        fixture.solicitation(0, PEER_MAC, PEER6, OWN6);
        assertEquals(NeighborCache.PROBE, fixture.state(PEER6));
    }

    @Test
    void shouldNotTakeABroadcastReplyForAProofOfReachability() {
        makeReachable(PEER4);
        fixture.advance(2 * NeighborCache.REACHABLE_NS);
        fixture.resolve(PEER4);
        // An ARP reply to everybody (RFC 5944 has such announcements) with PEER4 at the same MAC.
        fixture.deliver(
                0,
                LinkFixture.hex("ffffffffffff 0200000000aa 0806 0001 0800 06 04 0002"
                        + "0200000000aa 0a000009 020000000001 0a000001"));
        assertEquals(NeighborCache.DELAY, fixture.state(PEER4));
    }

    @Test
    void shouldKeepPortsApart() {
        makeReachable(PEER_LINK_LOCAL);
        assertEquals(LinkLayer.PENDING, fixture.resolve(1, PEER_LINK_LOCAL));
        assertEquals(
                NeighborCache.INCOMPLETE,
                fixture.link.neighbors().state(1, PEER_LINK_LOCAL.hi(), PEER_LINK_LOCAL.lo()));
        assertEquals(NeighborCache.REACHABLE, fixture.state(PEER_LINK_LOCAL));
        assertEquals(LinkLayer.UNREACHABLE, fixture.resolve(1, PEER4), "not on that port's prefix");
        fixture.sent();
        fixture.arpRequest(1, PEER_MAC, IpAddress.parse("10.1.0.9"), OWN4);
        assertEquals(List.of(), fixture.sent(), "that address is of another port");
        fixture.arpRequest(1, PEER_MAC, PEER4, OWN4_PORT_1);
        assertEquals(
                NeighborCache.FREE, fixture.link.neighbors().state(1, PEER4.hi(), PEER4.lo()), "sender off that link");
    }

    @Test
    void shouldMapGroupsAndBroadcasts() {
        assertEquals(MacAddress.BROADCAST, fixture.resolve(IpAddress.parse("255.255.255.255")));
        assertEquals(MacAddress.BROADCAST, fixture.resolve(IpAddress.parse("10.0.0.255")));
        assertEquals(MacAddress.parse("01:00:5e:01:02:03"), fixture.resolve(IpAddress.parse("239.129.2.3")));
        assertEquals(MacAddress.parse("33:33:00:00:00:fb"), fixture.resolve(IpAddress.parse("ff02::fb")));
        assertEquals(0, fixture.link.neighbors().size());
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldNotAskForWhatNoNeighborHas() {
        for (String text : List.of("192.0.2.1", "2001:db8::1", "0.0.0.0", "::", "10.0.0.1", "fe80::1")) {
            assertEquals(LinkLayer.UNREACHABLE, fixture.resolve(IpAddress.parse(text)), text);
        }
        assertEquals(0, fixture.link.neighbors().size());
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldNotLearnMacsThatNoNeighborHas() {
        for (long mac : new long[] {0, MacAddress.BROADCAST, MacAddress.parse("33:33:00:00:00:01")}) {
            fixture.arpRequest(0, mac, PEER4, OWN4);
            fixture.solicitation(0, mac, PEER6, OWN6);
            fixture.solicitationNaming(mac, PEER6, OWN6);
        }
        assertEquals(0, fixture.link.neighbors().size());
        assertEquals(List.of(), fixture.sent(), "nor answer to them");
        makeReachable(PEER6);
        fixture.advertisementNaming(MacAddress.BROADCAST, PEER6);
        assertEquals(PEER_MAC, fixture.resolve(PEER6));
    }

    @Test
    void shouldNotBeTalkedIntoAnEntryForOurOwnAddress() {
        fixture.solicitation(0, PEER_MAC, LinkFixture.OWN_LINK_LOCAL, OWN6);
        fixture.arpRequest(0, PEER_MAC, OWN4_PORT_1, OWN4);
        assertEquals(0, fixture.link.neighbors().size());
    }

    @Test
    void shouldRepeatAQuestionThatFoundNoBuffer() {
        fixture.output.full(true);
        assertEquals(LinkLayer.PENDING, fixture.resolve(PEER4));
        assertTrue(fixture.counter(LinkCounters.NO_BUFFER) > 0);
        fixture.output.full(false);
        fixture.advance(SECOND);
        assertEquals(1, fixture.sent().size());
    }
}
