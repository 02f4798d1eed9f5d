package dev.toehold.stack;

import dev.toehold.net.ParsedPacket;
import java.lang.foreign.MemorySegment;

/**
 * What the stack of an lcore needs from the link: the MAC of a next hop, and somebody for whatever is not TCP (ARP, NDP, ICMP). One
 * per lcore with its own neighbour cache, called on the lcore's thread only; it transmits through {@link FrameOutput} and reports
 * through {@link LinkEvents}. Every table in it is bounded, and nothing here throws or allocates per packet.
 */
public interface LinkLayer {
    /** {@link #resolve}: being asked for; {@link LinkEvents#onResolved} or {@link LinkEvents#onUnreachable} will follow. */
    long PENDING = -1L;

    /** {@link #resolve}: asked for without an answer lately, or no address of ours to ask from. */
    long UNREACHABLE = -2L;

    /** Reasons of {@link #reject}: nobody takes UDP here; nobody takes that protocol; fragments that stayed alone; IPv6 headers. */
    int PORT_UNREACHABLE = 0;

    int PROTOCOL_UNREACHABLE = 1;
    int REASSEMBLY_TIMEOUT = 2;
    int PARAMETER_PROBLEM = 3;

    /**
     * The MAC of an on-link neighbour. Called for each segment, so the common case is one lookup; multicast and broadcast
     * addresses are mapped, not asked for.
     *
     * @param addressHigh upper half of the next hop's address, IPv4 in mapped form
     * @return the MAC in the low 48 bits, {@link #PENDING} or {@link #UNREACHABLE}
     */
    long resolve(int portIndex, long addressHigh, long addressLow, long nowNs);

    /** TCP has made forward progress through this neighbour: it is reachable (RFC 4861 section 7.3.1). */
    void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs);

    /** TCP has sent in vain through this neighbour: whether it is still there is to be asked now (RFC 1122 section 3.3.1.4). */
    default void onSuspect(int portIndex, long addressHigh, long addressLow, long nowNs) {}

    /**
     * A packet of class ARP, ICMP4 or ICMP6 for this port; the transport checksum of ICMP is verified, the destination address of
     * IP packets is one of ours, a multicast group or a broadcast.
     *
     * @param memory holds the frame at the packet's offsets; valid during the call
     * @param responder whether this lcore answers for the port (requests, solicitations, echo, duplicate address detection); the
     *     other lcores get the same packet only to learn from it
     */
    void onPacket(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs);

    /**
     * The stack drops an IP packet whose sender may be told so, within limits.
     *
     * @param memory holds the packet at its offsets; valid during the call
     * @param reason one of the above
     */
    default void reject(int portIndex, MemorySegment memory, ParsedPacket packet, int reason, long nowNs) {}

    /**
     * Probes, retransmitted requests, duplicate address detection and ageing that are due.
     *
     * @return how many
     */
    int pollTimers(long nowNs);

    /** When {@link #pollTimers} has something to do next; {@link TimerWheel#NEVER} = not until something happens. */
    long nextDeadlineNs();
}
