package dev.toehold.ffi.dpdk;

/**
 * What {@code rte_eth_dev_info_get} tells of a port.
 *
 * @param driverName as in {@code net_af_packet}
 * @param ifIndex of the Linux interface that the port is bound to, 0 if none
 * @param minMtu in bytes
 * @param maxMtu in bytes, 65535 if the driver does not say
 * @param maxRxPacketLength in bytes, Ethernet header and CRC included
 * @param minRxBufferSize in bytes
 * @param rxOffloads bit set, {@link EthOffload}
 * @param txOffloads bit set, {@link EthOffload}
 * @param rssOffloads bit set of the flow types that the port can hash, 0 without RSS
 * @param redirectionTableSize entries of the RSS table, 0 without one
 * @param hashKeySize bytes of the RSS key, 0 without one
 * @param maxTxSegments most segments of a packet sent, 0 if the driver does not say
 */
public record EthDevInfo(
        String driverName,
        int ifIndex,
        int minMtu,
        int maxMtu,
        int maxRxPacketLength,
        int minRxBufferSize,
        int maxRxQueues,
        int maxTxQueues,
        long rxOffloads,
        long txOffloads,
        long rssOffloads,
        int redirectionTableSize,
        int hashKeySize,
        int maxTxSegments) {}
