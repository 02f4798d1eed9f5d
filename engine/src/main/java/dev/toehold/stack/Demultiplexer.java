package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.net.FlowHash;
import dev.toehold.net.FragmentReassembly;
import dev.toehold.net.Icmpv4;
import dev.toehold.net.Icmpv6;
import dev.toehold.net.InternetChecksum;
import dev.toehold.net.IpAddress;
import dev.toehold.net.IpProtocol;
import dev.toehold.net.MacAddress;
import dev.toehold.net.PacketParser;
import dev.toehold.net.ParseResult;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import dev.toehold.net.TcpOptions;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpCore;
import dev.toehold.tcp.TcpState;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.MemorySegment;

/**
 * Where a received packet goes: another lcore, a connection, a listener, the link layer, the kernel, or nowhere. One lookup of the tuple's hash
 * decides the first two; only a packet of no connection is asked whether its destination is ours at all.
 */
final class Demultiplexer {
    /** {@link #receive}: done with the mbuf. */
    static final int DONE = 0;

    /** {@link #receive}: the mbuf went to another lcore. */
    static final int PASSED_ON = 1;

    /** A SYN opens whatever else it carries: RFC 9293 section 3.10.7.2 looks at RST, ACK and SYN in this order. */
    private static final int SYN_MASK = Tcp.SYN | Tcp.ACK | Tcp.RST;

    private final int lcore;
    private final LcorePort[] ports;
    private final PacketBuffers buffers;
    private final DispatchRings rings;
    private final boolean[] rung;
    private final boolean[] kernelRung;
    private final Connections connections;
    private final ListenerTable listeners;
    private final Opens opens;
    private final Resumption resumption;
    private final Transmitter transmitter;
    private final LocalAddresses addresses;
    private final FlowHash flowHash;
    private final StackCounters counters;
    private final ParsedPacket packet = new ParsedPacket();
    private final Segment segment = new Segment();
    private final TxSegment answer = new TxSegment();
    private final Fragments fragments;
    private final Tcb tcb;
    private TcpCore core;
    private ConnectionHandler handler;
    private LinkLayer link;

    Demultiplexer(
            int lcore,
            LcorePort[] ports,
            PacketBuffers buffers,
            DispatchRings rings,
            Connections connections,
            ListenerTable listeners,
            Opens opens,
            Resumption resumption,
            Transmitter transmitter,
            LocalAddresses addresses,
            FlowHash flowHash,
            Fragments fragments,
            StackCounters counters,
            Tcb tcb) {
        this.lcore = lcore;
        this.ports = ports;
        this.buffers = buffers;
        this.rings = rings;
        this.connections = connections;
        this.listeners = listeners;
        this.opens = opens;
        this.resumption = resumption;
        this.transmitter = transmitter;
        this.addresses = addresses;
        this.flowHash = flowHash;
        this.fragments = fragments;
        this.counters = counters;
        this.tcb = tcb;
        rung = new boolean[rings.lcoreCount()];
        kernelRung = new boolean[ports.length];
    }

    void bind(TcpCore newCore, LinkLayer newLink, ConnectionHandler newHandler) {
        core = newCore;
        link = newLink;
        handler = newHandler;
    }

    /**
     * Takes one packet.
     *
     * @param portIndex where it came from, {@link LcorePort#LOOPBACK_INDEX} from the engine itself
     * @param isDispatched whether another lcore has already given it to this one
     * @return {@link #DONE}, the mbuf is the caller's to free, or {@link #PASSED_ON}
     */
    int receive(long mbuf, int portIndex, boolean isDispatched, long nowNs) {
        MemorySegment memory = buffers.memory();
        long offloads = Mbuf.offloadFlags(mbuf);
        boolean isLoopback = portIndex == LcorePort.LOOPBACK_INDEX;
        int flags = isLoopback || (offloads & Mbuf.RX_IP_CKSUM_MASK) == Mbuf.RX_IP_CKSUM_GOOD
                ? PacketParser.IPV4_CHECKSUM_VERIFIED
                : 0;
        int result = PacketParser.parse(memory, buffers.offset(mbuf), Mbuf.dataLength(mbuf), flags, packet);
        if (ParseResult.isDrop(result)) {
            if (result == ParseResult.DROP_BAD_EXTENSION
                    && kernel(portIndex) == null
                    && packet.problemCode() >= 0
                    && !isLoopback
                    && isForMe(portIndex)) {
                link.reject(portIndex, memory, packet, LinkLayer.PARAMETER_PROBLEM, nowNs);
            }
            return unclaimed(mbuf, portIndex, StackCounters.PARSER_DROPS + ~result);
        }
        if (!isLoopback && !isForMe(portIndex)) {
            return isForPort(portIndex)
                    ? unclaimed(mbuf, portIndex, StackCounters.DROP_WRONG_MAC)
                    : drop(StackCounters.DROP_WRONG_MAC);
        }
        return switch (result) {
            case ParseResult.TCP4, ParseResult.TCP6 ->
                receiveTcp(memory, mbuf, portIndex, offloads, isDispatched, nowNs);
            case ParseResult.ARP, ParseResult.ICMP4, ParseResult.ICMP6 ->
                receiveLink(memory, mbuf, portIndex, result, isDispatched, nowNs);
            case ParseResult.FRAGMENT4, ParseResult.FRAGMENT6 ->
                receiveFragment(memory, mbuf, portIndex, isDispatched, nowNs);
            default -> receiveOther(memory, mbuf, portIndex, nowNs);
        };
    }

    private KernelRings kernel(int portIndex) {
        return portIndex == LcorePort.LOOPBACK_INDEX ? null : ports[portIndex].kernel();
    }

    /** What neither connection nor listener here claims is the kernel's, where the port has an exception path. */
    private int unclaimed(long mbuf, int portIndex, int counter) {
        KernelRings kernel = kernel(portIndex);
        if (kernel == null || mbuf == 0) { // 0: put together from fragments, and in no mbuf
            return drop(counter);
        }
        if (!kernel.toKernel(lcore).enqueue(mbuf)) {
            return drop(StackCounters.DROP_KERNEL_FULL);
        }
        counters.increment(StackCounters.TO_KERNEL);
        kernelRung[portIndex] = true;
        return PASSED_ON;
    }

    private int drop(int counter) {
        counters.increment(counter);
        return DONE;
    }

    private boolean isForPort(int portIndex) {
        return packet.destinationMac() == ports[portIndex].mac() || MacAddress.isMulticast(packet.destinationMac());
    }

    /** The port's own MAC or a group; a VLAN that is not the priority tag's is somebody else's link. */
    private boolean isForMe(int portIndex) {
        return isForPort(portIndex) && (packet.vlanTci() < 0 || (packet.vlanTci() & 0xFFF) == 0);
    }

    private int receiveTcp(
            MemorySegment memory, long mbuf, int portIndex, long offloads, boolean isDispatched, long nowNs) {
        if (MacAddress.isMulticast(packet.destinationMac())
                || IpAddress.isMulticast(packet.destinationHi(), packet.destinationLo())) {
            return unclaimed(mbuf, portIndex, StackCounters.DROP_GROUP_TCP);
        }
        long hash = flowHash.hash(packet);
        int owner = rings.owners().owner(hash, packet);
        if (owner != lcore && !isDispatched) {
            return passOn(mbuf, portIndex, owner);
        }
        return receiveOwnTcp(memory, mbuf, portIndex, hash, offloads, nowNs);
    }

    private int receiveOwnTcp(MemorySegment memory, long mbuf, int portIndex, long hash, long offloads, long nowNs) {
        int index = connections
                .flows()
                .find(
                        (int) hash,
                        packet.destinationHi(),
                        packet.destinationLo(),
                        packet.sourceHi(),
                        packet.sourceLo(),
                        packet.destinationPort(),
                        packet.sourcePort());
        boolean isLoopback = portIndex == LcorePort.LOOPBACK_INDEX;
        if (index == FlowTable.NONE
                && addresses.findUsable(packet.destinationHi(), packet.destinationLo()) == LocalAddresses.NONE) {
            return unclaimed(
                    mbuf,
                    portIndex,
                    addresses.isBroadcast(packet.destinationHi(), packet.destinationLo())
                            ? StackCounters.DROP_GROUP_TCP
                            : StackCounters.DROP_NOT_OURS);
        }
        if (addresses.isBroadcast(packet.sourceHi(), packet.sourceLo())) {
            return drop(StackCounters.DROP_GROUP_TCP);
        }
        if (!isLoopback && addresses.find(packet.sourceHi(), packet.sourceLo()) != LocalAddresses.NONE) {
            // Our own address as the source of what came from outside: forged.
            return drop(StackCounters.DROP_SPOOFED);
        }
        if (index == FlowTable.NONE && kernel(portIndex) != null && !mayOpen()) {
            return unclaimed(mbuf, portIndex, StackCounters.NO_LISTENER);
        }
        if (!isLoopback && !isChecksumGood(memory, portIndex, offloads)) {
            return drop(StackCounters.DROP_BAD_CHECKSUM);
        }
        fillSegment(memory);
        if (index == FlowTable.NONE) {
            return receiveWithoutTcb(mbuf, portIndex, nowNs);
        }
        receiveForTcb(index, isLoopback, nowNs);
        return DONE;
    }

    /** Whether a segment without a connection may open one: only then is it looked at before the kernel gets it. */
    private boolean mayOpen() {
        return listeners.find(packet.destinationHi(), packet.destinationLo(), packet.destinationPort())
                != ListenerTable.NONE;
    }

    private int receiveFragment(MemorySegment memory, long mbuf, int portIndex, boolean isDispatched, long nowNs) {
        if (MacAddress.isMulticast(packet.destinationMac())
                || addresses.findUsable(packet.destinationHi(), packet.destinationLo()) == LocalAddresses.NONE) {
            return unclaimed(mbuf, portIndex, StackCounters.DROP_NOT_OURS);
        }
        if (packet.protocol() != IpProtocol.TCP && kernel(portIndex) != null) {
            return unclaimed(mbuf, portIndex, StackCounters.DROP_FRAGMENT);
        }
        int owner = fragments.owner(packet);
        if (owner != lcore && !isDispatched) {
            return passOn(mbuf, portIndex, owner);
        }
        if (fragments.add(memory, packet, portIndex, nowNs)) {
            FragmentReassembly whole = fragments.whole();
            receiveWhole(whole.memory(), whole.frameOffset(), whole.frameLength(), whole.framePort(), nowNs);
        }
        return DONE;
    }

    /** A packet made of fragments: TCP goes to its owner, an echo request is answered, nothing else comes in fragments (RFC 6980). */
    private void receiveWhole(MemorySegment memory, long offset, int length, int portIndex, long nowNs) {
        int result = PacketParser.parse(memory, offset, length, PacketParser.IPV4_CHECKSUM_VERIFIED, packet);
        if (ParseResult.isDrop(result)) {
            counters.increment(StackCounters.PARSER_DROPS + ~result);
        } else if (ParseResult.isTcp(result)) {
            long hash = flowHash.hash(packet);
            int owner = rings.owners().owner(hash, packet);
            if (owner == lcore && kernel(portIndex) == null) {
                int _ = receiveOwnTcp(memory, 0, portIndex, hash, 0, nowNs);
            } else {
                // In an mbuf, as the kernel may get it.
                copyTo(owner, memory, offset, length, portIndex, StackCounters.DROP_REASSEMBLED_TOO_LONG);
            }
        } else if (isEchoRequest(result) && InternetChecksum.isTransportValid(memory, packet, false)) {
            link.onPacket(portIndex, memory, packet, true, nowNs);
        } else if (result == ParseResult.OTHER) {
            int _ = receiveOther(memory, 0, portIndex, nowNs);
        } else {
            counters.increment(StackCounters.DROP_FRAGMENT);
        }
    }

    private boolean isEchoRequest(int result) {
        return (result == ParseResult.ICMP4 && packet.icmpType() == Icmpv4.ECHO_REQUEST)
                || (result == ParseResult.ICMP6 && packet.icmpType() == Icmpv6.ECHO_REQUEST);
    }

    /** Nobody takes it; the sender of an IP packet to us is told (RFC 1122 sections 3.2.2.1 and 4.1.3.1). */
    private int receiveOther(MemorySegment memory, long mbuf, int portIndex, long nowNs) {
        if (kernel(portIndex) != null) {
            return unclaimed(mbuf, portIndex, StackCounters.DROP_OTHER);
        }
        if (portIndex != LcorePort.LOOPBACK_INDEX
                && packet.family() != 0
                && packet.protocol() != IpProtocol.NO_NEXT_HEADER) {
            int reason =
                    packet.protocol() == IpProtocol.UDP ? LinkLayer.PORT_UNREACHABLE : LinkLayer.PROTOCOL_UNREACHABLE;
            link.reject(portIndex, memory, packet, reason, nowNs);
        }
        return drop(StackCounters.DROP_OTHER);
    }

    private boolean isChecksumGood(MemorySegment memory, int portIndex, long offloads) {
        long verdict = offloads & Mbuf.RX_L4_CKSUM_MASK;
        if (verdict == Mbuf.RX_L4_CKSUM_GOOD) {
            return true;
        }
        return verdict != Mbuf.RX_L4_CKSUM_BAD
                && InternetChecksum.isTransportValid(memory, packet, ports[portIndex].isPartialChecksumAccepted());
    }

    private void fillSegment(MemorySegment memory) {
        segment.seq = packet.seq();
        segment.ack = packet.ack();
        segment.flags = packet.flags();
        segment.window = packet.window();
        segment.urgentPointer = packet.urgentPointer();
        segment.ecn = packet.ecn();
        segment.memory = memory;
        segment.payloadOffset = packet.payloadOffset();
        segment.payloadLength = packet.payloadLength();
        // What comes before a malformed option counts; the core ignores what must not be in a segment of its kind.
        if (segment.options.parse(memory, packet) != TcpOptions.OK) {
            counters.increment(StackCounters.BAD_TCP_OPTIONS);
        }
    }

    private void receiveForTcb(int index, boolean isLoopback, long nowNs) {
        tcb.wrap(index);
        if (connections.has(tcb, Connections.WAITING)) {
            counters.increment(StackCounters.DROP_RESUMING);
            return;
        }
        if (tcb.state() == TcpState.TIME_WAIT && core.mayReuse(tcb, segment)) {
            int slot = listeners.find(packet.destinationHi(), packet.destinationLo(), packet.destinationPort());
            if (slot != ListenerTable.NONE && opens.hasRoom(slot)) {
                int leastIss = tcb.sendSequence(tcb.sndMax());
                core.abort(tcb, nowNs);
                opens.passiveOpen(core, handler, slot, packet, segment, isLoopback, leastIss, nowNs);
                return;
            }
        }
        connections.touch(tcb);
        core.onSegment(tcb, segment, nowNs);
    }

    /** LISTEN and CLOSED: RFC 9293 sections 3.10.7.2 and 3.10.7.1. */
    private int receiveWithoutTcb(long mbuf, int portIndex, long nowNs) {
        boolean isLoopback = portIndex == LcorePort.LOOPBACK_INDEX;
        int slot = listeners.find(packet.destinationHi(), packet.destinationLo(), packet.destinationPort());
        if (slot != ListenerTable.NONE && !segment.has(Tcp.RST)) {
            if ((segment.flags & SYN_MASK) == Tcp.SYN) {
                opens.passiveOpen(core, handler, slot, packet, segment, isLoopback, 0, nowNs);
                return DONE;
            }
            if (!segment.has(Tcp.ACK)) {
                // "You are unlikely to get here, but if you do, drop the segment."
                return unclaimed(mbuf, portIndex, StackCounters.NO_TCB);
            }
            if (!segment.has(Tcp.SYN) && openFromCookie(slot, isLoopback, nowNs)) {
                return DONE;
            }
        }
        if (kernel(portIndex) != null) {
            // A connection of the kernel may have the TCP port of a listener here; if nobody knows it, the kernel
            // resets it.
            return unclaimed(mbuf, portIndex, StackCounters.NO_TCB);
        }
        if (resumption.isHolding()) {
            return drop(StackCounters.DROP_RESUMING);
        }
        counters.increment(segment.has(Tcp.SYN) ? StackCounters.NO_LISTENER : StackCounters.NO_TCB);
        if (core.respondToClosed(segment, answer)) {
            transmitter.transmitUnbound(
                    answer,
                    packet.destinationHi(),
                    packet.destinationLo(),
                    packet.sourceHi(),
                    packet.sourceLo(),
                    packet.destinationPort(),
                    packet.sourcePort(),
                    nowNs);
        }
        return DONE;
    }

    private boolean openFromCookie(int slot, boolean isLoopback, long nowNs) {
        Tcb opened = opens.openFromCookie(core, handler, slot, packet, segment, isLoopback, nowNs);
        if (opened == null) {
            return false;
        }
        tcb.wrap(opened.index());
        connections.touch(tcb);
        core.onSegment(tcb, segment, nowNs);
        return true;
    }

    private int receiveLink(
            MemorySegment memory, long mbuf, int portIndex, int result, boolean isDispatched, long nowNs) {
        if (portIndex == LcorePort.LOOPBACK_INDEX) {
            return drop(StackCounters.DROP_OTHER);
        }
        if (result != ParseResult.ARP) {
            boolean isOurs = IpAddress.isMulticast(packet.destinationHi(), packet.destinationLo())
                    || addresses.find(packet.destinationHi(), packet.destinationLo()) != LocalAddresses.NONE
                    || addresses.isBroadcast(packet.destinationHi(), packet.destinationLo());
            if (!isOurs) {
                return unclaimed(mbuf, portIndex, StackCounters.DROP_NOT_OURS);
            }
            if (!InternetChecksum.isTransportValid(memory, packet, false)) {
                return unclaimed(mbuf, portIndex, StackCounters.DROP_BAD_CHECKSUM);
            }
        }
        if (!isDispatched && rings.lcoreCount() > 1 && concernsAllLcores(result)) {
            copyToOthers(mbuf, portIndex);
        }
        // The kernel, where there is one, answers for the addresses that it shares with the engine.
        boolean isShared = kernel(portIndex) != null;
        link.onPacket(portIndex, memory, packet, ports[portIndex].isResponder() && !isDispatched && !isShared, nowNs);
        return isShared && !isDispatched ? unclaimed(mbuf, portIndex, StackCounters.DROP_OTHER) : DONE;
    }

    /** What neighbour caches learn from, and errors about connections, whoever owns them. */
    private boolean concernsAllLcores(int result) {
        if (result == ParseResult.ARP) {
            return true;
        }
        int type = packet.icmpType();
        return result == ParseResult.ICMP6
                ? type < Icmpv6.ECHO_REQUEST
                        || (type >= Icmpv6.ROUTER_SOLICITATION && type <= Icmpv6.NEIGHBOR_ADVERTISEMENT)
                : type != Icmpv4.ECHO_REQUEST;
    }

    /** Copies what is short, as such packets are; an error about a packet quotes little of it. */
    private void copyToOthers(long mbuf, int portIndex) {
        int length = Mbuf.dataLength(mbuf);
        for (int to = 0; to < rings.lcoreCount(); to++) {
            if (to != lcore) {
                copyTo(to, buffers.memory(), buffers.offset(mbuf), length, portIndex, StackCounters.DROP_DISPATCH_FULL);
            }
        }
    }

    private void copyTo(int to, MemorySegment from, long offset, int length, int portIndex, int tooLongCounter) {
        long copy = buffers.allocate();
        if (copy == 0) {
            counters.increment(StackCounters.DROP_DISPATCH_FULL);
            return;
        }
        if (length > buffers.room(copy) || !Mbuf.setLength(copy, length)) {
            buffers.free(copy);
            counters.increment(tooLongCounter);
            return;
        }
        MemorySegment.copy(from, offset, buffers.memory(), buffers.offset(copy), length);
        if (DispatchRings.enqueue(rings.rx(lcore, to), copy, portIndex)) {
            rung[to] = true;
        } else {
            buffers.free(copy);
            counters.increment(StackCounters.DROP_DISPATCH_FULL);
        }
    }

    private int passOn(long mbuf, int portIndex, int owner) {
        if (!DispatchRings.enqueue(rings.rx(lcore, owner), mbuf, portIndex)) {
            return drop(StackCounters.DROP_DISPATCH_FULL);
        }
        counters.increment(StackCounters.RX_DISPATCHED_OUT);
        rung[owner] = true;
        return PASSED_ON;
    }

    /** Wakes the lcores that packets were passed to. */
    void ringDoorbells() {
        for (int to = 0; to < rung.length; to++) {
            if (rung[to]) {
                rung[to] = false;
                rings.ring(to);
            }
        }
        for (int port = 0; port < kernelRung.length; port++) {
            if (kernelRung[port]) {
                kernelRung[port] = false;
                ports[port].kernel().kernelDoorbell().ring();
            }
        }
    }
}
