package dev.toehold.perf.link;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.FrameBatch;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import dev.toehold.ffi.linux.PacketSocket;
import dev.toehold.perf.link.LinkCounters.Count;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole link between two veths: numbered frames in at one end, what comes out at the other. */
class ImpairingLinkIT {
    private static final int FRAMES = 2000;
    private static final int LENGTH = 100;
    private static final int ROOM = 2048;
    private static final int NUMBER_OFFSET = 60;
    private static final int BATCH = 32;
    private static final long QUIET_NS = 300_000_000;

    private final NetworkNamespace namespace = NetworkNamespace.create("toehold-link-"
            + ProcessHandle.current().pid() + "-" + ThreadLocalRandom.current().nextInt(1 << 30));
    private final MemorySegment memory = Arena.ofAuto().allocate((long) BATCH * ROOM);
    private final FrameBatch received = new FrameBatch(BATCH);
    private final FrameBatch sent = new FrameBatch(BATCH);
    private PacketSocket left;
    private PacketSocket right;
    private ImpairingLink link;

    @BeforeEach
    void create() throws Exception {
        namespace.run(() -> {
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), "1");
            try (Netlink netlink = Netlink.open();
                    Ethtool ethtool = Ethtool.open()) {
                netlink.createVeth("left", "link-left", null);
                netlink.createVeth("link-right", "right", null);
                for (String name : List.of("left", "link-left", "link-right", "right")) {
                    ethtool.set(name, Ethtool.Offload.GRO, false);
                    netlink.setUp(netlink.link(name).orElseThrow().index(), true);
                }
                left = PacketSocket.open(netlink.link("left").orElseThrow().index(), 8 << 20);
                right = PacketSocket.open(netlink.link("right").orElseThrow().index(), 8 << 20);
            }
            link = ImpairingLink.start("link-left", "link-right");
            return null;
        });
        for (int i = 0; i < BATCH; i++) {
            received.set(i, memory, (long) i * ROOM, ROOM);
        }
    }

    @AfterEach
    void delete() {
        if (link != null) {
            link.close();
        }
        left.close();
        right.close();
        namespace.delete();
    }

    /** As much of an IPv4 TCP segment as the link looks at. */
    private static MemorySegment segment(Arena arena, int number, int length, int flags) {
        MemorySegment frame = arena.allocate(length);
        frame.asSlice(0, 12).fill((byte) 0x02);
        frame.set(JAVA_BYTE, 12, (byte) 0x08);
        frame.set(JAVA_BYTE, 14, (byte) 0x45);
        frame.set(JAVA_BYTE, 14 + 9, (byte) 6);
        frame.set(JAVA_BYTE, 14 + 20 + 13, (byte) flags);
        frame.set(JAVA_INT_UNALIGNED, NUMBER_OFFSET, number);
        return frame;
    }

    /** Sends numbered segments and returns the numbers that come out, in their order. */
    private List<Integer> pass(PacketSocket from, PacketSocket to) {
        List<Integer> numbers = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < FRAMES; i++) {
                sent.set(0, segment(arena, i, LENGTH, 0), 0, LENGTH);
                assertEquals(1, from.send(sent, 0, 1));
                collect(to, numbers);
            }
        }
        long quietSinceNs = System.nanoTime();
        while (System.nanoTime() - quietSinceNs < QUIET_NS) {
            if (collect(to, numbers) > 0) {
                quietSinceNs = System.nanoTime();
            }
        }
        return numbers;
    }

    private int collect(PacketSocket socket, List<Integer> numbers) {
        int count = socket.receive(received, BATCH);
        for (int i = 0; i < count; i++) {
            assertEquals(LENGTH, received.length(i));
            numbers.add(memory.get(JAVA_INT_UNALIGNED, (long) i * ROOM + NUMBER_OFFSET));
        }
        return count;
    }

    @Test
    void shouldBeAWireAtFirst() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            all.add(i);
        }
        assertTrue(all.equals(pass(left, right)));
        assertTrue(all.equals(pass(right, left)));
        for (LinkCounters counters : List.of(link.leftToRight(), link.rightToLeft())) {
            assertEquals(FRAMES, counters.get(Count.RECEIVED));
            assertEquals(FRAMES, counters.get(Count.SENT));
            assertEquals((long) FRAMES * LENGTH, counters.get(Count.SENT_BYTES));
            assertEquals(0, counters.accidents());
            assertEquals(
                    counters.toString(), LinkCounters.parse(counters.toString()).toString());
        }
    }

    /** Without what is bounded by time as well, which a busy machine would show: reordering and bursts. */
    @Test
    void shouldDoTheSameToTheSameFramesBySameSeed() {
        Impairments impairments = Impairments.parse("loss=3%,duplicate=3%");
        link.impair(impairments, Impairments.NONE, 5);
        List<Integer> first = pass(left, right);
        link.impair(impairments, Impairments.NONE, 5);
        assertTrue(first.equals(pass(left, right)), "the same seed did something else");
        link.impair(impairments, Impairments.NONE, 6);
        assertFalse(first.equals(pass(left, right)), "another seed did the same");
    }

    @Test
    void shouldCountWhatItDoes() {
        link.impair(Impairments.NONE, Impairments.parse("loss=3%,burst=1%:30%,duplicate=3%,reorder=3%:4"), 5);
        List<Integer> numbers = pass(right, left);
        LinkCounters counters = link.rightToLeft();
        long lost = counters.get(Count.LOST) + counters.get(Count.LOST_IN_BURSTS);
        assertEquals(FRAMES - lost, new HashSet<>(numbers).size());
        assertEquals(FRAMES - lost + counters.get(Count.DUPLICATED), numbers.size());
        assertEquals(numbers.size(), counters.get(Count.SENT));
        for (Count count : List.of(Count.LOST, Count.LOST_IN_BURSTS, Count.DUPLICATED, Count.REORDERED)) {
            assertTrue(counters.get(count) > 10, count + " " + counters);
        }
        long overtaken = 0;
        for (int i = 1; i < numbers.size(); i++) {
            overtaken += numbers.get(i) < numbers.get(i - 1) ? 1 : 0;
        }
        assertTrue(overtaken > 0 && overtaken <= counters.get(Count.REORDERED), overtaken + " " + counters);
        assertEquals(0, counters.accidents());
        assertEquals(0, link.leftToRight().get(Count.RECEIVED));
    }

    @Test
    void shouldInvertOneBitBehindTheEthernetHeader() {
        link.impair(Impairments.parse("corrupt=100%"), Impairments.NONE, 1);
        try (Arena arena = Arena.ofConfined()) {
            for (int i = 0; i < 100; i++) {
                MemorySegment segment = segment(arena, i, LENGTH, 0);
                sent.set(0, segment, 0, LENGTH);
                left.send(sent, 0, 1);
                while (right.receive(received, 1) == 0) {
                    Thread.onSpinWait();
                }
                int inverted = 0;
                for (int at = 0; at < LENGTH; at++) {
                    int difference = (segment.get(JAVA_BYTE, at) ^ memory.get(JAVA_BYTE, at)) & 0xff;
                    inverted += Integer.bitCount(difference);
                    assertTrue(difference == 0 || at >= FrameView.ETHERNET_HEADER_LENGTH, "byte " + at);
                }
                assertEquals(1, inverted);
            }
        }
        assertEquals(100, link.leftToRight().get(Count.CORRUPTED));
    }

    @Test
    void shouldDelay() {
        link.impair(Impairments.parse("delay=50ms"), Impairments.NONE, 1);
        try (Arena arena = Arena.ofConfined()) {
            sent.set(0, segment(arena, 1, LENGTH, 0), 0, LENGTH);
            long startNs = System.nanoTime();
            left.send(sent, 0, 1);
            while (right.receive(received, 1) == 0) {
                Thread.onSpinWait();
            }
            assertTrue(System.nanoTime() - startNs >= 50_000_000);
        }
    }

    @Test
    void shouldCountResetsAndSpareWhatIsNotTcp() {
        link.impair(Impairments.parse("loss=100%"), Impairments.NONE, 1);
        try (Arena arena = Arena.ofConfined()) {
            sent.set(0, segment(arena, 1, LENGTH, 0x04), 0, LENGTH);
            MemorySegment arp = arena.allocate(LENGTH);
            arp.set(JAVA_BYTE, 12, (byte) 0x08);
            arp.set(JAVA_BYTE, 13, (byte) 0x06);
            arp.set(JAVA_INT_UNALIGNED, NUMBER_OFFSET, 77);
            sent.set(1, arp, 0, LENGTH);
            left.send(sent, 0, 2);
            while (right.receive(received, 1) == 0) {
                Thread.onSpinWait();
            }
        }
        assertEquals(77, memory.get(JAVA_INT_UNALIGNED, NUMBER_OFFSET));
        assertEquals(1, link.leftToRight().get(Count.TCP_RESETS));
        assertEquals(1, link.leftToRight().get(Count.LOST));
    }
}
