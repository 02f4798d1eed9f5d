package dev.toehold.stack;

import dev.toehold.net.IcmpError;

/** What a {@link LinkLayer} tells the stack of its lcore, on the lcore's thread. */
public interface LinkEvents {
    /** A neighbour answered, or its MAC changed: what waits for it can go. */
    void onResolved(int portIndex, long addressHigh, long addressLow, long mac, long nowNs);

    /** A neighbour did not answer: what waits for it is dropped. */
    void onUnreachable(int portIndex, long addressHigh, long addressLow, long nowNs);

    /**
     * An ICMP error quotes a TCP segment. Whether the quoted source is ours, the connection exists and the sequence number is
     * outstanding, is checked here.
     *
     * @param kind {@link IcmpError#SOFT}, {@link IcmpError#HARD} or {@link IcmpError#PACKET_TOO_BIG}
     */
    void onIcmpError(int kind, IcmpError error, long nowNs);
}
