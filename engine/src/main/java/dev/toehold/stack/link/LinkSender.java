package dev.toehold.stack.link;

import dev.toehold.net.FrameWriter;
import dev.toehold.net.IcmpErrorWriter;
import dev.toehold.net.IpAddress;
import dev.toehold.net.MacAddress;
import dev.toehold.net.MldWriter;
import dev.toehold.net.NdpMessage;
import dev.toehold.net.NdpWriter;
import dev.toehold.net.ParsedPacket;
import dev.toehold.stack.FrameOutput;
import dev.toehold.stack.LocalAddresses;
import java.lang.foreign.MemorySegment;

/** Makes and sends the link layer's frames. A frame for which there is no buffer is dropped and counted: all are repeated. */
final class LinkSender {
    private static final int ICMP_HOP_LIMIT = 64;

    private final FrameOutput output;
    private final long[] portMacs;
    private final LocalAddresses addresses;
    private final LinkCounters counters;
    private final long[] groups = new long[2 * MldWriter.MAX_GROUPS];

    LinkSender(FrameOutput output, long[] portMacs, LocalAddresses addresses, LinkCounters counters) {
        this.output = output;
        this.portMacs = portMacs.clone();
        this.addresses = addresses;
        this.counters = counters;
    }

    boolean isOwnMac(long mac) {
        for (long own : portMacs) {
            if (own == mac) {
                return true;
            }
        }
        return false;
    }

    /**
     * Asks for a neighbour, from our best address on that port, if there is one.
     *
     * @param mac 0 to ask everybody, else the neighbour itself
     */
    void solicit(int portIndex, long high, long low, long mac) {
        int source = sourceFor(portIndex, high, low);
        if (source == LocalAddresses.NONE || !begin(portIndex)) {
            return;
        }
        MemorySegment memory = output.memory();
        long at = output.offset();
        long own = portMacs[portIndex];
        if (IpAddress.isIpv4(high, low)) {
            long to = mac == 0 ? MacAddress.BROADCAST : mac;
            send(FrameWriter.arpRequest(memory, at, to, own, (int) addresses.low(source), (int) low));
            counters.increment(LinkCounters.ARP_OUT);
        } else {
            long sourceHigh = addresses.high(source);
            long sourceLow = addresses.low(source);
            send(
                    mac == 0
                            ? NdpWriter.neighborSolicitation(memory, at, own, sourceHigh, sourceLow, high, low)
                            : NdpWriter.neighborProbe(memory, at, own, mac, sourceHigh, sourceLow, high, low));
            counters.increment(LinkCounters.NDP_OUT);
        }
    }

    /** Whether there is an address to ask from. */
    boolean canSolicit(int portIndex, long high, long low) {
        return sourceFor(portIndex, high, low) != LocalAddresses.NONE;
    }

    /** RFC 5227 section 2.3: our IPv4 address and MAC, to everybody. */
    void announceArp(int address) {
        int portIndex = addresses.portIndex(address);
        if (begin(portIndex)) {
            int ipv4 = (int) addresses.low(address);
            send(FrameWriter.arpRequest(
                    output.memory(), output.offset(), MacAddress.BROADCAST, portMacs[portIndex], ipv4, ipv4));
            counters.increment(LinkCounters.ARP_OUT);
        }
    }

    void replyArp(int portIndex, int ownAddress, long targetMac, int targetAddress) {
        if (begin(portIndex)) {
            send(FrameWriter.arpReply(
                    output.memory(), output.offset(), portMacs[portIndex], ownAddress, targetMac, targetAddress));
            counters.increment(LinkCounters.ARP_OUT);
        }
    }

    /** RFC 4862 section 5.4.2: is anybody using this address? False if there was no buffer to ask with. */
    boolean probeDuplicate(int address) {
        int portIndex = addresses.portIndex(address);
        boolean isBegun = begin(portIndex);
        if (isBegun) {
            send(NdpWriter.neighborSolicitation(
                    output.memory(),
                    output.offset(),
                    portMacs[portIndex],
                    0,
                    0,
                    addresses.high(address),
                    addresses.low(address)));
            counters.increment(LinkCounters.NDP_OUT);
        }
        return isBegun;
    }

    /** RFC 4861 section 7.2.6: so that neighbours with an older MAC in their caches learn ours at once. */
    void announceNdp(int address) {
        int portIndex = addresses.portIndex(address);
        if (begin(portIndex)) {
            send(NdpWriter.unsolicitedAdvertisement(
                    output.memory(),
                    output.offset(),
                    portMacs[portIndex],
                    addresses.high(address),
                    addresses.low(address)));
            counters.increment(LinkCounters.NDP_OUT);
        }
    }

    void answerNdp(int portIndex, ParsedPacket solicitation, NdpMessage message) {
        if (begin(portIndex)) {
            send(NdpWriter.answer(output.memory(), output.offset(), portMacs[portIndex], solicitation, message));
            counters.increment(LinkCounters.NDP_OUT);
        }
    }

    /** Reports each solicited-node group of a port once, from its link-local address if that is usable (RFC 3590). */
    void reportGroups(int portIndex, int recordType) {
        int source = linkLocalOf(portIndex);
        int count = 0;
        for (int i = 0; i < addresses.size(); i++) {
            if (!isFirstOfGroup(portIndex, i)) {
                continue;
            }
            groups[2 * count] = IpAddress.LINK_MULTICAST_HI;
            groups[2 * count + 1] = IpAddress.solicitedNodeLo(addresses.low(i));
            count++;
            if (count == MldWriter.MAX_GROUPS) {
                report(portIndex, source, recordType, count);
                count = 0;
            }
        }
        if (count > 0) {
            report(portIndex, source, recordType, count);
        }
    }

    private void report(int portIndex, int source, int recordType, int count) {
        if (begin(portIndex)) {
            send(MldWriter.report(
                    output.memory(),
                    output.offset(),
                    portMacs[portIndex],
                    highOrZero(source),
                    lowOrZero(source),
                    recordType,
                    groups,
                    count));
            counters.increment(LinkCounters.MLD_REPORTS);
        }
    }

    /** The same for queriers of version 1: a frame for each group. */
    void reportGroupsVersion1(int portIndex) {
        int source = linkLocalOf(portIndex);
        for (int i = 0; i < addresses.size(); i++) {
            if (isFirstOfGroup(portIndex, i) && begin(portIndex)) {
                send(MldWriter.reportVersion1(
                        output.memory(),
                        output.offset(),
                        portMacs[portIndex],
                        highOrZero(source),
                        lowOrZero(source),
                        IpAddress.LINK_MULTICAST_HI,
                        IpAddress.solicitedNodeLo(addresses.low(i))));
                counters.increment(LinkCounters.MLD_REPORTS);
            }
        }
    }

    /** Whether a group is the solicited-node group of an address of the port. */
    boolean isOwnGroup(int portIndex, long groupHigh, long groupLow) {
        for (int i = 0; i < addresses.size(); i++) {
            if (isListening(portIndex, i)
                    && groupHigh == IpAddress.LINK_MULTICAST_HI
                    && groupLow == IpAddress.solicitedNodeLo(addresses.low(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean isListening(int portIndex, int address) {
        return addresses.portIndex(address) == portIndex
                && !IpAddress.isIpv4(addresses.high(address), addresses.low(address))
                && addresses.stateAcquire(address) != LocalAddresses.DUPLICATE;
    }

    /** Addresses that end in the same 24 bits share a group, such as fe80::1 and 2001:db8::1. */
    private boolean isFirstOfGroup(int portIndex, int address) {
        if (!isListening(portIndex, address)) {
            return false;
        }
        long group = IpAddress.solicitedNodeLo(addresses.low(address));
        for (int i = 0; i < address; i++) {
            if (isListening(portIndex, i) && IpAddress.solicitedNodeLo(addresses.low(i)) == group) {
                return false;
            }
        }
        return true;
    }

    private int linkLocalOf(int portIndex) {
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.portIndex(i) == portIndex
                    && !IpAddress.isIpv4(addresses.high(i), addresses.low(i))
                    && IpAddress.isLinkLocal(addresses.high(i), addresses.low(i))
                    && addresses.isUsable(i)) {
                return i;
            }
        }
        return LocalAddresses.NONE;
    }

    private long highOrZero(int address) {
        return address == LocalAddresses.NONE ? 0 : addresses.high(address);
    }

    private long lowOrZero(int address) {
        return address == LocalAddresses.NONE ? 0 : addresses.low(address);
    }

    /**
     * Answers an echo request from the request's own bytes. A reply that does not fit the port's frames is cut for IPv4, as RFC
     * 1122 section 3.2.2.6 demands, and not sent for IPv6, whose replies are whole (RFC 4443 section 4.2).
     */
    void echo(int portIndex, MemorySegment memory, ParsedPacket request, int hopLimit) {
        counters.increment(LinkCounters.ECHO_REQUESTS);
        if (!begin(portIndex)) {
            return;
        }
        int length = FrameWriter.echoReplyLength(request);
        int allowed = Math.min(length, output.capacity());
        if (allowed < length && request.family() == 6) {
            output.cancel();
            counters.increment(LinkCounters.ICMP_IGNORED);
            return;
        }
        send(FrameWriter.echoReply(
                output.memory(),
                output.offset(),
                memory,
                request,
                portMacs[portIndex],
                request.destinationHi(),
                request.destinationLo(),
                hopLimit,
                allowed));
        counters.increment(LinkCounters.ECHO_REPLIES);
    }

    /** An ICMP error about a packet, to where it came from. */
    void icmpError(int portIndex, MemorySegment memory, ParsedPacket packet, int type, int code, int word) {
        if (begin(portIndex)) {
            send(IcmpErrorWriter.write(
                    output.memory(),
                    output.offset(),
                    memory,
                    packet,
                    portMacs[portIndex],
                    type,
                    code,
                    word,
                    ICMP_HOP_LIMIT,
                    output.capacity()));
            counters.increment(LinkCounters.ICMP_ERRORS_OUT);
        }
    }

    private int sourceFor(int portIndex, long high, long low) {
        boolean isIpv4 = IpAddress.isIpv4(high, low);
        int best = LocalAddresses.NONE;
        int bestBits = -1;
        for (int i = 0; i < addresses.size(); i++) {
            if (addresses.portIndex(i) == portIndex
                    && IpAddress.isIpv4(addresses.high(i), addresses.low(i)) == isIpv4
                    && addresses.isUsable(i)) {
                int bits = LocalAddresses.commonPrefix(addresses.high(i), addresses.low(i), high, low);
                if (bits > bestBits) {
                    best = i;
                    bestBits = bits;
                }
            }
        }
        return best;
    }

    private boolean begin(int portIndex) {
        if (output.begin(portIndex)) {
            return true;
        }
        counters.increment(LinkCounters.NO_BUFFER);
        return false;
    }

    private void send(int length) {
        output.send(length);
    }
}
