package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.toehold.net.ParseResult;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Echo of both families, byte for byte (RFC 1122 section 3.2.2.6, RFC 4443 section 4.2), against frames made by hand. */
class EchoTest {
    private static final String OWN_MAC = "020000000001";
    private static final String PEER = "0200000000aa";
    private static final String OWN6 = "fd000000000000000000000000000001";
    private static final String PEER6 = "fd000000000000000000000000000009";

    private final LinkFixture fixture = LinkFixture.settled();

    private static int sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            sum += (bytes[i] & 0xFF) << ((i - from) % 2 == 0 ? 8 : 0);
            sum = (sum & 0xFFFF) + (sum >>> 16);
        }
        return sum;
    }

    private static int complement(int sum) {
        int folded = (sum & 0xFFFF) + (sum >>> 16);
        return ~((folded & 0xFFFF) + (folded >>> 16)) & 0xFFFF;
    }

    /** An IPv4 frame from its parts; options are a multiple of four bytes. */
    private static byte[] ipv4(
            String to,
            String from,
            String tag,
            String tosToTtl,
            String source,
            String destination,
            String options,
            byte[] icmp) {
        int headerLength = 20 + options.length() / 2;
        byte[] header = hex(String.format("4%x", headerLength / 4) + tosToTtl.substring(0, 2)
                + String.format("%04x", headerLength + icmp.length) + tosToTtl.substring(2) + "01" + "0000" + source
                + destination + options);
        ByteBuffer.wrap(header).putShort(10, (short) complement(sum(header, 0, header.length)));
        ByteBuffer.wrap(icmp).putShort(2, (short) 0);
        ByteBuffer.wrap(icmp).putShort(2, (short) complement(sum(icmp, 0, icmp.length)));
        return concat(hex(to + from + tag + "0800"), header, icmp);
    }

    private static byte[] ipv6(
            String to, String from, String tag, String hopLimit, String source, String destination, byte[] icmp) {
        byte[] header = hex("60000000" + String.format("%04x", icmp.length) + "3a" + hopLimit + source + destination);
        byte[] pseudo = hex(source + destination + String.format("%08x", icmp.length) + "0000003a");
        ByteBuffer.wrap(icmp).putShort(2, (short) 0);
        int sum = sum(pseudo, 0, pseudo.length) + sum(icmp, 0, icmp.length);
        ByteBuffer.wrap(icmp).putShort(2, (short) complement(sum));
        return concat(hex(to + from + tag + "86dd"), header, icmp);
    }

    private static byte[] echo(int type, int dataLength) {
        byte[] icmp = new byte[8 + dataLength];
        icmp[0] = (byte) type;
        icmp[4] = 0x12;
        icmp[5] = 0x34;
        icmp[7] = 7;
        for (int i = 0; i < dataLength; i++) {
            icmp[8 + i] = (byte) (i * 31);
        }
        return icmp;
    }

    private static byte[] concat(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    private void expect(byte[] request, byte[]... replies) {
        fixture.deliver(0, request);
        List<String> expected =
                Arrays.stream(replies).map(HexFormat.of()::formatHex).toList();
        List<String> seen = fixture.output.take().stream()
                .map(frame -> HexFormat.of().formatHex(frame.bytes()))
                .toList();
        assertEquals(expected, seen);
    }

    private static byte[] request4(String tag, String options, int dataLength) {
        return ipv4(
                OWN_MAC,
                PEER,
                tag,
                "b9" + "4321" + "4000" + "07",
                "0a000009",
                "0a000001",
                options,
                echo(8, dataLength));
    }

    private static byte[] reply4(String tag, int dataLength) {
        return ipv4(PEER, OWN_MAC, tag, "b8" + "4321" + "0000" + "40", "0a000001", "0a000009", "", echo(0, dataLength));
    }

    private static byte[] request6(String tag, int dataLength) {
        return ipv6(OWN_MAC, PEER, tag, "05", PEER6, OWN6, echo(128, dataLength));
    }

    private static byte[] reply6(String tag, int dataLength) {
        return ipv6(PEER, OWN_MAC, tag, "40", OWN6, PEER6, echo(129, dataLength));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 55, 56, 57, 1000, 1471, 1472})
    void shouldAnswerIpv4(int dataLength) {
        expect(request4("", "", dataLength), reply4("", dataLength));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 55, 56, 1000, 1451, 1452})
    void shouldAnswerIpv6(int dataLength) {
        expect(request6("", dataLength), reply6("", dataLength));
    }

    @Test
    void shouldKeepAnEthernetTag() {
        expect(request4("81006064", "", 56), reply4("81006064", 56));
        expect(request6("81000001", 56), reply6("81000001", 56));
    }

    @Test
    void shouldLeaveOutIpOptions() {
        // Record route, as `ping -R` asks for, and an option list with no-operations.
        expect(request4("", "0727" + "04" + "00".repeat(37), 56), reply4("", 56));
        expect(request4("", "01010100", 3), reply4("", 3));
    }

    @Test
    void shouldLeaveOutPadding() {
        expect(concat(request4("", "", 1), hex("ee".repeat(17))), reply4("", 1));
        expect(concat(request6("", 1), hex("ee".repeat(3))), reply6("", 1));
    }

    @Test
    void shouldCutAnIpv4ReplyThatDoesNotFit() {
        expect(request4("", "", 1473), reply4("", 1472));
        expect(request4("", "", 8000), reply4("", 1472));
        expect(request4("81000001", "", 1472), reply4("81000001", 1468));
        assertEquals(0, fixture.output.cancelled());
    }

    @Test
    void shouldNotCutAnIpv6Reply() {
        expect(request6("", 1453));
        expect(request6("", 8000));
        assertEquals(2, fixture.output.cancelled());
        assertEquals(2, fixture.counter(LinkCounters.ICMP_IGNORED));
    }

    @Test
    void shouldNotAnswerToOrFromGroupsAndBroadcasts() {
        String tos = "00" + "4321" + "4000" + "07";
        byte[] icmp = echo(8, 4);
        expect(ipv4(OWN_MAC, PEER, "", tos, "0a000009", "0a0000ff", "", icmp));
        expect(ipv4(OWN_MAC, PEER, "", tos, "0a000009", "ffffffff", "", icmp));
        expect(ipv4(OWN_MAC, PEER, "", tos, "0a000009", "e0000001", "", icmp));
        expect(ipv4("ffffffffffff", PEER, "", tos, "0a000009", "0a000001", "", icmp));
        expect(ipv4(OWN_MAC, PEER, "", tos, "0a0000ff", "0a000001", "", icmp));
        expect(ipv4(OWN_MAC, PEER, "", tos, "00000000", "0a000001", "", icmp));
        expect(ipv4(OWN_MAC, PEER, "", tos, "0a000001", "0a000001", "", icmp));
        expect(ipv4(OWN_MAC, "0300000000aa", "", tos, "0a000009", "0a000001", "", icmp));
        expect(ipv6("333300000001", PEER, "", "40", PEER6, "ff020000000000000000000000000001", echo(128, 4)));
        expect(ipv6(OWN_MAC, PEER, "", "40", "00".repeat(16), OWN6, echo(128, 4)));
        expect(ipv6(OWN_MAC, PEER, "", "40", OWN6, OWN6, echo(128, 4)));
        assertEquals(11, fixture.counter(LinkCounters.ICMP_IGNORED));
        assertEquals(0, fixture.counter(LinkCounters.ECHO_REPLIES));
    }

    @Test
    void shouldAnswerOnceOnly() {
        fixture.isResponder = false;
        expect(request4("", "", 8));
        expect(request6("", 8));
    }

    @Test
    void shouldDropTheReplyWithoutABuffer() {
        fixture.output.full(true);
        expect(request4("", "", 8));
        assertEquals(1, fixture.counter(LinkCounters.NO_BUFFER));
        fixture.output.full(false);
        expect(request4("", "", 8), reply4("", 8));
    }

    @Test
    void shouldNotAnswerReplies() {
        assertEquals(
                ParseResult.ICMP4,
                fixture.deliver(0, ipv4(OWN_MAC, PEER, "", "004321400007", "0a000009", "0a000001", "", echo(0, 8))));
        fixture.deliver(0, ipv6(OWN_MAC, PEER, "", "40", PEER6, OWN6, echo(129, 8)));
        assertEquals(List.of(), fixture.sent());
    }
}
