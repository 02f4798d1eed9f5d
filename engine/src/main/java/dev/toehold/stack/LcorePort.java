package dev.toehold.stack;

import dev.toehold.port.PacketPort;

/**
 * A port as one lcore sees it.
 *
 * @param index of the port in the engine
 * @param rxQueue queue that this lcore polls, {@link #NONE} if another one does
 * @param txQueue queue that this lcore fills, {@link #NONE} if it hands frames to {@code txOwner}
 * @param txOwner lcore that sends the frames of those without a queue, and the kernel's; this one included
 * @param mac the low 48 bits
 * @param mtu bytes of an IP packet
 * @param isResponder whether this lcore answers the ARP, NDP and ICMP that its receive queue brings
 * @param isPartialChecksumAccepted whether the local kernel's unfinished checksums pass ({@code InternetChecksum#isTransportValid})
 * @param isChecksumOffloaded whether the port completes TCP checksums of what is sent
 * @param kernel where frames go that nobody here claims and where the kernel's come from; null without an exception path
 */
public record LcorePort(
        int index,
        PacketPort port,
        int rxQueue,
        int txQueue,
        int txOwner,
        long mac,
        int mtu,
        boolean isResponder,
        boolean isPartialChecksumAccepted,
        boolean isChecksumOffloaded,
        KernelRings kernel) {
    public static final int NONE = -1;

    /** Without an exception path. */
    public LcorePort(
            int index,
            PacketPort port,
            int rxQueue,
            int txQueue,
            int txOwner,
            long mac,
            int mtu,
            boolean isResponder,
            boolean isPartialChecksumAccepted,
            boolean isChecksumOffloaded) {
        this(
                index,
                port,
                rxQueue,
                txQueue,
                txOwner,
                mac,
                mtu,
                isResponder,
                isPartialChecksumAccepted,
                isChecksumOffloaded,
                null);
    }

    /** What {@code rte_mbuf.port} holds for a packet from the engine to itself. */
    static final int LOOPBACK_INDEX = 0xFFFF;
}
