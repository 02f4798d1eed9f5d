package dev.toehold.stack.link;

import dev.toehold.net.Ethernet;
import dev.toehold.net.FrameWriter;
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

    long mac(int portIndex) {
        return portMacs[portIndex];
    }

    /**
     * Asks for a neighbour, from our best address on that port.
     *
     * @param mac 0 to ask everybody, else the neighbour itself
     * @return false if we have no address to ask from
     */
    boolean solicit(int portIndex, long high, long low, long mac) {
        int source = sourceFor(portIndex, high, low);
        if (source == LocalAddresses.NONE) {
            return false;
        }
        if (!begin(portIndex)) {
            return true;
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
        return true;
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

    /** RFC 4862 section 5.4.2: is anybody using this address? */
    void probeDuplicate(int address) {
        int portIndex = addresses.portIndex(address);
        if (begin(portIndex)) {
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

    /** Reports the solicited-node groups of every IPv6 address of a port, from its link-local address if that is usable. */
    void reportGroups(int portIndex, int recordType) {
        int count = 0;
        long sourceHigh = 0;
        long sourceLow = 0;
        for (int i = 0; i < addresses.size() && count < MldWriter.MAX_GROUPS; i++) {
            if (addresses.portIndex(i) != portIndex || IpAddress.isIpv4(addresses.high(i), addresses.low(i))) {
                continue;
            }
            groups[2 * count] = IpAddress.LINK_MULTICAST_HI;
            groups[2 * count + 1] = IpAddress.solicitedNodeLo(addresses.low(i));
            count++;
            if (addresses.isUsable(i) && IpAddress.isLinkLocal(addresses.high(i), addresses.low(i))) {
                sourceHigh = addresses.high(i);
                sourceLow = addresses.low(i);
            }
        }
        if (count > 0 && begin(portIndex)) {
            send(MldWriter.report(
                    output.memory(),
                    output.offset(),
                    portMacs[portIndex],
                    sourceHigh,
                    sourceLow,
                    recordType,
                    groups,
                    count));
            counters.increment(LinkCounters.MLD_REPORTS);
        }
    }

    /** Answers an echo request from the request's own bytes; one that does not fit the port's frames is dropped. */
    void echo(int portIndex, MemorySegment memory, ParsedPacket request, int hopLimit) {
        counters.increment(LinkCounters.ECHO_REQUESTS);
        int length = FrameWriter.echoReplyLength(request);
        if (!begin(portIndex)) {
            return;
        }
        if (length > output.capacity()) {
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
                hopLimit));
        counters.increment(LinkCounters.ECHO_REPLIES);
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
        output.send(Math.max(length, Ethernet.HEADER_LENGTH));
    }
}
