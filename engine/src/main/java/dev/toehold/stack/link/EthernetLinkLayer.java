package dev.toehold.stack.link;

import dev.toehold.net.Arp;
import dev.toehold.net.IcmpError;
import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.net.MldQuery;
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
    private final MulticastListener listener;
    private final AddressClaims claims;
    private final IcmpErrorSender icmpErrors;
    private final NdpMessage ndp = new NdpMessage();
    private final MldQuery mldQuery = new MldQuery();
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
        neighbors = new NeighborCache(addresses, sender, events, counters, random, nowNs);
        icmpErrors = new IcmpErrorSender(addresses, sender, counters, nowNs);
        listener = new MulticastListener(sender, portMacs.length, random, nowNs);
        claims = claimsAddresses ? new AddressClaims(addresses, sender, listener, counters, random, nowNs) : null;
    }

    public LinkCounters counters() {
        return counters;
    }

    NeighborCache neighbors() {
        return neighbors;
    }

    @Override
    public long resolve(int portIndex, long addressHigh, long addressLow, long nowNs) {
        // Groups and broadcasts never have an entry, so the usual segment needs no look at them.
        long known = neighbors.lookup(portIndex, addressHigh, addressLow, nowNs);
        if (known != NeighborCache.UNKNOWN) {
            return known;
        }
        if (IpAddress.isMulticast(addressHigh, addressLow)) {
            return IpAddress.multicastMac(addressHigh, addressLow);
        }
        if (addresses.isBroadcast(addressHigh, addressLow)) {
            return MacAddress.BROADCAST;
        }
        return neighbors.ask(portIndex, addressHigh, addressLow, nowNs);
    }

    @Override
    public void onReachable(int portIndex, long addressHigh, long addressLow, long nowNs) {
        neighbors.onReachable(portIndex, addressHigh, addressLow, nowNs);
    }

    @Override
    public void onSuspect(int portIndex, long addressHigh, long addressLow, long nowNs) {
        neighbors.onSuspect(portIndex, addressHigh, addressLow, nowNs);
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
    public void reject(int portIndex, MemorySegment memory, ParsedPacket packet, int reason, long nowNs) {
        icmpErrors.send(portIndex, memory, packet, reason, nowNs);
    }

    @Override
    public int pollTimers(long nowNs) {
        int fired = neighbors.pollTimers(nowNs) + (claims == null ? 0 : claims.pollTimers(nowNs));
        return fired + listener.pollTimers(nowNs);
    }

    @Override
    public long nextDeadlineNs() {
        long next = Math.min(neighbors.nextDeadlineNs(), listener.nextDeadlineNs());
        return claims == null ? next : Math.min(next, claims.nextDeadlineNs());
    }

    private void onArp(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder, long nowNs) {
        long arp = packet.l3Offset();
        long senderMac = Arp.senderMac(memory, arp);
        int senderAddress = Arp.senderAddress(memory, arp);
        int targetAddress = Arp.targetAddress(memory, arp);
        boolean isReply = Arp.operation(memory, arp) == Arp.REPLY;
        counters.increment(isReply ? LinkCounters.ARP_REPLIES_IN : LinkCounters.ARP_REQUESTS_IN);
        if (!isNeighborMac(senderMac)) {
            return;
        }
        long senderLow = IpAddress.mapped(senderAddress);
        int conflicting = findOn(portIndex, 0, senderLow);
        if (conflicting != LocalAddresses.NONE) {
            if (!sender.isOwnMac(senderMac)) {
                conflict(conflicting, nowNs);
            }
            return;
        }
        int own = findOn(portIndex, 0, IpAddress.mapped(targetAddress));
        boolean isForUs = own != LocalAddresses.NONE && addresses.isUsable(own);
        if (isReply && isForUs && !MacAddress.isMulticast(packet.destinationMac())) {
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
                if (responder) {
                    onMldQuery(portIndex, memory, packet, nowNs);
                }
            }
            default -> onNdp(portIndex, memory, packet, responder, nowNs);
        }
    }

    private void onMldQuery(int portIndex, MemorySegment memory, ParsedPacket packet, long nowNs) {
        int version = mldQuery.parse(memory, packet);
        if (version < 0) {
            counters.increment(LinkCounters.ICMP_IGNORED);
        } else {
            listener.onQuery(portIndex, mldQuery, version, nowNs);
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
            if (!isNeighborMac(packet.sourceMac())
                    || !isNoneOrNeighborMac(ndp.sourceLinkLayer())
                    || !isNoneOrNeighborMac(ndp.targetLinkLayer())) {
                return;
            }
            if (message == NdpMessage.NEIGHBOR_SOLICITATION) {
                onSolicitation(portIndex, packet, responder, nowNs);
            } else if (message == NdpMessage.NEIGHBOR_ADVERTISEMENT) {
                onAdvertisement(portIndex, packet, nowNs);
            } else if (ndp.sourceLinkLayer() >= 0) {
                // Section 6.2.4 and 6.3.4: a router may tell of a new MAC address this way; we learn it of routers in
                // use.
                neighbors.onHeard(portIndex, packet.sourceHi(), packet.sourceLo(), ndp.sourceLinkLayer(), false, nowNs);
            }
        }
    }

    private void onSolicitation(int portIndex, ParsedPacket packet, boolean responder, long nowNs) {
        int target = findOn(portIndex, ndp.targetHi(), ndp.targetLo());
        if (target == LocalAddresses.NONE) {
            return;
        }
        boolean isProbe = IpAddress.isUnspecified(packet.sourceHi(), packet.sourceLo());
        if (addresses.find(packet.sourceHi(), packet.sourceLo()) != LocalAddresses.NONE) {
            return;
        }
        if (!addresses.isUsable(target)) {
            // RFC 4862 section 5.4.3: only another node's probe for the same tentative address tells of a duplicate.
            if (isProbe && !sender.isOwnMac(packet.sourceMac())) {
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

    private void onAdvertisement(int portIndex, ParsedPacket packet, long nowNs) {
        int own = findOn(portIndex, ndp.targetHi(), ndp.targetLo());
        if (own != LocalAddresses.NONE) {
            if (!sender.isOwnMac(packet.sourceMac())) {
                conflict(own, nowNs);
            }
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

    /** A MAC address that a neighbour can have. It may be ours: the kernel behind a TAP port has the port's. */
    private static boolean isNeighborMac(long mac) {
        return mac != 0 && !MacAddress.isMulticast(mac);
    }

    private static boolean isNoneOrNeighborMac(long mac) {
        return mac < 0 || isNeighborMac(mac);
    }

    private void conflict(int address, long nowNs) {
        if (claims != null) {
            claims.onConflict(address, nowNs);
        }
    }

    /**
     * Echo requests to groups and broadcasts, of either layer, are ignored, as RFC 1122 sections 3.2.2.6 and 3.3.6 and RFC 4443
     * section 4.2 allow; so are those whose answer would go to a group or to ourselves.
     */
    private void echo(int portIndex, MemorySegment memory, ParsedPacket packet, boolean responder) {
        long sourceHi = packet.sourceHi();
        long sourceLo = packet.sourceLo();
        boolean isAnswerable =
                addresses.findUsable(packet.destinationHi(), packet.destinationLo()) != LocalAddresses.NONE
                        && !MacAddress.isMulticast(packet.destinationMac())
                        && isNeighborMac(packet.sourceMac())
                        && !IpAddress.isUnspecified(sourceHi, sourceLo)
                        && !IpAddress.isMulticast(sourceHi, sourceLo)
                        && !addresses.isBroadcast(sourceHi, sourceLo)
                        && addresses.find(sourceHi, sourceLo) == LocalAddresses.NONE;
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
