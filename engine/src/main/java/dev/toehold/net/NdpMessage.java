package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * A neighbour discovery message, validated by RFC 4861's rules and read once into this reusable holder.
 *
 * <p>Redirects are not acted upon and count as {@link #NOT_NDP}.
 */
public final class NdpMessage {
    public static final int NOT_NDP = 0;
    public static final int ROUTER_SOLICITATION = 1;
    public static final int ROUTER_ADVERTISEMENT = 2;
    public static final int NEIGHBOR_SOLICITATION = 3;
    public static final int NEIGHBOR_ADVERTISEMENT = 4;

    /** Hop limit other than 255: it came through a router, so from outside the link. */
    public static final int DROP_HOP_LIMIT = -1;

    public static final int DROP_CHECKSUM = -2;

    /** A code other than 0, a message too short for its type, or a fixed field that the rules forbid. */
    public static final int DROP_MALFORMED = -3;

    /** A source or destination address that the rules forbid for the type. */
    public static final int DROP_ADDRESS = -4;

    /** An option of length zero, beyond the message, or of the wrong length for Ethernet; or too many. */
    public static final int DROP_OPTION = -5;

    /** In {@link #flags()} of an advertisement: sent by a router. */
    public static final int FLAG_ROUTER = 0x8000_0000;

    /** In {@link #flags()} of an advertisement: answers a solicitation. */
    public static final int FLAG_SOLICITED = 0x4000_0000;

    /** In {@link #flags()} of an advertisement: replaces a cached link-layer address. */
    public static final int FLAG_OVERRIDE = 0x2000_0000;

    static final int HOP_LIMIT = 255;
    static final int OPTION_SOURCE_LINK_LAYER = 1;
    static final int OPTION_TARGET_LINK_LAYER = 2;
    static final int OPTION_MTU = 5;
    static final int NEIGHBOR_LENGTH = 24;
    static final int TARGET = 8;

    private static final int ROUTER_SOLICITATION_LENGTH = 8;
    private static final int ROUTER_ADVERTISEMENT_LENGTH = 16;
    private static final int MAX_OPTIONS = 32;
    private static final int OPTION_UNIT = 8;

    private int flags;
    private long targetHi;
    private long targetLo;
    private long sourceLinkLayer;
    private long targetLinkLayer;
    private long mtu;
    private int routerLifetimeSeconds;

    /**
     * Validates and reads the message of a packet that was parsed as ICMP6 (RFC 4861 sections 6.1.1, 6.1.2, 7.1.1, 7.1.2).
     *
     * @return one of the message codes, {@link #NOT_NDP}, or a drop reason below 0
     */
    public int parse(MemorySegment memory, ParsedPacket packet) {
        int message = switch (packet.icmpType) {
            case Icmpv6.ROUTER_SOLICITATION -> ROUTER_SOLICITATION;
            case Icmpv6.ROUTER_ADVERTISEMENT -> ROUTER_ADVERTISEMENT;
            case Icmpv6.NEIGHBOR_SOLICITATION -> NEIGHBOR_SOLICITATION;
            case Icmpv6.NEIGHBOR_ADVERTISEMENT -> NEIGHBOR_ADVERTISEMENT;
            default -> NOT_NDP;
        };
        flags = 0;
        routerLifetimeSeconds = 0;
        if (message == NOT_NDP) {
            return NOT_NDP;
        }
        if (packet.hopLimit != HOP_LIMIT) {
            return DROP_HOP_LIMIT;
        }
        int fixedLength = switch (message) {
            case ROUTER_SOLICITATION -> ROUTER_SOLICITATION_LENGTH;
            case ROUTER_ADVERTISEMENT -> ROUTER_ADVERTISEMENT_LENGTH;
            default -> NEIGHBOR_LENGTH;
        };
        if (packet.icmpCode != 0 || packet.l4Length < fixedLength) {
            return DROP_MALFORMED;
        }
        if (!InternetChecksum.isTransportValid(memory, packet, false)) {
            return DROP_CHECKSUM;
        }
        if (!parseOptions(memory, packet.l4Offset + fixedLength, packet.l4Length - fixedLength)) {
            return DROP_OPTION;
        }
        int reason = switch (message) {
            case ROUTER_SOLICITATION -> checkSolicitingSource(packet);
            case ROUTER_ADVERTISEMENT -> readRouterAdvertisement(memory, packet);
            case NEIGHBOR_SOLICITATION -> readNeighborSolicitation(memory, packet);
            default -> readNeighborAdvertisement(memory, packet);
        };
        return reason < 0 ? reason : message;
    }

    private int readNeighborSolicitation(MemorySegment memory, ParsedPacket packet) {
        if (!readTarget(memory, packet.l4Offset)) {
            return DROP_MALFORMED;
        }
        // Duplicate address detection goes to the solicited-node group, never to one host.
        if (IpAddress.isUnspecified(packet.sourceHi, packet.sourceLo)
                && (packet.destinationHi != IpAddress.LINK_MULTICAST_HI
                        || packet.destinationLo != IpAddress.solicitedNodeLo(packet.destinationLo))) {
            return DROP_ADDRESS;
        }
        return checkSolicitingSource(packet);
    }

    private int readNeighborAdvertisement(MemorySegment memory, ParsedPacket packet) {
        if (!readTarget(memory, packet.l4Offset)) {
            return DROP_MALFORMED;
        }
        flags = Wire.i32(memory, packet.l4Offset + 4);
        boolean solicited = (flags & FLAG_SOLICITED) != 0;
        return solicited && IpAddress.isMulticast(packet.destinationHi, packet.destinationLo) ? DROP_ADDRESS : 0;
    }

    private int readRouterAdvertisement(MemorySegment memory, ParsedPacket packet) {
        routerLifetimeSeconds = Wire.u16(memory, packet.l4Offset + 6);
        return IpAddress.isLinkLocal(packet.sourceHi, packet.sourceLo) ? 0 : DROP_ADDRESS;
    }

    /** Who has no address yet must not name a link-layer address for it. */
    private int checkSolicitingSource(ParsedPacket packet) {
        return IpAddress.isUnspecified(packet.sourceHi, packet.sourceLo) && sourceLinkLayer >= 0 ? DROP_ADDRESS : 0;
    }

    private boolean readTarget(MemorySegment memory, long offset) {
        targetHi = Wire.i64(memory, offset + TARGET);
        targetLo = Wire.i64(memory, offset + TARGET + 8);
        return !IpAddress.isMulticast(targetHi, targetLo);
    }

    private boolean parseOptions(MemorySegment memory, long offset, int length) {
        sourceLinkLayer = -1;
        targetLinkLayer = -1;
        mtu = -1;
        int at = 0;
        for (int count = 0; at < length; count++) {
            if (count == MAX_OPTIONS || length - at < OPTION_UNIT) {
                return false;
            }
            int type = Wire.u8(memory, offset + at);
            int optionLength = Wire.u8(memory, offset + at + 1) * OPTION_UNIT;
            if (optionLength == 0 || optionLength > length - at) {
                return false;
            }
            boolean known = type == OPTION_SOURCE_LINK_LAYER || type == OPTION_TARGET_LINK_LAYER || type == OPTION_MTU;
            if (known && optionLength != OPTION_UNIT) {
                return false;
            }
            if (known) {
                readOption(memory, offset + at, type);
            }
            at += optionLength;
        }
        return true;
    }

    private void readOption(MemorySegment memory, long offset, int type) {
        switch (type) {
            case OPTION_SOURCE_LINK_LAYER -> sourceLinkLayer = Wire.u48(memory, offset + 2);
            case OPTION_TARGET_LINK_LAYER -> targetLinkLayer = Wire.u48(memory, offset + 2);
            default -> mtu = Wire.u32(memory, offset + 4);
        }
    }

    /** Flags of a neighbour advertisement, values {@code FLAG_*}. */
    public int flags() {
        return flags;
    }

    /** Upper half of the target of a neighbour solicitation or advertisement. */
    public long targetHi() {
        return targetHi;
    }

    public long targetLo() {
        return targetLo;
    }

    /** MAC address of the source link-layer address option, or -1. */
    public long sourceLinkLayer() {
        return sourceLinkLayer;
    }

    /** MAC address of the target link-layer address option, or -1. */
    public long targetLinkLayer() {
        return targetLinkLayer;
    }

    /** Value of the MTU option, or -1. */
    public long mtu() {
        return mtu;
    }

    /** Router lifetime of a router advertisement, 0 to 65,535 s; 0 means no default router. */
    public int routerLifetimeSeconds() {
        return routerLifetimeSeconds;
    }
}
