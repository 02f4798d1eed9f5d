package dev.toehold.port;

import java.util.List;

/**
 * What a port can do: fixed while it is open.
 *
 * @param device as configured
 * @param driver DPDK's name of the driver, as in {@code net_af_packet}
 * @param macAddress in the low 48 bits, first byte on the wire highest
 * @param mtu bytes of IP packet that fit a frame, as configured
 * @param maxFrameLength bytes of the longest frame sent or received, from the Ethernet header on, without CRC
 * @param rxQueues number of receive queues
 * @param txQueues number of transmit queues
 * @param rxOffloads names of the receive offloads that the driver has
 * @param txOffloads names of the transmit offloads that the driver has
 * @param checksumReceive whether received mbufs may say that their TCP or UDP checksum is right, or wrong
 * @param checksumTransmit whether the port fills in the TCP or UDP checksum of an mbuf that asks for it
 * @param segmentationTransmit whether the port cuts up the TCP segment of an mbuf that asks for it (TSO), and
 *     completes the checksums of the pieces
 * @param receiveSideScaling whether the port spreads flows over its receive queues by a hash under our key and a table that we set
 * @param multiSegmentTransmit whether a packet sent may be a chain of mbufs
 * @param partialChecksums whether frames may come whose TCP or UDP checksum is the un-complemented sum of the
 *     pseudo-header only, because the sender's kernel left the rest to hardware that a virtual link does not have:
 *     both sums are valid here
 * @param criticalReceive whether receive bursts hold up safepoints, being short and never blocking
 * @param criticalTransmit likewise transmit bursts
 * @param interfaceIndex of the Linux interface beneath, 0 if there is none
 * @param socket NUMA node, -1 if unknown
 * @param queueReason why each lcore has not a queue of its own that only its flows come to; empty if it has, or if there is one lcore
 */
public record Adapter(
        String device,
        String driver,
        long macAddress,
        int mtu,
        int maxFrameLength,
        int rxQueues,
        int txQueues,
        List<String> rxOffloads,
        List<String> txOffloads,
        boolean checksumReceive,
        boolean checksumTransmit,
        boolean segmentationTransmit,
        boolean receiveSideScaling,
        boolean multiSegmentTransmit,
        boolean partialChecksums,
        boolean criticalReceive,
        boolean criticalTransmit,
        int interfaceIndex,
        int socket,
        String queueReason) {
    public Adapter {
        rxOffloads = List.copyOf(rxOffloads);
        txOffloads = List.copyOf(txOffloads);
    }

    /** Whether the driver can join the TCP segments that come to large ones (LRO). */
    public boolean largeReceive() {
        return rxOffloads.contains("TCP_LRO");
    }

    /** Whether the driver can put headers and payload into mbufs of different pools. */
    public boolean bufferSplit() {
        return rxOffloads.contains("BUFFER_SPLIT");
    }
}
