package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.tcp.Requirement;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class TcpOptionsTest {
    private final TcpOptions options = new TcpOptions();

    private int parse(String hex) {
        MemorySegment memory = Memory.hex(hex);
        return options.parse(memory, 0, (int) memory.byteSize());
    }

    @Test
    void shouldReadTheOptionsOfASyn() {
        assertEquals(TcpOptions.OK, parse("020405b4 0402 080a 11223344 00000000 01 030307"));
        assertEquals(
                TcpOptions.HAS_MSS
                        | TcpOptions.HAS_SACK_PERMITTED
                        | TcpOptions.HAS_TIMESTAMPS
                        | TcpOptions.HAS_WINDOW_SCALE,
                options.present());
        assertEquals(1460, options.mss());
        assertEquals(7, options.windowScale());
        assertEquals(0x11223344, options.tsVal());
        assertEquals(0, options.tsEcr());
    }

    @Test
    void shouldReadAlignedTimestampsOnTheFastWay() {
        assertEquals(TcpOptions.OK, parse("0101080a a1a2a3a4 b1b2b3b4"));
        assertEquals(TcpOptions.HAS_TIMESTAMPS, options.present());
        assertEquals(0xA1A2A3A4, options.tsVal());
        assertEquals(0xB1B2B3B4, options.tsEcr());
    }

    @Test
    void shouldReadTimestampsAndThreeSackBlocks() {
        assertEquals(
                TcpOptions.OK,
                parse("0101080a 00000001 00000002 0101 051a 0000000a00000014 fffffff000000005 8000000080000001"));
        assertTrue(options.has(TcpOptions.HAS_TIMESTAMPS | TcpOptions.HAS_SACK));
        assertEquals(3, options.sackBlockCount());
        assertEquals(10, options.sackLeftEdge(0));
        assertEquals(20, options.sackRightEdge(0));
        assertEquals(-16, options.sackLeftEdge(1));
        assertEquals(5, options.sackRightEdge(1));
        assertEquals(0x80000001, options.sackRightEdge(2));
    }

    @Test
    void shouldReadFourSackBlocksAndUserTimeout() {
        assertEquals(TcpOptions.OK, parse("0522" + "0000000100000002".repeat(4) + "1c04 8005"));
        assertEquals(4, options.sackBlockCount());
        assertEquals(300, options.userTimeoutSeconds());
        assertEquals(TcpOptions.OK, parse("1c040005"));
        assertEquals(5, options.userTimeoutSeconds());
    }

    @Test
    void shouldForgetTheSegmentBefore() {
        parse("0512 0000000100000002 0000000300000004 0101 020405b4");
        assertEquals(TcpOptions.OK, parse(""));
        assertEquals(0, options.present());
        assertEquals(0, options.sackBlockCount());
        parse("020405b4");
        parse("0101080a 00000001 00000002");
        assertFalse(options.has(TcpOptions.HAS_MSS));
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-4", clause = "3.1")
    @Requirement(rfc = 9293, id = "MUST-6", clause = "3.1")
    void shouldStopAtEndOfListAndSkipUnknownKinds() {
        assertEquals(TcpOptions.OK, parse("fd06f00dcafe 0204ffff 00 020405b4"));
        assertEquals(0xFFFF, options.mss());
        assertEquals(TcpOptions.OK, parse("00 0000 030f"));
        assertEquals(0, options.present());
    }

    @Test
    @Requirement(rfc = 7323, id = "2.3-fourteen", clause = "2.3")
    void shouldLimitTheWindowScale() {
        assertEquals(TcpOptions.OK, parse("0303ff"));
        assertEquals(TcpOptions.MAX_WINDOW_SCALE, options.windowScale());
    }

    @Test
    void shouldLetTheLastOfTwoCount() {
        parse("02040100 02040200");
        assertEquals(0x200, options.mss());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-7", clause = "3.1")
    void shouldNameEachMalformedShapeAndKeepWhatCameBefore() {
        String before = "020405b4";
        assertEquals(TcpOptions.TRUNCATED, parse(before + "010108"));
        assertEquals(TcpOptions.TRUNCATED, parse(before + "080a00000000"));
        assertEquals(TcpOptions.TRUNCATED, parse(before + "fdff0000"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "0800"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "fd01"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "0203ff"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "03040000"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "040300"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "0502"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "050700000000000000".substring(0, 14)));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "0803ff"));
        assertEquals(TcpOptions.BAD_LENGTH, parse(before + "1c03ff"));
        assertEquals(TcpOptions.HAS_MSS, options.present());
        assertEquals(1460, options.mss());
    }

    /** Every kind with every length at every distance from the end: the code follows from three rules. */
    @Test
    void shouldClassifyEveryKindAndLength() {
        for (int total = 2; total <= Tcp.MAX_OPTIONS_LENGTH; total++) {
            MemorySegment memory = Memory.allocate(total);
            for (int kind = 2; kind < 256; kind++) {
                for (int length = 0; length < 256; length++) {
                    memory.fill((byte) 0);
                    Wire.put8(memory, 0, kind);
                    Wire.put8(memory, 1, length);
                    int expected = TcpOptions.OK;
                    if (length < 2) {
                        expected = TcpOptions.BAD_LENGTH;
                    } else if (length > total) {
                        expected = TcpOptions.TRUNCATED;
                    } else if (!isRight(kind, length)) {
                        expected = TcpOptions.BAD_LENGTH;
                    }
                    assertEquals(expected, options.parse(memory, 0, total), "kind=" + kind + " length=" + length);
                }
            }
        }
    }

    private static boolean isRight(int kind, int length) {
        return switch (kind) {
            case 2, 28 -> length == 4;
            case 3 -> length == 3;
            case 4 -> length == 2;
            case 5 -> length == 10 || length == 18 || length == 26 || length == 34;
            case 8 -> length == 10;
            default -> true;
        };
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-69", clause = "3.1")
    @Requirement(rfc = 9293, id = "MUST-68", clause = "3.1")
    void shouldReadBackWhatTheWriterWrote() {
        MemorySegment memory = Memory.allocate(Tcp.MAX_OPTIONS_LENGTH);
        memory.fill((byte) 0xAA);
        long at = TcpOptionsWriter.mss(memory, 0, 8960);
        at = TcpOptionsWriter.sackPermitted(memory, at);
        at = TcpOptionsWriter.timestamps(memory, at, -5, 7);
        at = TcpOptionsWriter.windowScale(memory, at, 9);
        assertEquals(20, at);
        at = TcpOptionsWriter.userTimeout(memory, at, 0x8001);
        at = TcpOptionsWriter.sackPermitted(memory, at);
        at = TcpOptionsWriter.pad(memory, 0, at);
        assertEquals(28, at);
        assertEquals(
                "02042300 0402080afffffffb00000007 01030309 1c048001 04020000".replace(" ", ""),
                Memory.toHex(memory, 0, at));
        assertEquals(TcpOptions.OK, options.parse(memory, 0, (int) at));
        assertEquals(8960, options.mss());
        assertEquals(-5, options.tsVal());
        assertEquals(7, options.tsEcr());
        assertEquals(9, options.windowScale());
        assertEquals(60, options.userTimeoutSeconds());

        for (int blocks = 1; blocks <= 3; blocks++) {
            int[] edges = {1, 2, 3, 4, -6, -5};
            at = TcpOptionsWriter.alignedTimestamps(memory, 0, 1, 2);
            at = TcpOptionsWriter.sack(memory, at, edges, blocks);
            assertEquals(16 + 8 * blocks, at);
            assertEquals(at, TcpOptionsWriter.pad(memory, 0, at));
            assertEquals(TcpOptions.OK, options.parse(memory, 0, (int) at));
            assertEquals(blocks, options.sackBlockCount());
            for (int i = 0; i < blocks; i++) {
                assertEquals(edges[2 * i], options.sackLeftEdge(i));
                assertEquals(edges[2 * i + 1], options.sackRightEdge(i));
            }
        }
    }
}
