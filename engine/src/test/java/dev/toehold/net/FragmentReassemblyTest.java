package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FragmentReassemblyTest {
    private static final int PORT = 3;
    private static final int UDP = IpProtocol.UDP;

    private final FragmentReassembly reassembly = new FragmentReassembly();
    private final ParsedPacket packet = new ParsedPacket();
    private int ecn = 2;
    private long nowNs = 1;

    @AfterEach
    void close() {
        reassembly.close();
    }

    private static byte[] payload(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private int add(boolean ipv4, int id, byte[] payload, int from, int to, boolean more) {
        return add(ipv4, ipv4 ? Frames.A4 : Frames.A6, id, Arrays.copyOfRange(payload, from, to), from, more);
    }

    private int add(boolean ipv4, IpAddress source, int id, byte[] part, int at, boolean more) {
        MemorySegment frame = Fragment.frame(ipv4, source, id, part, at, more, UDP, ecn);
        assertEquals(ipv4 ? ParseResult.FRAGMENT4 : ParseResult.FRAGMENT6, Frames.parse(frame, packet));
        return reassembly.add(frame, packet, PORT, nowNs);
    }

    private void assertWhole(boolean ipv4, byte[] payload) {
        int result =
                PacketParser.parse(reassembly.memory(), reassembly.frameOffset(), reassembly.frameLength(), 0, packet);
        assertEquals(ParseResult.OTHER, result);
        assertEquals(ipv4 ? 4 : 6, packet.family());
        assertEquals(UDP, packet.protocol());
        assertEquals(PORT, reassembly.framePort());
        assertEquals(payload.length, packet.l4Length());
        byte[] whole = new byte[payload.length];
        MemorySegment.copy(reassembly.memory(), ValueLayout.JAVA_BYTE, packet.l4Offset(), whole, 0, whole.length);
        assertTrue(Arrays.equals(payload, whole));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldPutFragmentsTogetherInAnyOrder(boolean ipv4) {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            byte[] payload = payload(round == 0 ? (ipv4 ? 65_515 : 65_535) : 17 + random.nextInt(5000));
            List<int[]> parts = new ArrayList<>();
            for (int at = 0; at < payload.length; ) {
                int end = Math.min(payload.length, at + 8 * (1 + random.nextInt(round == 0 ? 180 : 40)));
                parts.add(new int[] {at, end});
                at = end;
            }
            if (parts.size() == 1) {
                continue;
            }
            Collections.shuffle(parts, random);
            int repeated = random.nextInt(parts.size());
            int[] again = parts.get(repeated);
            boolean wasSent = false;
            for (int i = 0; i < parts.size(); i++) {
                int[] part = parts.get(i);
                int expected = i == parts.size() - 1 ? FragmentReassembly.COMPLETE : FragmentReassembly.INCOMPLETE;
                assertEquals(expected, add(ipv4, round, payload, part[0], part[1], part[1] < payload.length));
                wasSent |= i == repeated;
                if (wasSent && i < parts.size() - 1) {
                    int duplicate = add(ipv4, round, payload, again[0], again[1], again[1] < payload.length);
                    assertEquals(FragmentReassembly.DUPLICATE, duplicate);
                }
            }
            assertWhole(ipv4, payload);
        }
        assertEquals(FragmentReassembly.NEVER, reassembly.nextDeadlineNs(), "nothing is left");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGiveUpAPacketWhoseFragmentsOverlap(boolean ipv4) {
        byte[] payload = payload(100);
        byte[] other = payload(100);
        other[20] ^= 1;
        assertEquals(FragmentReassembly.INCOMPLETE, add(ipv4, 1, payload, 0, 48, true));
        assertEquals(FragmentReassembly.CONFLICT, add(ipv4, 1, payload, 40, 80, true), "partly");
        assertEquals(FragmentReassembly.GIVEN_UP, add(ipv4, 1, payload, 48, 100, false), "all of it");
        assertEquals(FragmentReassembly.INCOMPLETE, add(ipv4, 2, payload, 0, 48, true));
        assertEquals(FragmentReassembly.CONFLICT, add(ipv4, 2, other, 0, 48, true), "with other bytes");
        assertEquals(FragmentReassembly.INCOMPLETE, add(ipv4, 3, payload, 0, 48, true));
        assertEquals(FragmentReassembly.DUPLICATE, add(ipv4, 3, payload, 16, 32, true), "the same bytes");
        assertEquals(FragmentReassembly.COMPLETE, add(ipv4, 3, payload, 48, 100, false));
        assertWhole(ipv4, payload);
    }

    @Test
    void shouldGiveUpAPacketWithTwoEnds() {
        byte[] payload = payload(100);
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 1, payload, 48, 100, false));
        assertEquals(FragmentReassembly.CONFLICT, add(true, 1, payload, 40, 48, false));
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 2, payload, 48, 88, true));
        assertEquals(FragmentReassembly.CONFLICT, add(true, 2, payload, 24, 48, false), "beyond its end");
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 3, payload, 8, 16, false));
        assertEquals(FragmentReassembly.CONFLICT, add(true, 3, payload, 16, 24, true));
    }

    @Test
    void shouldRefuseLengthsThatCannotBe() {
        byte[] payload = payload(100);
        assertEquals(FragmentReassembly.BAD_LENGTH, add(true, 1, payload, 0, 7, true));
        assertEquals(FragmentReassembly.BAD_LENGTH, add(true, 1, payload, 8, 8, false));
        assertEquals(FragmentReassembly.TOO_LONG, add(true, Frames.A4, 1, payload, 65_504, false));
        assertEquals(FragmentReassembly.TOO_LONG, add(false, Frames.A6, 1, payload, 65_504, false));
        assertEquals(FragmentReassembly.NEVER, reassembly.nextDeadlineNs(), "none of them began a packet");
    }

    @Test
    void shouldTellPacketsApart() {
        byte[] one = payload(32);
        byte[] two = payload(40);
        IpAddress elsewhere = IpAddress.parse("10.0.0.77");
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 1, one, 0, 16, true));
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 2, two, 0, 16, true));
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, elsewhere, 1, one, 0, true));
        assertEquals(FragmentReassembly.COMPLETE, add(true, 1, one, 16, 32, false));
        assertWhole(true, one);
        assertEquals(FragmentReassembly.COMPLETE, add(true, 2, two, 16, 40, false));
        assertWhole(true, two);
    }

    @Test
    void shouldForgetAfterItsTimeAndQuoteTheFirstFragment() {
        byte[] payload = payload(64);
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 1, payload, 16, 32, true));
        nowNs += 5;
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 2, payload, 0, 16, true));
        ParsedPacket quoted = new ParsedPacket();
        long due = reassembly.nextDeadlineNs();
        assertEquals(1 + FragmentReassembly.TIMEOUT_NS, due);
        assertFalse(reassembly.expire(due - 1, quoted));
        assertTrue(reassembly.expire(due, quoted));
        assertEquals(0, quoted.l3Length(), "its first fragment never came");
        assertFalse(reassembly.expire(due, quoted));
        assertTrue(reassembly.expire(due + 5, quoted));
        assertEquals(36, quoted.l3Length());
        assertEquals(4, Wire.u8(reassembly.memory(), quoted.l3Offset()) >>> 4);
        assertEquals(payload[15], (byte) Wire.u8(reassembly.memory(), quoted.l3Offset() + 35));
        assertEquals(Frames.A4.lo(), quoted.sourceLo());
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 1, payload, 0, 16, true), "as if new");
    }

    @Test
    void shouldBoundWhatOneSourceHolds() {
        byte[] payload = payload(64);
        IpAddress honest = IpAddress.parse("10.0.0.77");
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, honest, 9, Arrays.copyOf(payload, 32), 0, true));
        for (int id = 0; id < 1000; id++) {
            assertEquals(FragmentReassembly.INCOMPLETE, add(true, id, payload, 0, 32, true));
        }
        assertEquals(1000 - FragmentReassembly.SLOTS_PER_SOURCE, reassembly.evictions());
        byte[] rest = Arrays.copyOfRange(payload, 32, 64);
        assertEquals(FragmentReassembly.COMPLETE, add(true, honest, 9, rest, 32, false));
        assertWhole(true, payload);
        for (int i = 0; i < 1000; i++) {
            IpAddress source = IpAddress.parse("10.1." + i / 250 + "." + (1 + i % 250));
            assertEquals(FragmentReassembly.INCOMPLETE, add(true, source, i, Arrays.copyOf(payload, 32), 0, true));
        }
        int held = 0;
        while (reassembly.expire(Long.MAX_VALUE, packet)) {
            held++;
        }
        assertEquals(FragmentReassembly.SLOTS, held);
    }

    @Test
    void shouldCarryCongestionExperiencedOver() {
        byte[] payload = payload(32);
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 1, payload, 0, 16, true));
        ecn = 3;
        assertEquals(FragmentReassembly.COMPLETE, add(true, 1, payload, 16, 32, false));
        assertWhole(true, payload);
        assertEquals(3, packet.ecn());
        assertEquals(FragmentReassembly.INCOMPLETE, add(true, 2, payload, 0, 16, true));
        ecn = 0;
        assertEquals(FragmentReassembly.CONFLICT, add(true, 2, payload, 16, 32, false), "RFC 3168 section 5.3");
    }

    @Test
    void shouldTakeAtomicFragmentsForWholePackets() {
        MemorySegment frame = Frames.tcpBehind(IpProtocol.FRAGMENT, "0600 0000 00000001");
        assertEquals(ParseResult.TCP6, Frames.parse(frame, packet), "RFC 6946");
    }
}
