package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Whole frames of neighbour discovery (RFC 4861 section 4), Ethernet header to checksum. Each method writes at {@code offset}
 * and returns the length of the frame; {@link #MAX_LENGTH} bytes suffice for all.
 */
public final class NdpWriter {
    public static final int MAX_LENGTH = 86;

    private static final int OPTION_LENGTH = 8;
    private static final int L4 = Ethernet.HEADER_LENGTH + Ipv6.HEADER_LENGTH;
    private static final long ALL_NODES_LO = 1;
    private static final long ALL_ROUTERS_LO = 2;

    private NdpWriter() {}

    /**
     * A solicitation to the target's solicited-node group. With the unspecified source it is a probe of duplicate address
     * detection (RFC 4862 section 5.4.2) and names no link-layer address.
     */
    public static int neighborSolicitation(
            MemorySegment memory,
            long offset,
            long ownMac,
            long sourceHi,
            long sourceLo,
            long targetHi,
            long targetLo) {
        long groupLo = IpAddress.solicitedNodeLo(targetLo);
        long groupMac = IpAddress.multicastMac(IpAddress.LINK_MULTICAST_HI, groupLo);
        return solicit(
                memory,
                offset,
                ownMac,
                groupMac,
                sourceHi,
                sourceLo,
                IpAddress.LINK_MULTICAST_HI,
                groupLo,
                targetHi,
                targetLo);
    }

    /** A solicitation to the neighbour itself: does it still answer at this MAC address (section 7.3.3)? */
    public static int neighborProbe(
            MemorySegment memory,
            long offset,
            long ownMac,
            long targetMac,
            long sourceHi,
            long sourceLo,
            long targetHi,
            long targetLo) {
        return solicit(memory, offset, ownMac, targetMac, sourceHi, sourceLo, targetHi, targetLo, targetHi, targetLo);
    }

    private static int solicit(
            MemorySegment memory,
            long offset,
            long ownMac,
            long destinationMac,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo,
            long targetHi,
            long targetLo) {
        long body = Icmpv6.write(memory, offset + L4, Icmpv6.NEIGHBOR_SOLICITATION, 0, 0);
        long at = putAddress(memory, body, targetHi, targetLo);
        if (!IpAddress.isUnspecified(sourceHi, sourceLo)) {
            at = putLinkLayer(memory, at, NdpMessage.OPTION_SOURCE_LINK_LAYER, ownMac);
        }
        return finish(memory, offset, at, ownMac, destinationMac, sourceHi, sourceLo, destinationHi, destinationLo);
    }

    /**
     * An advertisement of one of our addresses, which is also its source.
     *
     * @param flags values of {@link NdpMessage}: solicited only to a unicast destination
     */
    public static int neighborAdvertisement(
            MemorySegment memory,
            long offset,
            long ownMac,
            long destinationMac,
            long targetHi,
            long targetLo,
            long destinationHi,
            long destinationLo,
            int flags) {
        long body = Icmpv6.write(memory, offset + L4, Icmpv6.NEIGHBOR_ADVERTISEMENT, 0, flags);
        long at = putAddress(memory, body, targetHi, targetLo);
        at = putLinkLayer(memory, at, NdpMessage.OPTION_TARGET_LINK_LAYER, ownMac);
        return finish(memory, offset, at, ownMac, destinationMac, targetHi, targetLo, destinationHi, destinationLo);
    }

    /** An unsolicited advertisement to all nodes: the address is (now) at this MAC address (section 7.2.6). */
    public static int unsolicitedAdvertisement(
            MemorySegment memory, long offset, long ownMac, long targetHi, long targetLo) {
        long groupMac = IpAddress.multicastMac(IpAddress.LINK_MULTICAST_HI, ALL_NODES_LO);
        return neighborAdvertisement(
                memory,
                offset,
                ownMac,
                groupMac,
                targetHi,
                targetLo,
                IpAddress.LINK_MULTICAST_HI,
                ALL_NODES_LO,
                NdpMessage.FLAG_OVERRIDE);
    }

    /**
     * The answer to a solicitation of one of our addresses (section 7.2.4): to the soliciting node, or to all nodes where the
     * solicitation had no source.
     */
    public static int answer(
            MemorySegment memory, long offset, long ownMac, ParsedPacket solicitation, NdpMessage message) {
        long targetHi = message.targetHi();
        long targetLo = message.targetLo();
        if (IpAddress.isUnspecified(solicitation.sourceHi, solicitation.sourceLo)) {
            return unsolicitedAdvertisement(memory, offset, ownMac, targetHi, targetLo);
        }
        long destinationMac = message.sourceLinkLayer() >= 0 ? message.sourceLinkLayer() : solicitation.sourceMac;
        return neighborAdvertisement(
                memory,
                offset,
                ownMac,
                destinationMac,
                targetHi,
                targetLo,
                solicitation.sourceHi,
                solicitation.sourceLo,
                NdpMessage.FLAG_SOLICITED | NdpMessage.FLAG_OVERRIDE);
    }

    /** A router solicitation to all routers; the source may be unspecified. */
    public static int routerSolicitation(MemorySegment memory, long offset, long ownMac, long sourceHi, long sourceLo) {
        long at = Icmpv6.write(memory, offset + L4, Icmpv6.ROUTER_SOLICITATION, 0, 0);
        if (!IpAddress.isUnspecified(sourceHi, sourceLo)) {
            at = putLinkLayer(memory, at, NdpMessage.OPTION_SOURCE_LINK_LAYER, ownMac);
        }
        return finish(
                memory,
                offset,
                at,
                ownMac,
                IpAddress.multicastMac(IpAddress.LINK_MULTICAST_HI, ALL_ROUTERS_LO),
                sourceHi,
                sourceLo,
                IpAddress.LINK_MULTICAST_HI,
                ALL_ROUTERS_LO);
    }

    private static long putAddress(MemorySegment memory, long at, long hi, long lo) {
        Wire.put64(memory, at, hi);
        Wire.put64(memory, at + 8, lo);
        return at + 16;
    }

    private static long putLinkLayer(MemorySegment memory, long at, int type, long mac) {
        Wire.put16(memory, at, (type << 8) | 1);
        Wire.put48(memory, at + 2, mac);
        return at + OPTION_LENGTH;
    }

    private static int finish(
            MemorySegment memory,
            long offset,
            long end,
            long ownMac,
            long destinationMac,
            long sourceHi,
            long sourceLo,
            long destinationHi,
            long destinationLo) {
        long l3 = Ethernet.write(memory, offset, destinationMac, ownMac, Ethernet.TYPE_IPV6);
        int length = (int) (end - offset) - L4;
        long l4 = Ipv6.write(
                memory,
                l3,
                0,
                0,
                length,
                IpProtocol.ICMPV6,
                NdpMessage.HOP_LIMIT,
                sourceHi,
                sourceLo,
                destinationHi,
                destinationLo);
        Icmpv6.fillChecksum(memory, l4, length, sourceHi, sourceLo, destinationHi, destinationLo);
        return (int) (end - offset);
    }
}
