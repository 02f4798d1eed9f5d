package dev.toehold.ffi.dpdk;

/**
 * {@code struct rte_eth_stats}, as far as the driver counts.
 *
 * @param missedPackets received by the port and lost as nobody polled fast enough
 * @param rxErrors packets received in error
 * @param txErrors packets that could not be sent
 * @param noMbuf receptions that failed as the pool was exhausted
 */
public record EthStats(
        long rxPackets,
        long txPackets,
        long rxBytes,
        long txBytes,
        long missedPackets,
        long rxErrors,
        long txErrors,
        long noMbuf) {}
