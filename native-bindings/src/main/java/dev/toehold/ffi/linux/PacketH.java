package dev.toehold.ffi.linux;

/** Values of {@code linux/if_packet.h}, {@code linux/if_ether.h} and what belongs to them, by their C names. */
final class PacketH {
    static final int AF_PACKET = 17;
    static final int ETH_P_ALL = 3;
    static final int SOL_PACKET = 263;
    static final int PACKET_STATISTICS = 6;
    static final int PACKET_QDISC_BYPASS = 20;
    static final int PACKET_IGNORE_OUTGOING = 23;
    static final int SO_RCVBUFFORCE = 33;

    private PacketH() {}
}
