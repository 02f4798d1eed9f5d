package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.Requirement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class InternetChecksumTest {
    /** RFC 1071 as it reads: 16-bit words one after the other, each carry added at once. */
    private static int naiveSum(MemorySegment memory, long offset, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            int value = memory.get(ValueLayout.JAVA_BYTE, offset + i) & 0xFF;
            sum += (i & 1) == 0 ? value << 8 : value;
            if (sum > 0xFFFF) {
                sum -= 0xFFFF;
            }
        }
        return sum;
    }

    @Test
    void shouldSumTheExampleOfRfc1071() {
        assertEquals(0xDDF2, InternetChecksum.sum(Memory.hex("0001f203f4f5f6f7"), 0, 8));
    }

    @Test
    void shouldVerifyKnownIpv4Header() {
        MemorySegment header = Memory.hex("45000073000040004011b861c0a80001c0a800c7");
        assertTrue(InternetChecksum.isIpv4HeaderValid(header, 0, 20));
        Wire.put8(header, 8, 0x3F);
        assertFalse(InternetChecksum.isIpv4HeaderValid(header, 0, 20));
    }

    @Property
    void shouldAgreeWithNaiveSumForAnyOffsetAndLength(
            @ForAll @Size(max = 2000) byte[] bytes, @ForAll @IntRange(max = 9) int skip) {
        MemorySegment memory = Memory.of(bytes);
        int offset = Math.min(skip, bytes.length);
        int length = bytes.length - offset;
        assertEquals(naiveSum(memory, offset, length), InternetChecksum.sum(memory, offset, length));
    }

    @Test
    void shouldAgreeWithNaiveSumForEachShortLengthAndForAllOnes() {
        MemorySegment memory = Memory.allocate(70_000);
        memory.fill((byte) 0xFF);
        for (int offset = 0; offset < 9; offset++) {
            for (int length = 0; length < 200; length++) {
                assertEquals(naiveSum(memory, offset, length), InternetChecksum.sum(memory, offset, length));
            }
        }
        assertEquals(0xFFFF, InternetChecksum.sum(memory, 0, 70_000));
    }

    @Property
    void shouldConcatenateSumsOfPartsSplitAnywhere(
            @ForAll @Size(min = 1, max = 300) byte[] bytes, @ForAll @IntRange(max = 300) int split) {
        MemorySegment memory = Memory.of(bytes);
        int first = Math.min(split, bytes.length);
        int rest = bytes.length - first;
        assertEquals(
                naiveSum(memory, 0, bytes.length),
                InternetChecksum.concatenate(
                        InternetChecksum.sum(memory, 0, first), first, InternetChecksum.sum(memory, first, rest)));
    }

    @Property
    void shouldUpdateAsIfSummedAnew(
            @ForAll @Size(value = 40) byte[] bytes,
            @ForAll @IntRange(max = 9) int word,
            @ForAll int value,
            @ForAll short half) {
        MemorySegment memory = Memory.of(bytes);
        Wire.put16(memory, 0, 1);
        int before = InternetChecksum.complement(InternetChecksum.sum(memory, 0, 40));
        int oldWord = Wire.i32(memory, 4L * word);
        Wire.put32(memory, 4L * word, value);
        int after = InternetChecksum.complement(InternetChecksum.sum(memory, 0, 40));
        assertTrue(isSame(after, InternetChecksum.update32(before, oldWord, value)));
        int oldHalf = Wire.u16(memory, 20);
        Wire.put16(memory, 20, half);
        int last = InternetChecksum.complement(InternetChecksum.sum(memory, 0, 40));
        assertTrue(isSame(last, InternetChecksum.update16(after, oldHalf, half)));
    }

    /** Equal as ones' complement numbers: an all-zero message alone tells the two zeros apart. */
    private static boolean isSame(int a, int b) {
        return a == b || ((a == 0 || a == 0xFFFF) && (b == 0 || b == 0xFFFF));
    }

    @Test
    void shouldUpdateTheExampleOfRfc1624() {
        assertEquals(0x0000, InternetChecksum.update16(0xDD2F, 0x5555, 0x3285));
    }

    @Property
    void shouldSumTheIpv4PseudoHeaderFromMappedAddresses(
            @ForAll int source, @ForAll int destination, @ForAll @IntRange(max = 65535) int length) {
        MemorySegment pseudo = Memory.allocate(12);
        Wire.put32(pseudo, 0, source);
        Wire.put32(pseudo, 4, destination);
        Wire.put16(pseudo, 8, IpProtocol.TCP);
        Wire.put16(pseudo, 10, length);
        assertEquals(
                naiveSum(pseudo, 0, 12),
                InternetChecksum.pseudoHeader(
                        0, IpAddress.mapped(source), 0, IpAddress.mapped(destination), IpProtocol.TCP, length));
    }

    @Property
    void shouldSumTheIpv6PseudoHeader(
            @ForAll long a,
            @ForAll long b,
            @ForAll long c,
            @ForAll long d,
            @ForAll @IntRange(max = 100_000) int length) {
        MemorySegment pseudo = Memory.allocate(40);
        Wire.put64(pseudo, 0, a);
        Wire.put64(pseudo, 8, b);
        Wire.put64(pseudo, 16, c);
        Wire.put64(pseudo, 24, d);
        Wire.put32(pseudo, 32, length);
        Wire.put32(pseudo, 36, IpProtocol.ICMPV6);
        assertEquals(naiveSum(pseudo, 0, 40), InternetChecksum.pseudoHeader(a, b, c, d, IpProtocol.ICMPV6, length));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-3", clause = "3.1")
    void shouldTellRightFromWrongTransportChecksums() {
        ParsedPacket packet = new ParsedPacket();
        for (boolean ipv4 : new boolean[] {true, false}) {
            for (int text = 0; text < 70; text++) {
                MemorySegment frame = Frames.tcp(ipv4, text);
                assertTrue(ParseResult.isTcp(Frames.parse(frame, packet)));
                assertTrue(InternetChecksum.isTransportValid(frame, packet, false));
                long last = frame.byteSize() - 1;
                Wire.put8(frame, last, Wire.u8(frame, last) ^ 0x10);
                assertFalse(InternetChecksum.isTransportValid(frame, packet, true));

                MemorySegment echo = Frames.echo(ipv4, text);
                Frames.parse(echo, packet);
                assertTrue(InternetChecksum.isTransportValid(echo, packet, false));
                Wire.put8(echo, echo.byteSize() - 1, Wire.u8(echo, echo.byteSize() - 1) ^ 0x10);
                assertFalse(InternetChecksum.isTransportValid(echo, packet, false));
            }
        }
    }

    @Test
    void shouldAcceptPartialChecksumOnlyWhenTold() {
        ParsedPacket packet = new ParsedPacket();
        for (boolean ipv4 : new boolean[] {true, false}) {
            MemorySegment frame = Frames.tcp(ipv4, 100);
            Frames.parse(frame, packet);
            Tcp.putChecksum(frame, packet.l4Offset(), InternetChecksum.pseudoHeader(packet));
            assertFalse(InternetChecksum.isTransportValid(frame, packet, false));
            assertTrue(InternetChecksum.isTransportValid(frame, packet, true));
        }
    }
}
