package dev.toehold.stack.link;

import dev.toehold.net.Arp;
import dev.toehold.net.FlowHash;
import dev.toehold.net.IcmpError;
import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.net.MldWriter;
import dev.toehold.net.NdpMessage;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.FrameOutput;
import dev.toehold.stack.LinkEvents;
import dev.toehold.stack.LinkLayer;
import dev.toehold.stack.LocalAddresses;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** ARP, NDP, ICMP and MLD on Ethernet ports: reads each packet and hands it to the mechanism it concerns. */
public final class EthernetLinkLayer implements LinkLayer {
    private static final int HOP_LIMIT = 64;

    private final LocalAddresses addresses;
    private final LinkEvents events;
    private final LinkCounters counters = new LinkCounters();
    private final LinkSender sender;
    private final NeighborCache neighbors;
    private final AddressClaims claims;
    private final NdpMessage ndp = new NdpMessage();
    private final IcmpError icmpError = new IcmpError();

    /**
     * @param portMacs MAC address of each port, by index
     * @param claimsAddresses whether this lcore announces the addresses and detects duplicates: one lcore does
     * @param random for the jitter of first transmissions and the key of the neighbour cache
     * @param nowNs the clock now
     */
    public EthernetLinkLayer(
            LocalAddresses addresses,
            long[] portMacs,
            FrameOutput output,
            LinkEvents events,
            boolean claimsAddresses,
            RandomGenerator random,
            long nowNs) {
        this.addresses = addresses;
        this.events = events;
        sender = new LinkSender(output, portMacs, addresses, counters);
        FlowHash hash = new FlowHash(random.nextLong(), random.nextLong());
        neighbors = new NeighborCache(addresses, sender, events, counters, hash);
        claims = claimsAddresses ? new AddressClaims(addresses, sender, counters, random, nowNs) : null;
    }

    public LinkCounters counters() {
        return counters;
    }

    @Override
    public long resolve(int portIndex, long addressHigh, long addressLow, long nowNs) {
        if (IpAddress.isMulticast(addressHigh, addressLow)) {
            return IpAddress.multicastMac(addressHigh, addressLow);
        }
        if (addresses.isBroadcast(addressHigh, addressLow)) {
            return MacAddress.BROADCAST;
        }
        return neighbors.resolve(portIndex, addressHigh, addressLow, nowNs);
    }

    @Override
    public void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs) {
        neighbors.onReachable(portIndex, addressHigh, addressLow, nowNs);
    }

    @Override
    public void onPacket(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        switch (packet.result()) {
            case ParseResult.ARP -> onArp(portIndex, memory, packet, responder, nowNs);
            case ParseResult.ICMP4 -> onIcmpv4(portIndex, memory, packet, responder, nowNs);
            case ParseResult.ICMP6 -> onIcmpv6(portIndex, memory, packet, responder, nowNs);
            default -> counters.increment(LinkCounters.ICMP_IGNORED);
        }
    }

    @Override
    public int pollTimers(long nowNs) {
        return neighbors.pollTimers(nowNs) + (claims == null ? 0 : claims.pollTimers(nowNs));
    }

    @Override
    public long nextDeadlineNs() {
        long next = neighbors.nextDeadlineNs();
        return claims == null ? next : Math.min(next, claims.nextDeadlineNs());
    }

    private void onArp(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        long arp = packet.l3Offset();
        long senderMac = Arp.senderMac(memory, arp);
        int senderAddress = Arp.senderAddress(memory, arp);
        int targetAddress = Arp.targetAddress(memory, arp);
        boolean isReply = Arp.operation(memory, arp) == Arp.REPLY;
        counters.increment(isReply ? LinkCounters.ARP_REPLIES_IN : LinkCounters.ARP_REQUESTS_IN);
        if (senderMac == sender.mac(portIndex) || MacAddress.isMulticast(senderMac)) {
            return;
        }
        int conflicting = findOn(portIndex, 0, IpAddress.mapped(senderAddress));
        if (conflicting != LocalAddresses.NONE) {
            conflict(conflicting, nowNs);
            return;
        }
        boolean isForUs = findOn(portIndex, 0, IpAddress.mapped(targetAddress)) != LocalAddresses.NONE;
        long senderLow = IpAddress.mapped(senderAddress);
        if (isReply && isForUs) {
            neighbors.onAnswer(portIndex, 0, senderLow, senderMac, true, true, nowNs);
        } else if (senderAddress != 0) {
            neighbors.onHeard(portIndex, 0, senderLow, senderMac, isForUs && !isReply, nowNs);
        }
        if (isForUs && !isReply && responder) {
            sender.replyArp(portIndex, targetAddress, senderMac, senderAddress);
        }
    }

    private void onIcmpv4(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        if (packet.icmpType() == Icmpv4.ECHO_REQUEST) {
            echo(portIndex, memory, packet, responder);
        } else {
            onIcmpError(memory, packet, nowNs);
        }
    }

    private void onIcmpv6(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        switch (packet.icmpType()) {
            case Icmpv6.ECHO_REQUEST -> echo(portIndex, memory, packet, responder);
            case Icmpv6.MLD_QUERY -> {
                if (responder
                        && packet.hopLimit() == 1
                        && IpAddress.isLinkLocal(packet.sourceHi(), packet.sourceLo())) {
                    sender.reportGroups(portIndex, MldWriter.MODE_IS_EXCLUDE);
                }
            }
            default -> onNdp(portIndex, memory, packet, responder, nowNs);
        }
    }

    private void onNdp(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        int message = ndp.parse(memory, packet);
        if (message < 0) {
            counters.increment(LinkCounters.NDP_INVALID);
        } else if (message == NdpMessage.NOT_NDP) {
            onIcmpError(memory, packet, nowNs);
        } else {
            counters.increment(LinkCounters.NDP_IN);
            if (packet.sourceMac() == sender.mac(portIndex)) {
                return;
            }
            if (message == NdpMessage.NEIGHBOR_SOLICITATION) {
                onSolicitation(portIndex, packet, responder, nowNs);
            } else if (message == NdpMessage.NEIGHBOR_ADVERTISEMENT) {
                onAdvertisement(portIndex, nowNs);
            }
        }
    }

    private void onSolicitation(int portIndex, ParsedPacket packet, boolean responder, long nowNs) {
        int target = findOn(portIndex, ndp.targetHi(), ndp.targetLo());
        if (target == LocalAddresses.NONE) {
            return;
        }
        boolean isProbe = IpAddress.isUnspecified(packet.sourceHi(), packet.sourceLo());
        if (!addresses.isUsable(target)) {
            // RFC 4862 section 5.4.3: only another node's probe for the same tentative address tells of a duplicate.
            if (isProbe) {
                conflict(target, nowNs);
            }
            return;
        }
        if (!isProbe && ndp.sourceLinkLayer() >= 0) {
            neighbors.onHeard(portIndex, packet.sourceHi(), packet.sourceLo(), ndp.sourceLinkLayer(), true, nowNs);
        }
        if (responder) {
            sender.answerNdp(portIndex, packet, ndp);
        }
    }

    private void onAdvertisement(int portIndex, long nowNs) {
        int own = findOn(portIndex, ndp.targetHi(), ndp.targetLo());
        if (own != LocalAddresses.NONE) {
            conflict(own, nowNs);
            return;
        }
        neighbors.onAnswer(
                portIndex,
                ndp.targetHi(),
                ndp.targetLo(),
                ndp.targetLinkLayer(),
                (ndp.flags() & NdpMessage.FLAG_SOLICITED) != 0,
                (ndp.flags() & NdpMessage.FLAG_OVERRIDE) != 0,
                nowNs);
    }

    private void conflict(int address, long nowNs) {
        if (claims != null) {
            claims.onConflict(address, nowNs);
        }
    }

    /** Echo requests to groups and broadcasts are ignored, as RFC 1122 section 3.2.2.6 and RFC 4443 section 4.2 allow. */
    private void echo(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder) {
        int own = addresses.findUsable(packet.destinationHi(), packet.destinationLo());
        boolean isAnswerable = own != LocalAddresses.NONE
                && !IpAddress.isUnspecified(packet.sourceHi(), packet.sourceLo())
                && !IpAddress.isMulticast(packet.sourceHi(), packet.sourceLo())
                && !MacAddress.isMulticast(packet.sourceMac());
        if (!isAnswerable) {
            counters.increment(LinkCounters.ICMP_IGNORED);
        } else if (responder) {
            sender.echo(portIndex, memory, packet, HOP_LIMIT);
        }
    }

    private void onIcmpError(MemorySegment memory, ParsedPacket packet, long nowNs) {
        int kind = icmpError.parse(memory, packet);
        if (kind > IcmpError.NOT_TCP) {
            counters.increment(LinkCounters.ICMP_ERRORS);
            events.onIcmpError(kind, icmpError, nowNs);
        } else {
            counters.increment(LinkCounters.ICMP_IGNORED);
        }
    }

    /** Our address of this port, whatever its state. */
    private int findOn(int portIndex, long high, long low) {
        int index = addresses.find(high, low);
        return index != LocalAddresses.NONE && addresses.portIndex(index) == portIndex ? index : LocalAddresses.NONE;
    }
}
