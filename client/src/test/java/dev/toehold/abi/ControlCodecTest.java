package dev.toehold.abi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlCodecTest {
    private final byte[] bytes = new byte[ControlMessage.MAX_LENGTH];
    private final ControlEncoder encoder = new ControlEncoder(MemorySegment.ofArray(bytes));
    private final ControlDecoder decoder = new ControlDecoder();

    private static List<ControlBody> everyBody() {
        return List.of(
                new ControlBody.Hello(1, 0, 65_536, Capability.IPV6, new ControlBody.Token(3, 4), "größe"),
                new ControlBody.Hello(1, 0, 0, 0, ControlBody.Token.NONE, ""),
                new ControlBody.Welcome(
                        1,
                        0,
                        7,
                        2,
                        99,
                        new ControlBody.Token(-1, -2),
                        Capability.IPV4 | Capability.RESUME,
                        1L << 40,
                        65_536,
                        1500,
                        256,
                        16,
                        List.of(new ControlBody.Address(0, 0xffff0a000002L), new ControlBody.Address(1L << 63, 2)),
                        "engine",
                        "idxd",
                        List.of("cubic", "reno"),
                        List.of(
                                new ControlBody.Port("eth1", "net_af_packet", 0, 1500, 1, 1),
                                new ControlBody.Port("0000:03:00.0", "mlx5_pci", -1L, 9000, 16, 65_535))),
                new ControlBody.Reply(ResultCode.DENIED, "port 22: not allowed by the policy"),
                new ControlBody.Register(255, 1L << 33),
                new ControlBody.Unregister(3),
                new ControlBody.Group(1, 2, 4096, 2048, 65_536),
                new ControlBody.QueuePair(5),
                new ControlBody.QueuePairReady(5, 360_000),
                new ControlBody.TcpInfo(Handle.of(1, 2, 3)),
                new ControlBody.Resume(1, 2, 3, 4),
                new ControlBody.Resumed(1, 2, 3),
                new ControlBody.Admin("connections"),
                new ControlBody.AdminReply("{\"items\": []}"));
    }

    @Test
    void shouldReadBackWhatItWrote() throws ControlException {
        for (ControlBody body : everyBody()) {
            int length = encoder.encode(-5, body);
            ControlFrame frame = decoder.decode(MemorySegment.ofArray(bytes), length);
            assertEquals(new ControlFrame(-5, false, body), frame);
        }
        assertEquals(
                ControlMessage.ADMIN_REPLY,
                List.copyOf(everyBody()).getLast().type(),
                "the list covers the types up to the last one");
    }

    @Test
    void shouldCarryMoreFlagOnAdminReplyOnly() throws ControlException {
        int length = encoder.encode(1, new ControlBody.AdminReply("part"), true);
        assertTrue(decoder.decode(MemorySegment.ofArray(bytes), length).more());
        length = encoder.encode(1, new ControlBody.AdminReply("part"));
        assertFalse(decoder.decode(MemorySegment.ofArray(bytes), length).more());
        int other = encoder.encode(1, new ControlBody.TcpInfo(1), true);
        assertThrows(ControlException.class, () -> decoder.decode(MemorySegment.ofArray(bytes), other));
    }

    @Test
    void shouldFreezeBytesOnTheSocket() {
        assertBytes(
                "0100 0000 3600 0000 2a00000000000000" + "0100 0000 00000100 0400000000000000"
                        + "0300000000000000 0400000000000000" + "0400 6e616d65",
                new ControlBody.Hello(1, 0, 65_536, Capability.IPV6, new ControlBody.Token(3, 4), "name"));
        assertBytes(
                "0200 0000 8d00 0000 2a00000000000000" + "0100 0000 07000000 02000000 01000000 6300000000000000"
                        + "0b00000000000000 0c00000000000000 0200000000000000 0000000000010000"
                        + "00000100 dc050000 00010000 10000000" + "0d00000000000000 0e00000000000000" + "0100 65"
                        + "0100 64 0300 782c79 01000000"
                        + "0100 70 0100 71 0f00000000000000 dc050000 0200 0300",
                new ControlBody.Welcome(
                        1,
                        0,
                        7,
                        2,
                        99,
                        new ControlBody.Token(11, 12),
                        Capability.IPV4,
                        1L << 40,
                        65_536,
                        1500,
                        256,
                        16,
                        List.of(new ControlBody.Address(13, 14)),
                        "e",
                        "d",
                        List.of("x", "y"),
                        List.of(new ControlBody.Port("p", "q", 15, 1500, 2, 3))));
        assertBytes(
                "0300 0000 1c00 0000 2a00000000000000 fcffffff 00000000 0200 6e6f",
                new ControlBody.Reply(ResultCode.DENIED, "no"));
        assertBytes(
                "0400 0000 2000 0000 2a00000000000000 01000000 00000000 0010000000000000",
                new ControlBody.Register(1, 4096));
        assertBytes("0500 0000 1800 0000 2a00000000000000 03000000 00000000", new ControlBody.Unregister(3));
        assertBytes(
                "0600 0000 2800 0000 2a00000000000000 01000000 02000000 0010000000000000 00080000 20000000",
                new ControlBody.Group(1, 2, 4096, 2048, 32));
        assertBytes("0700 0000 1800 0000 2a00000000000000 05000000 00000000", new ControlBody.QueuePair(5));
        assertBytes(
                "0800 0000 2000 0000 2a00000000000000 05000000 00000000 0010000000000000",
                new ControlBody.QueuePairReady(5, 4096));
        assertBytes("0b00 0000 1800 0000 2a00000000000000 0900000000000000", new ControlBody.TcpInfo(9));
        assertBytes(
                "0c00 0000 3000 0000 2a00000000000000"
                        + "0100000000000000 0200000000000000 0300000000000000 0400000000000000",
                new ControlBody.Resume(1, 2, 3, 4));
        assertBytes(
                "0d00 0000 2800 0000 2a00000000000000 0100000000000000 0200000000000000 0300000000000000",
                new ControlBody.Resumed(1, 2, 3));
        assertBytes("0e00 0000 1300 0000 2a00000000000000 746f70", new ControlBody.Admin("top"));
        assertBytes("0f00 0000 1200 0000 2a00000000000000 7b7d", new ControlBody.AdminReply("{}"));
    }

    private void assertBytes(String hex, ControlBody body) {
        int length = encoder.encode(42, body);
        byte[] expected = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertArrayEquals(expected, Arrays.copyOf(bytes, length), body.toString());
    }

    @Test
    void shouldRefuseEveryTruncationAndExtension() {
        for (ControlBody body : everyBody()) {
            int length = encoder.encode(77, body);
            boolean fillsMessage = body instanceof ControlBody.Admin || body instanceof ControlBody.AdminReply;
            boolean mayGrow = body instanceof ControlBody.Hello || body instanceof ControlBody.Welcome;
            for (int cut = 0; cut < length; cut++) {
                boolean honest = fillsMessage && cut >= ControlMessage.BODY_OFFSET;
                byte[] exact = Arrays.copyOf(bytes, cut);
                assertThrows(ControlException.class, () -> decode(exact), body + " cut with its old length");
                if (!honest && cut >= ControlMessage.BODY_OFFSET) {
                    setLength(exact);
                    ControlException e = assertThrows(ControlException.class, () -> decode(exact), body + " cut");
                    assertEquals(ResultCode.INVALID, e.result());
                    assertEquals(77, e.correlation());
                }
            }
            if (!fillsMessage && !mayGrow) {
                byte[] longer = Arrays.copyOf(bytes, length + 1);
                setLength(longer);
                assertThrows(ControlException.class, () -> decode(longer), body + " extended");
            }
        }
    }

    @Test
    void shouldIgnoreWhatLaterMinorVersionAddsToHelloAndWelcome() throws ControlException {
        for (ControlBody body : everyBody()) {
            if (body instanceof ControlBody.Hello || body instanceof ControlBody.Welcome) {
                byte[] longer = Arrays.copyOf(bytes, encoder.encode(1, body) + 9);
                setLength(longer);
                assertEquals(body, decode(longer).body());
            }
        }
    }

    @Test
    void shouldRefuseReservedFieldsUnknownTypesAndBadStrings() {
        int length = encoder.encode(1, new ControlBody.Unregister(1));
        byte[] reserved = Arrays.copyOf(bytes, length);
        reserved[20] = 1;
        assertThrows(ControlException.class, () -> decode(reserved));
        byte[] unknown = Arrays.copyOf(bytes, length);
        unknown[0] = 99;
        assertThrows(ControlException.class, () -> decode(unknown));
        byte[] flags = Arrays.copyOf(bytes, length);
        flags[2] = 2;
        assertThrows(ControlException.class, () -> decode(flags));

        length = encoder.encode(1, new ControlBody.Hello(1, 0, 0, 0, ControlBody.Token.NONE, "ab"));
        byte[] notUtf8 = Arrays.copyOf(bytes, length);
        notUtf8[length - 1] = (byte) 0xc3;
        assertThrows(ControlException.class, () -> decode(notUtf8));
        byte[] controlCharacter = Arrays.copyOf(bytes, length);
        controlCharacter[length - 1] = '\n';
        assertThrows(ControlException.class, () -> decode(controlCharacter));
        byte[] longString = Arrays.copyOf(bytes, length);
        longString[length - 4] = 100;
        assertThrows(ControlException.class, () -> decode(longString));
        byte[] negativeCredit = Arrays.copyOf(bytes, length);
        negativeCredit[23] = (byte) 0x80;
        assertThrows(ControlException.class, () -> decode(negativeCredit));
    }

    @Test
    void shouldRefuseToWriteWhatDoesNotFit() {
        ControlBody.Hello hello = new ControlBody.Hello(1, 0, 0, 0, ControlBody.Token.NONE, "x".repeat(256));
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(1, hello));
        ControlBody.Admin huge = new ControlBody.Admin("x".repeat(ControlMessage.MAX_LENGTH));
        assertThrows(IllegalArgumentException.class, () -> encoder.encode(1, huge));
        ControlEncoder small = new ControlEncoder(MemorySegment.ofArray(new byte[20]));
        assertThrows(IllegalArgumentException.class, () -> small.encode(1, new ControlBody.TcpInfo(1)));
    }

    @Test
    void shouldNeverFailOtherwiseOnRandomBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int decoded = 0;
        List<ControlBody> bodies = new ArrayList<>(everyBody());
        for (int i = 0; i < 200_000; i++) {
            int length = encoder.encode(i, bodies.get(random.nextInt(bodies.size())));
            byte[] message = Arrays.copyOf(bytes, random.nextInt(8) == 0 ? random.nextInt(length + 1) : length);
            int flips = message.length == 0 ? 0 : random.nextInt(4);
            for (int flip = 0; flip < flips; flip++) {
                message[random.nextInt(message.length)] = (byte) random.nextInt(256);
            }
            if (message.length >= ControlMessage.BODY_OFFSET && random.nextBoolean()) {
                setLength(message);
            }
            try {
                decode(message);
                decoded++;
            } catch (ControlException e) {
                assertEquals(ResultCode.INVALID, e.result(), "seed=" + seed);
            }
        }
        assertTrue(decoded > 50_000, "the fuzzer got past the checks: decoded=" + decoded + " seed=" + seed);
    }

    private ControlFrame decode(byte[] message) throws ControlException {
        return decoder.decode(MemorySegment.ofArray(message), message.length);
    }

    private static void setLength(byte[] message) {
        MemorySegment.ofArray(message)
                .set(
                        ValueLayout.JAVA_INT_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN),
                        ControlMessage.LENGTH_OFFSET,
                        message.length);
    }
}
