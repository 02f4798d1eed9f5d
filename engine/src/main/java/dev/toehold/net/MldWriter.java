package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Reports of multicast listeners (RFC 3810 section 5.2): without them a snooping switch keeps the solicited-node groups' frames, and so
 * neighbour solicitations, from the port.
 */
public final class MldWriter {
    /** Record type of the answer to a query: listening to all sources of the group. */
    public static final int MODE_IS_EXCLUDE = 2;

    /** Record type of leaving a group. */
    public static final int CHANGE_TO_INCLUDE = 3;

    /** Record type of joining a group. */
    public static final int CHANGE_TO_EXCLUDE = 4;

    /** The most groups in one report: it then fits the minimum MTU of 1,280 bytes. */
    public static final int MAX_GROUPS = 61;

    private static final int HOP_BY_HOP_LENGTH = 8;
    private static final int RECORD_LENGTH = 20;
    private static final int ADDRESS_LENGTH = 16;
    private static final int HOP_LIMIT = 1;

    /** Behind next header and length: router alert (RFC 2711) for MLD, and PadN of two bytes. */
    private static final int ROUTER_ALERT = 0x0502_0000;

    private static final int PADN = 0x0100;
    private static final long ALL_MLDV2_ROUTERS_LO = 0x16;

    private MldWriter() {}

    /**
     * Writes a whole frame and returns its length, 82 bytes with one group and 20 more with each other.
     *
     * @param sourceHi and {@code sourceLo}: our link-local address, or unspecified before it is known (RFC 3590)
     * @param groups upper and lower half of each group in turn
     * @param groupCount 1 to {@link #MAX_GROUPS}
     */
    public static int report(
            MemorySegment memory,
            long offset,
            long ownMac,
            long sourceHi,
            long sourceLo,
            int recordType,
            long[] groups,
            int groupCount) {
        long groupHi = IpAddress.LINK_MULTICAST_HI;
        long groupLo = ALL_MLDV2_ROUTERS_LO;
        int length = Icmpv6.HEADER_LENGTH + groupCount * RECORD_LENGTH;
        long l4 = writeHeaders(memory, offset, ownMac, sourceHi, sourceLo, groupHi, groupLo, length);
        long at = Icmpv6.write(memory, l4, Icmpv6.MLDV2_REPORT, 0, groupCount);
        for (int i = 0; i < groupCount; i++) {
            Wire.put32(memory, at, recordType << 24);
            Wire.put64(memory, at + 4, groups[2 * i]);
            Wire.put64(memory, at + 12, groups[2 * i + 1]);
            at += RECORD_LENGTH;
        }
        Icmpv6.fillChecksum(memory, l4, length, sourceHi, sourceLo, groupHi, groupLo);
        return (int) (at - offset);
    }

    /** Writes a version 1 report of one group, for a querier that knows no other (RFC 2710 section 3), and returns its length. */
    public static int reportVersion1(
            MemorySegment memory, long offset, long ownMac, long sourceHi, long sourceLo, long groupHi, long groupLo) {
        int length = Icmpv6.HEADER_LENGTH + ADDRESS_LENGTH;
        long l4 = writeHeaders(memory, offset, ownMac, sourceHi, sourceLo, groupHi, groupLo, length);
        long at = Icmpv6.write(memory, l4, Icmpv6.MLDV1_REPORT, 0, 0);
        Wire.put64(memory, at, groupHi);
        Wire.put64(memory, at + 8, groupLo);
        Icmpv6.fillChecksum(memory, l4, length, sourceHi, sourceLo, groupHi, groupLo);
        return (int) (l4 - offset) + length;
    }

    /** Everything before the message of {@code length} bytes; returns the message's offset. */
    private static long writeHeaders(
            MemorySegment memory,
            long offset,
            long ownMac,
            long sourceHi,
            long sourceLo,
            long groupHi,
            long groupLo,
            int length) {
        long l3 = Ethernet.write(memory, offset, IpAddress.multicastMac(groupHi, groupLo), ownMac, Ethernet.TYPE_IPV6);
        long extension = Ipv6.write(
                memory,
                l3,
                0,
                0,
                HOP_BY_HOP_LENGTH + length,
                IpProtocol.HOP_BY_HOP,
                HOP_LIMIT,
                sourceHi,
                sourceLo,
                groupHi,
                groupLo);
        Wire.put16(memory, extension, IpProtocol.ICMPV6 << 8);
        Wire.put32(memory, extension + 2, ROUTER_ALERT);
        Wire.put16(memory, extension + 6, PADN);
        return extension + HOP_BY_HOP_LENGTH;
    }
}
