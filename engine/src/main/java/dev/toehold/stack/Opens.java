package dev.toehold.stack;

import dev.toehold.abi.ResultCode;
import dev.toehold.net.FlowHash;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import dev.toehold.net.ParsedPacket;
import dev.toehold.net.Tcp;
import dev.toehold.tcp.Segment;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TcpCore;

/** How connections of one lcore begin: a SYN for a listener, or a client's CONNECT. Fills in what the core wants to find in a record. */
final class Opens {
    private static final int MAX_TIMEOUT_MS = 86_400_000;
    private static final long NS_PER_MS = 1_000_000;

    private final Connections connections;
    private final ListenerTable listeners;
    private final int firstListenerIndex;
    private final Routes routes;
    private final LocalAddresses addresses;
    private final LcorePort[] ports;
    private final FlowHash flowHash;
    private final InitialSequenceNumbers sequenceNumbers;
    private final EphemeralPorts ephemeralPorts;
    private final EphemeralPorts.Candidate isFreeAndHome = this::isFreeAndHome;
    private final DispatchRings rings;
    private final int lcore;
    private final StackCounters counters;
    private final Tcb tcb;
    private final CookieAnswers cookies;

    /** Half-open connections of all listeners together: the other half of the records is for those that prove to be real. */
    private final int maxPending;

    Opens(
            StateFile file,
            Connections connections,
            ListenerTable listeners,
            int firstListenerIndex,
            Routes routes,
            LocalAddresses addresses,
            LcorePort[] ports,
            FlowHash flowHash,
            DispatchRings rings,
            int lcore,
            Transmitter transmitter,
            boolean hasCookies,
            StackCounters counters,
            long nowNs) {
        this.connections = connections;
        this.listeners = listeners;
        this.firstListenerIndex = firstListenerIndex;
        this.routes = routes;
        this.addresses = addresses;
        this.ports = ports;
        this.flowHash = flowHash;
        this.rings = rings;
        this.lcore = lcore;
        this.counters = counters;
        sequenceNumbers = new InitialSequenceNumbers(file.isnKey(0), file.isnKey(1));
        ephemeralPorts = new EphemeralPorts(file.isnKey(0), file.isnKey(1));
        tcb = new Tcb(file.tcbs());
        cookies = new CookieAnswers(hasCookies, file, sequenceNumbers, transmitter, counters, nowNs);
        maxPending = Math.max(1, connections.store().capacity() / 2);
    }

    /** Whether a listener may have one more half-open connection. */
    boolean hasRoom(int slot) {
        return listeners.hasBacklog(slot)
                && listeners.totalPending() < maxPending
                && connections.store().liveCount() < connections.store().capacity();
    }

    /**
     * A SYN for a listener of ours. One that finds no room gets a cookie, or is dropped: the peer sends it again.
     *
     * @param slot of the listener
     * @param isLoopback whether the packet came from this engine
     * @param leastIss 0, or what the iss must exceed when the tuple's last connection was in TIME-WAIT
     */
    void passiveOpen(
            TcpCore core,
            ConnectionHandler handler,
            int slot,
            ParsedPacket packet,
            Segment syn,
            boolean isLoopback,
            int leastIss,
            long nowNs) {
        int listenerIndex = firstListenerIndex + slot;
        int route = isLoopback ? Routes.LOOPBACK : routes.find(packet.sourceHi(), packet.sourceLo());
        boolean isTaken = route != Routes.UNREACHABLE && handler.admits(listenerIndex);
        if (isTaken && !hasRoom(slot) && cookies.isOn() && leastIss == 0) {
            boolean isIpv4 = packet.family() == 4;
            int window = Math.min(handler.initialCredit(listeners.sessionId(slot)), 0xFFFF);
            int ourMss = ourMss(portIndex(route, packet.destinationHi(), packet.destinationLo()), isIpv4);
            cookies.send(core, packet, syn, ourMss, window, nowNs);
            return;
        }
        if (!isTaken || !hasRoom(slot) || connections.store().allocate(tcb) == MappedTcbStore.NONE) {
            counters.increment(StackCounters.DROP_LISTEN_OVERFLOW);
            return;
        }
        enterPassive(handler, slot, packet, route, nowNs);
        if (leastIss != 0 && tcb.iss() - leastIss <= 0) {
            tcb.iss(leastIss + 1);
        }
        core.passiveOpen(tcb, syn, nowNs);
    }

    /**
     * An ACK of no connection for a listener of ours: where it returns a cookie, the connection is made.
     *
     * @return the record, on which the segment goes on, or null if there is no good cookie in it
     */
    Tcb openFromCookie(
            TcpCore core,
            ConnectionHandler handler,
            int slot,
            ParsedPacket packet,
            Segment ack,
            boolean isLoopback,
            long nowNs) {
        int mss = cookies.decode(packet, ack, nowNs);
        if (mss < 0) {
            return null;
        }
        int route = isLoopback ? Routes.LOOPBACK : routes.find(packet.sourceHi(), packet.sourceLo());
        if (route == Routes.UNREACHABLE
                || !handler.admits(firstListenerIndex + slot)
                || connections.store().allocate(tcb) == MappedTcbStore.NONE) {
            counters.increment(StackCounters.DROP_LISTEN_OVERFLOW);
            return null;
        }
        enterPassive(handler, slot, packet, route, nowNs);
        tcb.iss(ack.ack - 1);
        // What the SYN,ACK offered is forgotten, and what it offered must not be taken back.
        tcb.rcvGrant(handler.mostInitialCredit(tcb.sessionId()));
        core.passiveOpenFromCookie(tcb, ack, mss, nowNs);
        return tcb;
    }

    private void enterPassive(ConnectionHandler handler, int slot, ParsedPacket packet, int route, long nowNs) {
        fill(
                packet.destinationHi(),
                packet.destinationLo(),
                packet.sourceHi(),
                packet.sourceLo(),
                packet.destinationPort(),
                packet.sourcePort(),
                route,
                nowNs);
        int sessionId = listeners.sessionId(slot);
        tcb.sessionId(sessionId);
        tcb.listenerIndex(firstListenerIndex + slot);
        tcb.userData(listeners.userData(slot));
        tcb.rcvGrant(handler.initialCredit(sessionId));
        connections.add(tcb, route, Connections.PENDING);
        listeners.onPending(slot);
    }

    /**
     * Opens a connection for a client.
     *
     * @param localAddress index in the list of local addresses, {@link LocalAddresses#NONE} = the route chooses
     * @param localPort 0 = any
     * @param timeoutNs 0 = the configured limit
     * @return TCB index, or a negative {@link ResultCode}
     */
    int activeOpen(
            TcpCore core,
            ConnectionHandler handler,
            int sessionId,
            long userData,
            long remoteHigh,
            long remoteLow,
            int remotePort,
            int localAddress,
            int localPort,
            long timeoutNs,
            long random,
            long nowNs) {
        if (remotePort < 1
                || remotePort > 0xFFFF
                || localPort < 0
                || localPort > 0xFFFF
                || timeoutNs < 0
                || localAddress < LocalAddresses.NONE
                || localAddress >= addresses.size()
                || IpAddress.isUnspecified(remoteHigh, remoteLow)
                || IpAddress.isMulticast(remoteHigh, remoteLow)
                || addresses.isBroadcast(remoteHigh, remoteLow)) {
            return ResultCode.INVALID;
        }
        int route = routes.find(remoteHigh, remoteLow);
        int source = localAddress == LocalAddresses.NONE ? routes.source(route, remoteHigh, remoteLow) : localAddress;
        if (source == LocalAddresses.NONE || !isUsableFor(source, route, remoteHigh, remoteLow)) {
            return ResultCode.UNREACHABLE;
        }
        long localHigh = addresses.high(source);
        long localLow = addresses.low(source);
        int port = localPort;
        if (port == 0) {
            port = ephemeralPorts.find(localHigh, localLow, remoteHigh, remoteLow, remotePort, random, isFreeAndHome);
        } else if (!isFreeAndHome(localHigh, localLow, remoteHigh, remoteLow, port, remotePort)) {
            port = EphemeralPorts.NONE;
        }
        if (port == EphemeralPorts.NONE) {
            return ResultCode.ADDRESS_IN_USE;
        }
        if (connections.store().allocate(tcb) == MappedTcbStore.NONE) {
            return ResultCode.LIMIT;
        }
        fill(localHigh, localLow, remoteHigh, remoteLow, port, remotePort, route, nowNs);
        tcb.sessionId(sessionId);
        tcb.userData(userData);
        tcb.userTimeoutMs((int) Math.min(timeoutNs / NS_PER_MS, MAX_TIMEOUT_MS));
        tcb.rcvGrant(handler.initialCredit(sessionId));
        connections.add(tcb, route, Connections.KNOWN);
        int index = tcb.index();
        core.activeOpen(tcb, nowNs);
        return index;
    }

    /** Whether an address that was named is of the remote one's family, and of the port by which the route goes. */
    private boolean isUsableFor(int source, int route, long remoteHigh, long remoteLow) {
        return route != Routes.UNREACHABLE
                && addresses.isUsable(source)
                && IpAddress.isIpv4(addresses.high(source), addresses.low(source))
                        == IpAddress.isIpv4(remoteHigh, remoteLow)
                && (route == Routes.LOOPBACK || addresses.portIndex(source) == routes.portIndex(route));
    }

    /** The tuple is in no connection, TIME-WAIT included, and this lcore owns it. */
    private boolean isFreeAndHome(
            long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort) {
        long hash = flowHash.hash(localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort);
        return rings.owners().owner(hash, localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort) == lcore
                && connections
                                .flows()
                                .find((int) hash, localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort)
                        == FlowTable.NONE
                && !(localPort == remotePort && localLow == remoteLow && localHigh == remoteHigh);
    }

    private void fill(
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int localPort,
            int remotePort,
            int route,
            long nowNs) {
        tcb.localHigh(localHigh);
        tcb.localLow(localLow);
        tcb.remoteHigh(remoteHigh);
        tcb.remoteLow(remoteLow);
        tcb.localPort(localPort);
        tcb.remotePort(remotePort);
        boolean isIpv4 = IpAddress.isIpv4(localHigh, localLow);
        tcb.family(isIpv4 ? 4 : 6);
        int portIndex = portIndex(route, localHigh, localLow);
        tcb.portIndex(portIndex);
        tcb.ourMss(ourMss(portIndex, isIpv4));
        tcb.pmtu(ports[portIndex].mtu());
        long f = sequenceNumbers.hash(localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort);
        tcb.iss(InitialSequenceNumbers.isn(f, nowNs));
        connections.store().commitTimestampOffset(tcb, InitialSequenceNumbers.timestampOffset(f));
    }

    private int portIndex(int route, long localHigh, long localLow) {
        return route == Routes.LOOPBACK
                ? addresses.portIndex(addresses.find(localHigh, localLow))
                : routes.portIndex(route);
    }

    /** RFC 6691: what the port takes, less the headers without options. */
    private int ourMss(int portIndex, boolean isIpv4) {
        int headers = (isIpv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH) + Tcp.MIN_HEADER_LENGTH;
        return ports[portIndex].mtu() - headers;
    }
}
