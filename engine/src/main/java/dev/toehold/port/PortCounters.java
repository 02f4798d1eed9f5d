package dev.toehold.port;

/**
 * A port's counters since it was opened.
 *
 * @param rxPackets packets received, the truncated ones among them
 * @param rxBytes bytes of those, from the Ethernet header on, without CRC
 * @param rxMissed packets lost because they came faster than they were polled
 * @param rxErrors packets that arrived damaged
 * @param rxTruncated packets dropped because they were longer than the port's frames: what a peer's kernel sent as one
 *     super-frame (switch tso and gso off there) or reassembled from IP fragments
 * @param rxNoMbuf receptions that found the mbuf pool exhausted
 * @param txPackets packets sent
 * @param txBytes bytes of those
 * @param txErrors packets that the driver took and could not send
 */
public record PortCounters(
        long rxPackets,
        long rxBytes,
        long rxMissed,
        long rxErrors,
        long rxTruncated,
        long rxNoMbuf,
        long txPackets,
        long txBytes,
        long txErrors) {}
