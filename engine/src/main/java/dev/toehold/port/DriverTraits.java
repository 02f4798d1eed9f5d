package dev.toehold.port;

import dev.toehold.ffi.dpdk.DriverSocket;

/**
 * What DPDK does not tell about a driver but its source does.
 *
 * @param criticalReceive whether a receive burst never blocks and stays within tens of microseconds
 * @param criticalTransmit likewise a transmit burst
 * @param mbufsPerQueuePair mbufs that a receive and a transmit queue hold at most between bursts
 * @param family of the kernel socket beneath a queue, null if there is none
 */
record DriverTraits(
        boolean criticalReceive, boolean criticalTransmit, int mbufsPerQueuePair, DriverSocket.Family family) {
    private static final int DESCRIPTORS = DpdkPort.DESCRIPTORS;

    /** Traits of a driver; {@code pci} devices are polled and rung through their registers, whatever the driver. */
    static DriverTraits of(final String driver, final boolean pci) {
        if (pci) {
            return new DriverTraits(true, true, 2 * DESCRIPTORS, null);
        }
        return switch (driver) {
            // Both copy. Transmit poll()s without a timeout when the ring is full and sends by a system call.
            case "net_af_packet" -> new DriverTraits(true, false, 0, DriverSocket.Family.AF_PACKET);
            // System calls on either side; the fill and completion rings have 2048 entries each, whatever is asked for.
            case "net_af_xdp" -> new DriverTraits(false, false, 3 * 2048, DriverSocket.Family.AF_XDP);
            case "net_null" -> new DriverTraits(true, true, 0, null);
            case "net_ring" -> new DriverTraits(true, true, 1024, null);
            case "net_memif", "net_vhost" -> new DriverTraits(true, true, 2 * DESCRIPTORS, null);
            // Among them net_tap, whose bursts take 100 us and more, and net_virtio_user, which may kick by a system
            // call.
            default -> new DriverTraits(false, false, 2 * DESCRIPTORS, null);
        };
    }
}
