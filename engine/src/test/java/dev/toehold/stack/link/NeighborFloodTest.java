package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.OWN4;
import static dev.toehold.stack.link.LinkFixture.OWN6;
import static dev.toehold.stack.link.LinkFixture.PEER4;
import static dev.toehold.stack.link.LinkFixture.PEER6;
import static dev.toehold.stack.link.LinkFixture.PEER_MAC;
import static dev.toehold.stack.link.LinkFixture.SECOND;
import static dev.toehold.stack.link.LinkFixture.SEED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.stack.LinkLayer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Senders and destinations that do not exist, by the hundred thousand. */
class NeighborFloodTest {
    private static final int FLOOD = 100_000;
    private static final long FIRST_MAC = 0x0212_0000_0000L;

    private final LinkFixture fixture = LinkFixture.settled();
    private final SplittableRandom random = new SplittableRandom(SEED);

    NeighborFloodTest() {
        fixture.output.capture(false);
    }

    private IpAddress spoofed() {
        return new IpAddress(OWN6.hi(), random.nextLong() | (1L << 63));
    }

    @Test
    void shouldKeepTheNeighborInUseWhenStrangersMakeThemselvesHeard() {
        fixture.resolve(PEER6);
        fixture.advertisement(PEER_MAC, PEER6, LinkFixture.solicitedOverride());
        // Idle all the while: a thousand new senders a second for 100 s.
        for (int i = 0; i < FLOOD; i++) {
            fixture.solicitation(0, FIRST_MAC + i, spoofed(), OWN6);
            fixture.nowNs += SECOND / 1000;
        }
        assertTrue(fixture.link.neighbors().size() <= NeighborCache.CAPACITY);
        assertTrue(fixture.link.neighbors().size() > NeighborCache.CAPACITY * 9 / 10, "seed=" + SEED);
        assertEquals(PEER_MAC, fixture.resolve(PEER6), "seed=" + SEED);
    }

    @Test
    void shouldStillFindANewNeighborWhenStrangersFillTheTable() {
        for (int i = 0; i < FLOOD; i++) {
            fixture.solicitation(0, FIRST_MAC + i, spoofed(), OWN6);
        }
        for (int i = 0; i < 60; i++) {
            IpAddress peer = new IpAddress(OWN6.hi(), 0x1000 + i);
            assertEquals(LinkLayer.PENDING, fixture.resolve(peer), "seed=" + SEED + " i=" + i);
            fixture.advertisement(PEER_MAC, peer, LinkFixture.solicitedOverride());
            assertEquals(PEER_MAC, fixture.resolve(peer));
        }
    }

    @Test
    void shouldKeepEveryNeighborInUseWhenTheTableIsFullOfThem() {
        for (int i = 0; i < 3 * NeighborCache.CAPACITY; i++) {
            IpAddress peer = new IpAddress(OWN6.hi(), 0x10_0000 + i);
            if (fixture.resolve(peer) == LinkLayer.PENDING) {
                fixture.advertisement(PEER_MAC, peer, LinkFixture.solicitedOverride());
            }
        }
        assertTrue(fixture.link.neighbors().size() > NeighborCache.CAPACITY * 9 / 10, "seed=" + SEED);
        int before = fixture.link.neighbors().size();
        long evicted = fixture.counter(LinkCounters.NEIGHBORS_EVICTED);
        for (int i = 0; i < FLOOD; i++) {
            fixture.solicitation(0, FIRST_MAC + i, spoofed(), OWN6);
            fixture.nowNs += SECOND / 1000;
        }
        int strangers = fixture.link.neighbors().size() - before;
        long given = fixture.counter(LinkCounters.NEIGHBORS_EVICTED) - evicted;
        int known = 0;
        for (int i = 0; i < 3 * NeighborCache.CAPACITY; i++) {
            known += fixture.state(new IpAddress(OWN6.hi(), 0x10_0000 + i)) >= NeighborCache.STALE ? 1 : 0;
        }
        assertEquals(before, known, "seed=" + SEED + " strangers=" + strangers + " given=" + given);
    }

    @Test
    void shouldBoundTheRateOfQuestions() {
        long sentBefore = fixture.output.sent();
        for (int i = 0; i < FLOOD; i++) {
            fixture.resolve(spoofed());
            fixture.nowNs += SECOND / FLOOD;
        }
        long rate = NeighborCache.MAX_INCOMPLETE * SECOND / NeighborCache.LEAST_WAIT_NS;
        long asked = fixture.output.sent() - sentBefore;
        assertTrue(asked <= rate + NeighborCache.MAX_INCOMPLETE && asked > rate / 2, "asked=" + asked);
    }

    @Test
    void shouldGiveNoEntryToSendersThatAreNotOnLink() {
        for (int i = 0; i < FLOOD; i++) {
            fixture.solicitation(0, FIRST_MAC + i, new IpAddress(0x2001_0DB8_0000_0000L, random.nextLong()), OWN6);
            fixture.arpRequest(0, FIRST_MAC + i, IpAddress.ofIpv4(0xC000_0000 + i), OWN4);
        }
        assertEquals(0, fixture.link.neighbors().size());
    }

    /** SYNs from addresses of our prefix that nobody has: the answers ask for them (RFC 6583). */
    @Test
    void shouldResolvePresentNeighborsDuringAFloodOfAbsentOnes() {
        fixture.resolve(PEER4);
        fixture.arpReply(0, PEER_MAC, PEER4, OWN4);
        int pending = 0;
        int found = 0;
        int tried = 0;
        for (int i = 0; i < FLOOD; i++) {
            pending += fixture.resolve(spoofed()) == LinkLayer.PENDING ? 1 : 0;
            fixture.nowNs += SECOND / 5_000;
            fixture.link.pollTimers(fixture.nowNs);
            if (i % 1_000 == 999) {
                tried++;
                IpAddress present = new IpAddress(OWN6.hi(), 0x2000 + tried);
                fixture.resolve(present);
                fixture.advertisement(PEER_MAC, present, LinkFixture.solicitedOverride());
                found += fixture.resolve(present) == PEER_MAC ? 1 : 0;
            }
        }
        String seen = "seed=" + SEED + " pending=" + pending + " found=" + found + " tried=" + tried;
        assertTrue(found >= tried * 9 / 10, seen);
        assertEquals(PEER_MAC, fixture.resolve(PEER4), seen);
        assertTrue(fixture.link.neighbors().size() <= NeighborCache.CAPACITY, seen);
    }

    @Test
    void shouldReportEachNeighborThatIsGivenUp() {
        int pending = 0;
        for (int i = 0; i < 1_000; i++) {
            pending += fixture.resolve(spoofed()) == LinkLayer.PENDING ? 1 : 0;
            fixture.nowNs += SECOND / 1_000;
        }
        assertTrue(pending > NeighborCache.MAX_INCOMPLETE, "pending=" + pending);
        fixture.advance(10 * SECOND);
        assertEquals(pending, fixture.events.size(), "what waits for a neighbour is always let go, seed=" + SEED);
        assertEquals(0, fixture.link.neighbors().size());
    }

    @Test
    void shouldShareAFullTableAmongMoreNeighborsThanItHolds() {
        int neighbors = 3 * NeighborCache.CAPACITY;
        for (int i = 0; i < neighbors; i++) {
            IpAddress peer = new IpAddress(OWN6.hi(), 0x10_0000 + i);
            if (fixture.resolve(peer) == LinkLayer.PENDING) {
                fixture.advertisement(PEER_MAC, peer, LinkFixture.solicitedOverride());
            }
            fixture.nowNs += SECOND / 100;
        }
        IpAddress last = new IpAddress(OWN6.hi(), 0x10_0000 + neighbors - 1);
        assertEquals(PEER_MAC, fixture.resolve(last), "a late one is served as well");
        assertTrue(fixture.counter(LinkCounters.NEIGHBORS_EVICTED) >= NeighborCache.CAPACITY);
    }
}
