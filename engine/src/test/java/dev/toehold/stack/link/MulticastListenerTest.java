package dev.toehold.stack.link;

import static dev.toehold.stack.link.LinkFixture.MAC_1;
import static dev.toehold.stack.link.LinkFixture.OWN_LINK_LOCAL;
import static dev.toehold.stack.link.LinkFixture.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.stack.LocalAddresses;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Reports on joining and to queries (RFC 3810 section 6, RFC 3590, and section 8 for queriers of version 1). */
class MulticastListenerTest {
    private static final String QUERIER = "fe800000000000000000000000000077";
    private static final String ALL_NODES = "ff020000000000000000000000000001";
    private static final String GENERAL = "00".repeat(16);
    private static final String ALERT = "0502000001 00".replace(" ", "");
    private static final String OWN_GROUP = "ff0200000000000000000001ff000001";

    private final LinkFixture fixture = LinkFixture.settled();

    /** A query; the checksum is not looked at behind the demultiplexer. */
    private static byte[] query(String hopLimit, String source, String option, String code, String group, String rest) {
        int length = 24 + rest.length() / 2;
        return LinkFixture.hex("333300000001" + "020000000077" + "86dd" + "60000000"
                + String.format("%04x", 8 + length) + "00" + hopLimit + source + ALL_NODES + "3a00" + option + "8200"
                + "0000" + code + "0000" + group + rest);
    }

    private static byte[] general(String code) {
        return query("01", QUERIER, ALERT, code, GENERAL, "027d0000");
    }

    /** Source, and of each record type and group, in order. */
    private static List<String> records(byte[] frame) {
        HexFormat format = HexFormat.of();
        List<String> records = new ArrayList<>();
        records.add(format.formatHex(frame, 22, 38));
        int count = ((frame[68] & 0xFF) << 8) | (frame[69] & 0xFF);
        assertEquals(70 + 20 * count, frame.length);
        for (int i = 0; i < count; i++) {
            int at = 70 + 20 * i;
            records.add(frame[at] + " " + format.formatHex(frame, at + 4, at + 20));
        }
        return records;
    }

    @Test
    void shouldReportEachGroupOnceWhenJoining() {
        LinkFixture joining = new LinkFixture();
        joining.advance(20 * SECOND);
        List<List<String>> port0 = joining.output.take().stream()
                .filter(frame ->
                        frame.portIndex() == 0 && LinkFixture.describe(frame).contains("icmp-143"))
                .map(frame -> records(frame.bytes()))
                .toList();
        // fd00::1 and fe80::1 share their group.
        assertEquals(List.of(GENERAL, "4 " + OWN_GROUP), port0.getFirst(), "from :: at first");
        assertEquals(
                List.of("fe800000000000000000000000000001", "4 " + OWN_GROUP),
                port0.getLast(),
                "from the link-local address as soon as there is one");
        long fromLinkLocal = port0.stream()
                .filter(records -> !records.getFirst().equals(GENERAL))
                .count();
        assertTrue(fromLinkLocal >= MulticastListener.ROBUSTNESS, "fromLinkLocal=" + fromLinkLocal);
    }

    @Test
    void shouldAnswerAGeneralQueryOnceWithinItsTime() {
        fixture.deliver(0, general("03e8"));
        fixture.deliver(0, general("03e8"));
        assertEquals(List.of(), fixture.sent(), "not at once");
        fixture.advance(SECOND);
        List<CapturedFrames.Frame> reports = fixture.output.take();
        assertEquals(1, reports.size());
        assertEquals(
                List.of("fe800000000000000000000000000001", "2 " + OWN_GROUP),
                records(reports.getFirst().bytes()));
        fixture.advance(100 * SECOND);
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldWriteTheReportByteForByte() {
        fixture.deliver(0, general("0000"));
        fixture.advance(0);
        byte[] report = fixture.output.take().getFirst().bytes();
        // The checksum is by hand: ones' complement sum of pseudo-header and message.
        assertEquals(
                "333300000016" + "020000000001" + "86dd" + "60000000" + "0024" + "00" + "01"
                        + "fe800000000000000000000000000001" + "ff020000000000000000000000000016"
                        + "3a00" + "05020000" + "0100" + "8f00" + checksum(report) + "0000" + "0001" + "02000000"
                        + OWN_GROUP,
                HexFormat.of().formatHex(report));
    }

    private static String checksum(byte[] frame) {
        int sum = 0x3A + frame.length - 62;
        for (int i = 22; i < frame.length; i += 2) {
            if ((i < 54 || i >= 62) && i != 64) {
                sum += ((frame[i] & 0xFF) << 8) | (frame[i + 1] & 0xFF);
            }
        }
        sum = (sum & 0xFFFF) + (sum >>> 16);
        sum = (sum & 0xFFFF) + (sum >>> 16);
        return String.format("%04x", ~sum & 0xFFFF);
    }

    @Test
    void shouldSpreadAnswersOverTheTimeGiven() {
        TreeSet<Long> delays = new TreeSet<>();
        for (int i = 0; i < 50; i++) {
            // Floating: mantissa 0x1000 of exponent 3, 32,768 ms.
            fixture.deliver(0, general("8000"));
            delays.add(fixture.link.nextDeadlineNs() - fixture.nowNs);
            fixture.advance(33 * SECOND);
        }
        assertTrue(delays.size() > 40 && delays.getFirst() < 8 * SECOND, "delays=" + delays);
        assertTrue(delays.getLast() > 24 * SECOND && delays.getLast() <= 32_768_000_000L, "delays=" + delays);
    }

    @Test
    void shouldAnswerQueriesForItsOwnGroupsOnly() {
        fixture.deliver(0, query("01", QUERIER, ALERT, "0001", OWN_GROUP, "027d0000"));
        fixture.advance(SECOND);
        assertEquals(1, fixture.sent().size());
        fixture.deliver(0, query("01", QUERIER, ALERT, "0001", "ff0200000000000000000001ff000005", "027d0000"));
        fixture.advance(SECOND);
        assertEquals(List.of(), fixture.sent(), "a group of the other port");
    }

    @Test
    void shouldIgnoreQueriesThatAreNotOfTheLinkOrMalformed() {
        String padding = "0104" + "00000000";
        fixture.deliver(0, query("02", QUERIER, ALERT, "0001", GENERAL, "027d0000"));
        fixture.deliver(0, query("ff", QUERIER, ALERT, "0001", GENERAL, "027d0000"));
        fixture.deliver(0, query("01", "fd000000000000000000000000000009", ALERT, "0001", GENERAL, "027d0000"));
        fixture.deliver(0, query("01", QUERIER, padding, "0001", GENERAL, "027d0000"));
        fixture.deliver(0, query("01", QUERIER, ALERT, "0001", GENERAL, "02"));
        fixture.deliver(0, query("01", QUERIER, ALERT, "0001", "fd000000000000000000000000000001", "027d0000"));
        assertEquals(6, fixture.counter(LinkCounters.ICMP_IGNORED));
        fixture.isResponder = false;
        fixture.deliver(0, general("0001"));
        fixture.advance(100 * SECOND);
        assertEquals(List.of(), fixture.sent());
    }

    @Test
    void shouldReportInVersion1WhileSuchAQuerierIsThere() {
        fixture.deliver(0, query("01", QUERIER, ALERT, "0001", GENERAL, ""));
        fixture.advance(SECOND);
        byte[] report = fixture.output.take().getFirst().bytes();
        assertEquals(
                "3333ff000001" + "020000000001" + "86dd" + "60000000" + "0020" + "00" + "01"
                        + "fe800000000000000000000000000001" + OWN_GROUP
                        + "3a00" + "05020000" + "0100" + "8300" + checksum(report) + "00000000" + OWN_GROUP,
                HexFormat.of().formatHex(report));
        fixture.deliver(0, general("0001"));
        fixture.advance(SECOND);
        assertEquals(List.of("0 33:33:ff:00:00:01 icmp-131 " + OWN_LINK_LOCAL), fixture.sent());
        fixture.advance(MulticastListener.OLDER_VERSION_QUERIER_NS);
        fixture.deliver(0, general("0001"));
        fixture.advance(SECOND);
        assertEquals(List.of("0 33:33:00:00:00:16 icmp-143 " + OWN_LINK_LOCAL), fixture.sent());
    }

    @Test
    void shouldReportMoreGroupsThanAFrameHolds() {
        List<LocalAddresses.Entry> entries = new ArrayList<>();
        for (int i = 0; i < LocalAddresses.MAX_ADDRESSES; i++) {
            entries.add(LinkFixture.entry(1, new IpAddress(0xFD01_0000_0000_0000L, 0x100 + i), 64));
        }
        LinkFixture many = new LinkFixture(true, entries);
        many.advance(20 * SECOND);
        many.output.take();
        many.deliver(1, general("0001"));
        many.advance(SECOND);
        TreeSet<String> groups = new TreeSet<>();
        List<CapturedFrames.Frame> reports = many.output.take();
        for (CapturedFrames.Frame report : reports) {
            assertEquals(1, report.portIndex());
            assertEquals(MacAddress.format(MAC_1), LinkFixture.sourceMac(report));
            assertTrue(report.bytes().length <= 1294, "fits the least MTU");
            groups.addAll(
                    records(report.bytes()).subList(1, records(report.bytes()).size()));
        }
        assertEquals(2, reports.size());
        assertEquals(LocalAddresses.MAX_ADDRESSES, groups.size());
    }
}
