package dev.toehold.stack;

import dev.toehold.ffi.dpdk.Mbuf;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.Ring;
import dev.toehold.net.Ethernet;
import dev.toehold.net.FlowHash;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Ipv4;
import dev.toehold.net.Ipv6;
import dev.toehold.tcp.Tcb;
import dev.toehold.tcp.TxSegment;
import java.lang.foreign.MemorySegment;

/**
 * Everything that leaves an lcore: TCP segments become frames with payload from client memory, find their neighbour, and go to the batch
 * of their port, to who waits for the neighbour's MAC, or, when the destination is the engine itself, to the lcore that owns the tuple.
 */
final class Transmitter implements FrameOutput {
    private static final int FORWARD_BURST = 64;

    private final int lcore;
    private final LcorePort[] ports;
    private final TxBatch[] batches;
    private final DispatchRings rings;
    private final PacketBuffers buffers;
    private final Routes routes;
    private final FlowHash flowHash;
    private final StackCounters counters;
    private final SegmentWriter writer;
    private final PendingFrames pending = new PendingFrames();
    private final PendingFrames.FrameConsumer sendResolved = this::sendResolved;
    private final PendingFrames.FrameConsumer dropUnresolved = this::dropUnresolved;
    private final MbufArray forwarded = new MbufArray(FORWARD_BURST);
    private final boolean[] rung;
    private LinkLayer link;
    private ConnectionHandler handler;
    private long frame;
    private int framePort;

    Transmitter(
            int lcore,
            LcorePort[] ports,
            DispatchRings rings,
            PacketBuffers buffers,
            Routes routes,
            FlowHash flowHash,
            int hopLimit,
            StackCounters counters) {
        this.lcore = lcore;
        writer = new SegmentWriter(hopLimit);
        this.ports = ports;
        this.rings = rings;
        this.buffers = buffers;
        this.routes = routes;
        this.flowHash = flowHash;
        this.counters = counters;
        rung = new boolean[rings.lcoreCount()];
        batches = new TxBatch[ports.length];
        for (int i = 0; i < ports.length; i++) {
            batches[i] = new TxBatch(ports[i], rings, lcore, buffers, counters);
        }
    }

    void bind(LinkLayer newLink, ConnectionHandler newHandler) {
        link = newLink;
        handler = newHandler;
    }

    /**
     * Sends a segment of a connection.
     *
     * @param route as {@link Routes#find} gave it
     * @return false if there is no room or no mbuf now; true also for a segment that was lost on the way, which TCP repairs
     */
    boolean transmit(Tcb tcb, TxSegment segment, int route, long nowNs) {
        // The unpredictable part of the connection that stays the same serves as flow label (RFC 6437 section 3).
        int flowLabel = (tcb.iss() ^ (tcb.iss() >>> 12)) & 0xF_FFFF;
        return transmit(
                tcb,
                segment,
                route,
                tcb.localHigh(),
                tcb.localLow(),
                tcb.remoteHigh(),
                tcb.remoteLow(),
                tcb.localPort(),
                tcb.remotePort(),
                flowLabel,
                nowNs);
    }

    /** Sends a segment that belongs to no connection, if there is a way to its destination. */
    void transmitUnbound(
            TxSegment segment,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int localPort,
            int remotePort,
            long nowNs) {
        int route = routes.find(remoteHigh, remoteLow);
        transmit(null, segment, route, localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort, 0, nowNs);
    }

    private boolean transmit(
            Tcb tcb,
            TxSegment segment,
            int route,
            long localHigh,
            long localLow,
            long remoteHigh,
            long remoteLow,
            int localPort,
            int remotePort,
            int flowLabel,
            long nowNs) {
        long mac = 0;
        boolean isLoopback = route == Routes.LOOPBACK;
        if (!isLoopback) {
            mac = route == Routes.UNREACHABLE
                    ? LinkLayer.UNREACHABLE
                    : link.resolve(
                            routes.portIndex(route),
                            routes.nextHopHigh(route, remoteHigh),
                            routes.nextHopLow(route, remoteLow),
                            nowNs);
            if (mac == LinkLayer.UNREACHABLE) {
                counters.increment(StackCounters.TX_UNREACHABLE);
                return true;
            }
            if (batches[routes.portIndex(route)].isFull()) {
                counters.increment(StackCounters.TX_QUEUE_FULL);
                return false;
            }
        }
        long mbuf = buffers.allocate();
        if (mbuf == 0) {
            counters.increment(StackCounters.TX_NO_MBUF);
            return false;
        }
        int headersLength = SegmentWriter.headersLength(IpAddress.isIpv4(localHigh, localLow), segment);
        long offset = buffers.offset(mbuf);
        if (headersLength + segment.payloadLength > buffers.room(mbuf)) {
            buffers.free(mbuf);
            counters.increment(StackCounters.TX_REJECTED);
            return true;
        }
        if (segment.payloadLength > 0) {
            boolean isRead = false;
            try {
                isRead = handler.readPayload(
                        tcb, segment.payloadPosition, buffers.memory(), offset + headersLength, segment.payloadLength);
            } finally {
                // A fault in client memory passes through here: the mbuf must not be lost with the session.
                if (!isRead) {
                    buffers.free(mbuf);
                    counters.increment(StackCounters.TX_NO_PAYLOAD);
                }
            }
            if (!isRead) {
                return true;
            }
        }
        boolean isOffloaded = isLoopback || ports[routes.portIndex(route)].isChecksumOffloaded();
        int length = writer.write(
                buffers.memory(),
                offset,
                mac == LinkLayer.PENDING ? 0 : mac,
                isLoopback ? 0 : ports[routes.portIndex(route)].mac(),
                localHigh,
                localLow,
                remoteHigh,
                remoteLow,
                localPort,
                remotePort,
                flowLabel,
                segment,
                isOffloaded);
        boolean _ = buffers.setFrameLength(mbuf, length);
        if (isLoopback) {
            return loop(mbuf, localHigh, localLow, remoteHigh, remoteLow, localPort, remotePort);
        }
        if (isOffloaded) {
            requestChecksum(mbuf, IpAddress.isIpv4(localHigh, localLow), headersLength);
        }
        int portIndex = routes.portIndex(route);
        if (mac != LinkLayer.PENDING) {
            batches[portIndex].add(mbuf);
        } else if (!pending.add(
                portIndex, routes.nextHopHigh(route, remoteHigh), routes.nextHopLow(route, remoteLow), mbuf)) {
            buffers.free(mbuf);
            counters.increment(StackCounters.TX_NEIGHBOUR_OVERFLOW);
        }
        return true;
    }

    private static void requestChecksum(long mbuf, boolean isIpv4, int headersLength) {
        int l3Length = isIpv4 ? Ipv4.MIN_HEADER_LENGTH : Ipv6.HEADER_LENGTH;
        Mbuf.offloadFlags(mbuf, Mbuf.offloadFlags(mbuf) | Mbuf.TX_TCP_CKSUM | (isIpv4 ? Mbuf.TX_IPV4 : Mbuf.TX_IPV6));
        Mbuf.txOffload(mbuf, Ethernet.HEADER_LENGTH, l3Length, headersLength - Ethernet.HEADER_LENGTH - l3Length, 0);
    }

    /** To the lcore that owns the tuple as the receiver sees it, perhaps this one. */
    @SuppressWarnings("ArgumentSelectionDefectChecker") // what is remote here is local to the receiver
    private boolean loop(
            long mbuf, long localHigh, long localLow, long remoteHigh, long remoteLow, int localPort, int remotePort) {
        long hash = flowHash.hash(remoteHigh, remoteLow, localHigh, localLow, remotePort, localPort);
        int owner = rings.owners().owner(hash, remoteHigh, remoteLow, localHigh, localLow, remotePort, localPort);
        if (!DispatchRings.enqueue(rings.rx(lcore, owner), mbuf, LcorePort.LOOPBACK_INDEX)) {
            buffers.free(mbuf);
            counters.increment(StackCounters.DROP_DISPATCH_FULL);
            return false;
        }
        rung[owner] = true;
        return true;
    }

    /** A neighbour is known: what waits for it goes. */
    void onResolved(int portIndex, long addressHigh, long addressLow, long mac) {
        pending.release(portIndex, addressHigh, addressLow, mac, sendResolved);
    }

    /** A neighbour does not answer: what waits for it is dropped. */
    void onUnreachable(int portIndex, long addressHigh, long addressLow) {
        pending.release(portIndex, addressHigh, addressLow, 0, dropUnresolved);
    }

    private void sendResolved(int portIndex, long mbuf, long mac) {
        if (batches[portIndex].isFull()) {
            dropUnresolved(portIndex, mbuf, mac);
            return;
        }
        long offset = buffers.offset(mbuf);
        MemorySegment memory = buffers.memory();
        Ethernet.write(memory, offset, mac, ports[portIndex].mac(), Ethernet.etherType(memory, offset));
        batches[portIndex].add(mbuf);
    }

    private void dropUnresolved(int portIndex, long mbuf, long mac) {
        buffers.free(mbuf);
        counters.increment(StackCounters.TX_UNREACHABLE);
    }

    @Override
    public boolean begin(int portIndex) {
        if (batches[portIndex].isFull()) {
            counters.increment(StackCounters.TX_QUEUE_FULL);
            return false;
        }
        frame = buffers.allocate();
        framePort = portIndex;
        if (frame == 0) {
            counters.increment(StackCounters.TX_NO_MBUF);
            return false;
        }
        return true;
    }

    @Override
    public MemorySegment memory() {
        return buffers.memory();
    }

    @Override
    public long offset() {
        return buffers.offset(frame);
    }

    @Override
    public int capacity() {
        return Math.min(buffers.room(frame), ports[framePort].mtu() + Ethernet.HEADER_LENGTH);
    }

    @Override
    public void send(int length) {
        if (buffers.setFrameLength(frame, length)) {
            batches[framePort].add(frame);
        } else {
            buffers.free(frame);
            counters.increment(StackCounters.TX_REJECTED);
        }
        frame = 0;
    }

    @Override
    public void cancel() {
        buffers.free(frame);
        frame = 0;
    }

    /**
     * Hands everything over: own frames, and those of other lcores for queues that this one owns.
     *
     * @return frames handed over
     */
    int flush() {
        int sent = 0;
        for (int i = 0; i < batches.length; i++) {
            if (ports[i].txQueue() != LcorePort.NONE && rings.lcoreCount() > 1) {
                sent += batches[i].flush();
            }
        }
        forwardForOthers();
        forwardForKernel();
        for (int i = 0; i < batches.length; i++) {
            sent += batches[i].flush();
        }
        for (int to = 0; to < rung.length; to++) {
            if (rung[to]) {
                rung[to] = false;
                if (to != lcore) {
                    rings.ring(to);
                }
            }
        }
        return sent;
    }

    private void forwardForOthers() {
        for (int from = 0; from < rings.lcoreCount(); from++) {
            if (from != lcore) {
                Ring ring = rings.tx(from, lcore);
                int count = Math.min(FORWARD_BURST, leastRoom());
                int taken = count == 0 ? 0 : ring.dequeueBurst(forwarded, 0, count);
                for (int i = 0; i < taken; i++) {
                    long mbuf = forwarded.get(i);
                    batches[Mbuf.port(mbuf)].add(mbuf);
                }
            }
        }
    }

    /** The kernel's own frames, after the engine's: at most a burst of them in a pass. */
    private void forwardForKernel() {
        for (int i = 0; i < ports.length; i++) {
            KernelRings kernel = ports[i].kernel();
            if (kernel != null && ports[i].txOwner() == lcore) {
                int count = Math.min(FORWARD_BURST, batches[i].room());
                int taken = count == 0 ? 0 : kernel.fromKernel().dequeueBurst(forwarded, 0, count);
                for (int k = 0; k < taken; k++) {
                    batches[i].add(forwarded.get(k));
                }
                counters.add(StackCounters.FROM_KERNEL, taken);
            }
        }
    }

    private int leastRoom() {
        int least = FORWARD_BURST;
        for (TxBatch batch : batches) {
            least = Math.min(least, batch.room());
        }
        return least;
    }

    /** Whether frames wait for a driver or ring that was full: the lcore must not sleep on them. */
    boolean hasBacklog() {
        for (int i = 0; i < batches.length; i++) {
            KernelRings kernel = ports[i].kernel();
            if (!batches[i].isEmpty()
                    || (kernel != null
                            && ports[i].txOwner() == lcore
                            && kernel.fromKernel().count() > 0)) {
                return true;
            }
        }
        return false;
    }

    /** Frees everything that was not sent, when the lcore ends. */
    void discard() {
        pending.releaseAll(dropUnresolved);
        for (TxBatch batch : batches) {
            batch.discard();
        }
    }
}
