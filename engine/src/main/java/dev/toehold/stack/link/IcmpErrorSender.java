package dev.toehold.stack.link;

import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import java.lang.foreign.MemorySegment;

/**
 * Tells senders what the engine does not take (RFC 1122 section 3.2.2, RFC 4443 section 2.4), at most {@link #PER_SECOND} times a second in the long run
 * so that nobody can use it as an amplifier. Nothing is said to groups, of packets to groups, or about errors.
 */
final class IcmpErrorSender {
    static final int PER_SECOND = 100;
    static final int BURST = 32;

    private static final long NS_PER_TOKEN = 1_000_000_000L / PER_SECOND;

    /** Codes of the destination unreachable messages, time exceeded and parameter problem. */
    private static final int PROTOCOL_UNREACHABLE4 = 2;

    private static final int PORT_UNREACHABLE4 = 3;
    private static final int PORT_UNREACHABLE6 = 4;
    private static final int REASSEMBLY_TIME_EXCEEDED = 1;
    private static final int UNKNOWN_NEXT_HEADER = 1;

    private final LocalAddresses addresses;
    private final LinkSender sender;
    private final LinkCounters counters;
    private long fullAtNs;

    IcmpErrorSender(LocalAddresses addresses, LinkSender sender, LinkCounters counters, long nowNs) {
        this.addresses = addresses;
        this.sender = sender;
        this.counters = counters;
        fullAtNs = nowNs;
    }

    void send(int portIndex, MemorySegment memory, ParsedPacket packet, int reason, long nowNs) {
        if (!isAnswerable(packet)) {
            return;
        }
        if (!takeToken(nowNs)) {
            counters.increment(LinkCounters.ICMP_LIMITED);
            return;
        }
        boolean ipv4 = packet.family() == 4;
        switch (reason) {
            case LinkLayer.PORT_UNREACHABLE ->
                write(
                        portIndex,
                        memory,
                        packet,
                        ipv4 ? Icmpv4.DESTINATION_UNREACHABLE : Icmpv6.DESTINATION_UNREACHABLE,
                        ipv4 ? PORT_UNREACHABLE4 : PORT_UNREACHABLE6,
                        0);
            case LinkLayer.PROTOCOL_UNREACHABLE -> {
                if (ipv4) {
                    write(portIndex, memory, packet, Icmpv4.DESTINATION_UNREACHABLE, PROTOCOL_UNREACHABLE4, 0);
                } else {
                    write(
                            portIndex,
                            memory,
                            packet,
                            Icmpv6.PARAMETER_PROBLEM,
                            UNKNOWN_NEXT_HEADER,
                            packet.problemPointer());
                }
            }
            case LinkLayer.REASSEMBLY_TIMEOUT ->
                write(
                        portIndex,
                        memory,
                        packet,
                        ipv4 ? Icmpv4.TIME_EXCEEDED : Icmpv6.TIME_EXCEEDED,
                        REASSEMBLY_TIME_EXCEEDED,
                        0);
            default ->
                write(
                        portIndex,
                        memory,
                        packet,
                        Icmpv6.PARAMETER_PROBLEM,
                        packet.problemCode(),
                        packet.problemPointer());
        }
    }

    private void write(int portIndex, MemorySegment memory, ParsedPacket packet, int type, int code, int word) {
        sender.icmpError(portIndex, memory, packet, type, code, word);
    }

    /** RFC 1122 section 3.2.2 and RFC 4443 section 2.4 (e): one sender, one receiver, and that is us. */
    private boolean isAnswerable(ParsedPacket packet) {
        long sourceHi = packet.sourceHi();
        long sourceLo = packet.sourceLo();
        return addresses.findUsable(packet.destinationHi(), packet.destinationLo()) != LocalAddresses.NONE
                && !MacAddress.isMulticast(packet.destinationMac())
                && packet.sourceMac() != 0
                && !MacAddress.isMulticast(packet.sourceMac())
                && packet.vlanTci() < 0
                && !IpAddress.isUnspecified(sourceHi, sourceLo)
                && !IpAddress.isMulticast(sourceHi, sourceLo)
                && (packet.family() == 6 || (int) sourceLo >>> 24 != 0)
                && !addresses.isBroadcast(sourceHi, sourceLo)
                && addresses.find(sourceHi, sourceLo) == LocalAddresses.NONE;
    }

    /** A bucket that fills at a steady rate, as the moment at which it will be full. */
    private boolean takeToken(long nowNs) {
        long from = Math.max(fullAtNs, nowNs);
        if (from - nowNs > (BURST - 1) * NS_PER_TOKEN) {
            return false;
        }
        fullAtNs = from + NS_PER_TOKEN;
        return true;
    }
}
