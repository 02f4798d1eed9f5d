package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.hex;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IcmpError;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.LinkLayer;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine says of packets that nobody takes, byte for byte. */
class IcmpErrorSenderTest {
    private static final String OWN_MAC = "020000000001";
    private static final String PEER = "0200000000aa";
    private static final String UDP = "1234" + "0035" + "000c" + "0000" + "01020304";
    private static final String OWN6 = "fd000000000000000000000000000001";
    private static final String PEER6 = "fd000000000000000000000000000009";

    private final LinkFixture fixture = LinkFixture.settled();
    private final ParsedPacket packet = new ParsedPacket();

    private static String ipv4(String protocol, String source, String destination) {
        return "4500" + "0020" + "00010000" + "40" + protocol + "0000" + source + destination + UDP;
    }

    private static String ipv6(String nextHeader, String source, String destination, String payload) {
        return "60000000" + String.format("%04x", payload.length() / 2) + nextHeader + "40" + source + destination
                + payload;
    }

    private int reject(String to, String from, String etherType, String ip, int reason) {
        byte[] frame = hex(to + from + etherType + ip);
        MemorySegment memory = MemorySegment.ofArray(frame);
        int result = PacketParser.parse(memory, 0, frame.length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        fixture.link.reject(0, memory, packet, reason, fixture.nowNs);
        return result;
    }

    /** The one frame that was sent, its checksums right; from the IP header on as hex, less the IPv4 and ICMP checksums. */
    private String sent(boolean ipv4) {
        List<CapturedFrames.Frame> frames = fixture.output.take();
        assertEquals(1, frames.size());
        byte[] frame = frames.getFirst().bytes();
        MemorySegment memory = MemorySegment.ofArray(frame);
        assertEquals(ipv4 ? ParseResult.ICMP4 : ParseResult.ICMP6, PacketParser.parse(memory, frame.length, packet));
        assertTrue(InternetChecksum.isTransportValid(memory, packet, false));
        assertEquals(PEER + OWN_MAC, HexFormat.of().formatHex(frame).substring(0, 24));
        String icmp = HexFormat.of().formatHex(frame).substring((int) packet.l4Offset() * 2);
        return icmp.substring(0, 4) + icmp.substring(8);
    }

    @Test
    void shouldSayThatNobodyTakesUdp() {
        String four = ipv4("11", "0a000009", "0a000001");
        assertEquals(ParseResult.OTHER, reject(OWN_MAC, PEER, "0800", four, LinkLayer.PORT_UNREACHABLE));
        assertEquals("0303" + "00000000" + four, sent(true));
        String six = ipv6("11", PEER6, OWN6, UDP);
        assertEquals(ParseResult.OTHER, reject(OWN_MAC, PEER, "86dd", six, LinkLayer.PORT_UNREACHABLE));
        assertEquals("0104" + "00000000" + six, sent(false));
        assertEquals(2, fixture.link.counters().get(LinkCounters.ICMP_ERRORS_OUT));
    }

    @Test
    void shouldSayWhichProtocolNobodyTakes() {
        String four = ipv4("84", "0a000009", "0a000001");
        reject(OWN_MAC, PEER, "0800", four, LinkLayer.PROTOCOL_UNREACHABLE);
        assertEquals("0302" + "00000000" + four, sent(true));
        String six = ipv6("84", PEER6, OWN6, UDP);
        reject(OWN_MAC, PEER, "86dd", six, LinkLayer.PROTOCOL_UNREACHABLE);
        assertEquals("0401" + "00000006" + six, sent(false), "pointer to the fixed header's Next Header");
        String behind = ipv6("3c", PEER6, OWN6, "8400010400000000" + UDP);
        reject(OWN_MAC, PEER, "86dd", behind, LinkLayer.PROTOCOL_UNREACHABLE);
        assertEquals("0401" + "00000028" + behind, sent(false), "pointer to that of the destination options");
    }

    @ParameterizedTest
    @CsvSource({
        "2b, 11000001 00000000, 0400, 0000002a", // a routing header with segments left
        "3c, 11009e00 00000000, 0402, 0000002a", // an unknown option that is to be told of
        "3c, 1100de00 00000000, 0402, 0000002a", // the same, unless it went to a group
        "00, 11000100 be000000, 0402, 0000002c"
    })
    void shouldSayWhatIsWrongWithExtensionHeaders(String next, String header, String typeAndCode, String pointer) {
        String six = ipv6(next, PEER6, OWN6, header.replace(" ", "") + UDP);
        int result = reject(OWN_MAC, PEER, "86dd", six, LinkLayer.PARAMETER_PROBLEM);
        assertEquals(ParseResult.DROP_BAD_EXTENSION, result);
        assertEquals(typeAndCode + pointer + six, sent(false));
    }

    @Test
    void shouldKeepQuietAboutOptionsThatAskForIt() {
        assertEquals(
                ParseResult.DROP_BAD_EXTENSION,
                reject(OWN_MAC, PEER, "86dd", ipv6("3c", PEER6, OWN6, "11004200" + "00000000" + UDP), -1));
        assertEquals(-1, packet.problemCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ffffffffffff 0200000000aa 0a000009 0a000001", // to everybody on the link
                "020000000001 0200000000aa 0a000009 0a0000ff", // to the network's broadcast address
                "020000000001 0200000000aa 0a000009 e0000001", // to a group
                "020000000001 0200000000aa 0a0000ff 0a000001", // answers would go to a broadcast address,
                "020000000001 0200000000aa 00000000 0a000001", // nowhere,
                "020000000001 0200000000aa 0a000001 0a000001", // to ourselves,
                "020000000001 0300000000aa 0a000009 0a000001" // to a group of MAC addresses
            })
    void shouldAnswerSingleSendersOnly(String parts) {
        String[] part = parts.split(" ", 4);
        reject(part[0], part[1], "0800", ipv4("11", part[2], part[3]), LinkLayer.PORT_UNREACHABLE);
        assertEquals(List.of(), fixture.output.take());
    }

    @Test
    void shouldQuoteNoMoreThanFits() {
        String body = "00".repeat(1400);
        String four = "4500" + "0594" + "00010000" + "4011" + "0000" + "0a000009" + "0a000001" + body + "00".repeat(8);
        reject(OWN_MAC, PEER, "0800", four, LinkLayer.PORT_UNREACHABLE);
        assertEquals(14 + 576, fixture.output.take().getFirst().bytes().length);
        reject(OWN_MAC, PEER, "86dd", ipv6("11", PEER6, OWN6, body), LinkLayer.PORT_UNREACHABLE);
        assertEquals(14 + 1280, fixture.output.take().getFirst().bytes().length);
    }

    @Test
    void shouldLimitTheRate() {
        String four = ipv4("11", "0a000009", "0a000001");
        for (int i = 0; i < 1000; i++) {
            reject(OWN_MAC, PEER, "0800", four, LinkLayer.PORT_UNREACHABLE);
        }
        assertEquals(IcmpErrorSender.BURST, fixture.output.take().size());
        assertEquals(1000 - IcmpErrorSender.BURST, fixture.link.counters().get(LinkCounters.ICMP_LIMITED));
        fixture.nowNs += LinkFixture.SECOND / 10;
        for (int i = 0; i < 1000; i++) {
            reject(OWN_MAC, PEER, "0800", four, LinkLayer.PORT_UNREACHABLE);
        }
        assertEquals(IcmpErrorSender.PER_SECOND / 10, fixture.output.take().size());
    }

    @Test
    void shouldBeUnderstoodAsErrorByItsReader() {
        String tcp = "1f40" + "0050" + "deadbeef" + "01020304" + "5010ffff00000000";
        String four = "4500" + "0028" + "00010000" + "4006" + "0000" + "0a000009" + "0a000001" + tcp;
        reject(OWN_MAC, PEER, "0800", four, LinkLayer.PROTOCOL_UNREACHABLE);
        byte[] frame = fixture.output.take().getFirst().bytes();
        MemorySegment memory = MemorySegment.ofArray(frame);
        PacketParser.parse(memory, frame.length, packet);
        IcmpError error = new IcmpError();
        assertEquals(IcmpError.HARD, error.parse(memory, packet));
        assertEquals(0xdeadbeef, error.seq());
    }
}
