package dev.toehold.ffi.dpdk;

/**
 * State of a port's link.
 *
 * @param speedMbps 0 if there is none, 4294967295 if it is unknown
 */
public record EthLink(boolean up, long speedMbps) {}
