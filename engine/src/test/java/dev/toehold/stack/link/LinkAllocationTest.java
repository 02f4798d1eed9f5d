package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.OWN6;
import static dev.toehold.stack.link.LinkFixture.PEER4;
import static dev.toehold.stack.link.LinkFixture.PEER_MAC;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import dev.toehold.net.FrameWriter;
import dev.toehold.net.IcmpError;
import dev.toehold.net.MacAddress;
import dev.toehold.net.NdpWriter;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LocalAddresses;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Nothing that a packet, a segment sent or a timer does allocates once it is compiled. */
class LinkAllocationTest {
    private static final int WARM_UP = 100_000;
    private static final int ROUNDS = 25_000;
    private static final int PACKETS_PER_ROUND = 4;

    private final LocalAddresses addresses = new LocalAddresses(List.of(
            LinkFixture.entry(0, LinkFixture.OWN4, 24),
            LinkFixture.entry(0, OWN6, 64),
            LinkFixture.entry(0, LinkFixture.OWN_LINK_LOCAL, 64)));
    private final CapturedFrames output = new CapturedFrames();
    private final LinkEvents events = new LinkEvents() {
        @Override
        public void onResolved(int portIndex, long high, long low, long mac, long eventNs) {
            sink++;
        }

        @Override
        public void onUnreachable(int portIndex, long high, long low, long eventNs) {
            sink++;
        }

        @Override
        public void onIcmpError(int kind, IcmpError error, long eventNs) {
            sink++;
        }
    };
    private final EthernetLinkLayer link = new EthernetLinkLayer(
            addresses, new long[] {LinkFixture.MAC_0}, output, events, true, new SplittableRandom(1), 0);
    private final MemorySegment memory = Arena.ofAuto().allocate(2048);
    private final MemorySegment echo = Arena.ofAuto().allocate(42);
    private final ParsedPacket packet = new ParsedPacket();
    private long nowNs;
    private long sink;
    private int round;

    private void deliver(MemorySegment frame, int length) {
        PacketParser.parse(frame, 0, length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        link.onPacket(0, frame, packet, true, nowNs);
    }

    /** ARP, a solicitation from ever new senders, an advertisement, echo; a known and an unknown next hop; timers. */
    private void onRound() {
        round++;
        nowNs += 1_000_000;
        int peer = PEER4.ipv4();
        int own = LinkFixture.OWN4.ipv4();
        deliver(memory, FrameWriter.arpRequest(memory, 0, MacAddress.BROADCAST, PEER_MAC, peer, own));
        long senderLow = round * 0x9E37_79B9_7F4A_7C15L;
        deliver(
                memory,
                NdpWriter.neighborSolicitation(memory, 0, PEER_MAC, OWN6.hi(), senderLow, OWN6.hi(), OWN6.lo()));
        deliver(memory, NdpWriter.unsolicitedAdvertisement(memory, 0, PEER_MAC, OWN6.hi(), senderLow));
        deliver(echo, 42);
        sink += link.resolve(0, PEER4.hi(), PEER4.lo(), nowNs);
        sink += link.resolve(0, OWN6.hi(), ~senderLow, nowNs);
        link.onReachable(0, PEER4.hi(), PEER4.lo(), nowNs);
        sink += link.pollTimers(nowNs) + link.nextDeadlineNs();
    }

    @Test
    void shouldAllocateNothing() {
        output.capture(false);
        MemorySegment.copy(
                MemorySegment.ofArray(LinkFixture.hex("020000000001" + "0200000000aa" + "0800"
                        + "4500001c1234400040010000" + "0a000009" + "0a000001" + "0800" + "0000" + "12340001")),
                0,
                echo,
                0,
                42);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < WARM_UP; i++) {
            onRound();
        }
        long least = Long.MAX_VALUE;
        long repliesBefore = link.counters().get(LinkCounters.ECHO_REPLIES);
        for (int attempt = 0; attempt < 5; attempt++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < ROUNDS; i++) {
                onRound();
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        // The bean's own call and a late recompilation may allocate a little: far from one object a packet.
        assertEquals(0, least / ROUNDS, "bytes=" + least + " packets=" + ROUNDS * PACKETS_PER_ROUND + " sink=" + sink);
        assertEquals(
                5L * ROUNDS, link.counters().get(LinkCounters.ECHO_REPLIES) - repliesBefore, "they were worked on");
    }
}
