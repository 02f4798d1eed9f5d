package dev.toehold.stack.link;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.ParseResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Frames that are almost right: nothing throws, and what is sent stays in its frame ({@link CapturedFrames}) and unicast or to a group
 * of ours. {@code -Dtoehold.fuzz.seed} repeats a run.
 */
class LinkFuzzTest {
    private static final int FRAMES = 200_000;
    private static final int STEP_MS = 3;

    private final long seed = Long.getLong("toehold.fuzz.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final LinkFixture fixture = LinkFixture.settled();

    private static List<byte[]> corpus() {
        LinkFixture source = new LinkFixture();
        source.advance(20 * LinkFixture.SECOND);
        source.resolve(LinkFixture.PEER4);
        source.resolve(LinkFixture.PEER6);
        source.arpRequest(0, LinkFixture.PEER_MAC, LinkFixture.PEER4, LinkFixture.OWN4);
        source.solicitation(0, LinkFixture.PEER_MAC, LinkFixture.PEER6, LinkFixture.OWN6);
        List<byte[]> corpus = new ArrayList<>();
        for (CapturedFrames.Frame frame : source.output.take()) {
            // As if a neighbour had sent it, with another source MAC.
            byte[] bytes = frame.bytes();
            bytes[11] ^= (byte) 0xA0;
            corpus.add(bytes);
        }
        corpus.add(LinkFixture.hex("020000000001" + "0200000000aa" + "0806" + "0001080006040001" + "0200000000aa"
                + "0a000009" + "000000000000" + "0a000001" + "00".repeat(18)));
        corpus.add(LinkFixture.hex("333300000001" + "020000000077" + "86dd" + "60000000" + "0024" + "0001"
                + "fe800000000000000000000000000077" + "ff020000000000000000000000000001" + "3a00" + "050200000100"
                + "82000000" + "00010000" + "00".repeat(16) + "027d0000"));
        corpus.add(LinkFixture.hex("020000000001" + "0200000000aa" + "0800" + "450000241234400040010000" + "0a000009"
                + "0a000001" + "0800" + "0000" + "12340001" + "0102030405060708"));
        corpus.add(LinkFixture.hex("020000000001" + "0200000000aa" + "86dd" + "60000000" + "0020" + "3aff"
                + "fd000000000000000000000000000009" + "fd000000000000000000000000000001" + "8700" + "0000" + "00000000"
                + "fd000000000000000000000000000001" + "0101" + "0200000000aa"));
        return corpus;
    }

    private byte[] mutated(byte[] original) {
        byte[] frame = switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(original, random.nextInt(original.length + 1));
            case 1 -> Arrays.copyOf(original, original.length + random.nextInt(64));
            default -> original.clone();
        };
        int changes = random.nextInt(6);
        for (int i = 0; i < changes && frame.length > 0; i++) {
            frame[random.nextInt(frame.length)] = (byte) random.nextInt();
        }
        if (random.nextInt(8) != 0) {
            repair(frame);
        }
        return frame;
    }

    /** Makes IPv4 and ICMP checksums right where the headers still say where they are. */
    private static void repair(byte[] frame) {
        if (frame.length >= 42 && frame[12] == 8 && frame[13] == 0 && frame[14] == 0x45) {
            fix(frame, 14, 34, 24, 0);
            fix(frame, 34, Math.min(frame.length, 14 + u16(frame, 16)), 36, 0);
        } else if (frame.length >= 62 && frame[12] == (byte) 0x86 && frame[13] == (byte) 0xDD) {
            int at = frame[20] == 0 ? 62 : 54;
            int end = Math.min(frame.length, 54 + u16(frame, 18));
            int sum = 58 + end - at;
            for (int i = 22; i < 54; i += 2) {
                sum += u16(frame, i);
            }
            fix(frame, at, end, at + 2, sum);
        }
    }

    private static void fix(byte[] frame, int from, int to, int field, int start) {
        if (to < field + 2) {
            return;
        }
        frame[field] = 0;
        frame[field + 1] = 0;
        int sum = start;
        for (int i = from; i < to; i++) {
            sum += (frame[i] & 0xFF) << ((i - from) % 2 == 0 ? 8 : 0);
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = ~((sum & 0xFFFF) + (sum >>> 16));
        frame[field] = (byte) (sum >>> 8);
        frame[field + 1] = (byte) sum;
    }

    private static int u16(byte[] frame, int at) {
        return ((frame[at] & 0xFF) << 8) | (frame[at + 1] & 0xFF);
    }

    @Test
    void shouldTakeWhateverComes() {
        System.out.println("LinkFuzzTest seed=" + seed);
        List<byte[]> corpus = corpus();
        int delivered = 0;
        for (int i = 0; i < FRAMES; i++) {
            byte[] frame = mutated(corpus.get(random.nextInt(corpus.size())));
            String context =
                    "seed=" + seed + " i=" + i + " frame=" + HexFormat.of().formatHex(frame);
            fixture.isResponder = random.nextInt(4) != 0;
            try {
                int result = fixture.deliverIfLink(random.nextInt(2), frame);
                delivered +=
                        result == ParseResult.ARP || result == ParseResult.ICMP4 || result == ParseResult.ICMP6 ? 1 : 0;
                if (random.nextInt(16) == 0) {
                    fixture.resolve(random.nextBoolean() ? LinkFixture.PEER4 : LinkFixture.PEER6);
                    fixture.advance(random.nextInt(STEP_MS) * 1_000_000L);
                }
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(context, e);
            }
            for (CapturedFrames.Frame sent : fixture.output.take()) {
                boolean isUnicast = (sent.bytes()[0] & 1) == 0;
                boolean isKnownGroup = sent.bytes()[0] == (byte) 0xFF || sent.bytes()[0] == 0x33;
                assertTrue(isUnicast || isKnownGroup, context);
            }
            fixture.events.clear();
            assertTrue(fixture.link.neighbors().size() <= NeighborCache.CAPACITY, context);
        }
        assertTrue(delivered > FRAMES / 4, "seed=" + seed + " delivered=" + delivered);
        assertTrue(fixture.counter(LinkCounters.ECHO_REPLIES) > 0, "seed=" + seed);
        assertTrue(fixture.counter(LinkCounters.NDP_INVALID) > 0, "seed=" + seed);
        assertTrue(fixture.counter(LinkCounters.MLD_REPORTS) > 0, "seed=" + seed);
    }
}
