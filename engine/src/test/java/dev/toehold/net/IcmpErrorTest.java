package dev.toehold.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.toehold.tcp.Requirement;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class IcmpErrorTest {
    private static final int L4_OF_IPV4 = 34;
    private static final int L4_OF_IPV6 = 54;

    private final IcmpError error = new IcmpError();
    private final ParsedPacket packet = new ParsedPacket();

    private int parse(MemorySegment frame) {
        assertFalse(ParseResult.isDrop(Frames.parse(frame, packet)));
        return error.parse(frame, packet);
    }

    private void assertQuotesOurSegment(boolean ipv4) {
        assertEquals(ipv4 ? Frames.B4 : Frames.B6, new IpAddress(error.localHi(), error.localLo()));
        assertEquals(ipv4 ? Frames.A4 : Frames.A6, new IpAddress(error.remoteHi(), error.remoteLo()));
        assertEquals(80, error.localPort());
        assertEquals(40000, error.remotePort());
        assertEquals(Frames.SEQ, error.seq());
    }

    @Test
    void shouldReadPacketTooBig() {
        assertEquals(IcmpError.PACKET_TOO_BIG, parse(Frames.icmpError(true, 3, 4, 1400, 28)));
        assertQuotesOurSegment(true);
        assertEquals(1400, error.mtu());
        assertEquals(IcmpError.PACKET_TOO_BIG, parse(Frames.icmpError(true, 3, 4, 0, 60)));
        assertEquals(68, error.mtu(), "the plateau below the 140 bytes quoted (RFC 1191 section 5)");
        assertEquals(IcmpError.PACKET_TOO_BIG, parse(Frames.icmpError(false, 2, 0, 1300, 48)));
        assertQuotesOurSegment(false);
        assertEquals(1300, error.mtu());
        assertEquals(IcmpError.PACKET_TOO_BIG, parse(Frames.icmpError(false, 2, 0, -1, 60)));
        assertEquals(Integer.MAX_VALUE, error.mtu());
    }

    @Test
    @Requirement(rfc = 9293, id = "MUST-56", clause = "3.9.2.2")
    @Requirement(rfc = 9293, id = "SHLD-26", clause = "3.9.2.2")
    void shouldTellSoftFromHardErrors() {
        int[] hard4 = {2, 3};
        for (int code : hard4) {
            assertEquals(IcmpError.HARD, parse(Frames.icmpError(true, 3, code, 0x1234, 28)));
        }
        for (int code : new int[] {0, 1, 5, 9, 13}) {
            assertEquals(IcmpError.SOFT, parse(Frames.icmpError(true, 3, code, 0, 28)));
            assertEquals(code, error.code());
            assertEquals(3, error.type());
            assertEquals(0, error.mtu());
        }
        assertEquals(IcmpError.SOFT, parse(Frames.icmpError(true, 11, 0, 0, 28)));
        assertEquals(IcmpError.SOFT, parse(Frames.icmpError(true, 12, 0, 0, 28)));
        assertEquals(IcmpError.NOT_TCP, parse(Frames.icmpError(true, 4, 0, 0, 28)));
        assertEquals(IcmpError.NOT_TCP, parse(Frames.echo(true, 28)));
        assertEquals(IcmpError.HARD, parse(Frames.icmpError(false, 1, 4, 0, 60)));
        assertEquals(IcmpError.HARD, parse(Frames.icmpError(false, 1, 1, 0, 60)));
        for (int code : new int[] {0, 2, 3, 5}) {
            assertEquals(IcmpError.SOFT, parse(Frames.icmpError(false, 1, code, 0, 60)));
        }
        assertEquals(IcmpError.SOFT, parse(Frames.icmpError(false, 3, 0, 0, 60)));
        assertEquals(IcmpError.SOFT, parse(Frames.icmpError(false, 4, 1, 40, 60)));
        assertEquals(IcmpError.NOT_TCP, parse(Frames.echo(false, 60)));
    }

    @Test
    void shouldReportQuotationsThatAreTooShort() {
        for (int quoted = 0; quoted < 28; quoted++) {
            assertEquals(IcmpError.DROP_MALFORMED, parse(Frames.icmpError(true, 3, 4, 1400, quoted)));
        }
        for (int quoted = 0; quoted < 48; quoted++) {
            assertEquals(IcmpError.DROP_MALFORMED, parse(Frames.icmpError(false, 2, 0, 1400, quoted)));
        }
    }

    @Test
    void shouldDropBadChecksums() {
        MemorySegment frame = Frames.icmpError(true, 3, 4, 1400, 28);
        Wire.put8(frame, L4_OF_IPV4 + 7, 1);
        assertEquals(IcmpError.DROP_CHECKSUM, parse(frame));
    }

    @Test
    void shouldRefuseQuotationsOfOtherThings() {
        int[][] changes = {
            {0, 0x65, IcmpError.DROP_MALFORMED},
            {0, 0x44, IcmpError.DROP_MALFORMED},
            {0, 0x46, IcmpError.DROP_MALFORMED},
            {9, IpProtocol.UDP, IcmpError.NOT_TCP},
            {7, 1, IcmpError.NOT_TCP}
        };
        for (int[] change : changes) {
            MemorySegment frame = Frames.icmpError(true, 3, 4, 1400, 28);
            Wire.put8(frame, L4_OF_IPV4 + 8 + change[0], change[1]);
            Frames.fillIcmp(frame, L4_OF_IPV4, 36, true);
            assertEquals(change[2], parse(frame));
        }
        int[][] changes6 = {
            {0, 0x45, IcmpError.DROP_MALFORMED},
            {6, IpProtocol.UDP, IcmpError.NOT_TCP},
            {6, IpProtocol.HOP_BY_HOP, IcmpError.NOT_TCP}
        };
        for (int[] change : changes6) {
            MemorySegment frame = Frames.icmpError(false, 2, 0, 1400, 48);
            Wire.put8(frame, L4_OF_IPV6 + 8 + change[0], change[1]);
            Frames.fillIcmp(frame, L4_OF_IPV6, 56, false);
            assertEquals(change[2], parse(frame));
        }
    }

    @Test
    void shouldRefuseMappedAddressesInIcmpv6() {
        MemorySegment frame = Frames.icmpError(false, 2, 0, 1400, 48);
        Wire.put64(frame, L4_OF_IPV6 + 8 + 8, 0);
        Wire.put64(frame, L4_OF_IPV6 + 8 + 16, Frames.B4.lo());
        Frames.fillIcmp(frame, L4_OF_IPV6, 56, false);
        assertEquals(IcmpError.DROP_MALFORMED, parse(frame));
    }

    @Test
    void shouldStepDownThePlateaus() {
        assertEquals(1492, MtuPlateaus.below(1500));
        assertEquals(1280, MtuPlateaus.below(1492));
        assertEquals(8166, MtuPlateaus.below(9000));
        assertEquals(68, MtuPlateaus.below(68));
    }
}
