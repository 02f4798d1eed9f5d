package dev.toehold.port;

import dev.toehold.ffi.dpdk.DriverSocket;
import dev.toehold.ffi.dpdk.EthDev;
import dev.toehold.ffi.dpdk.EthLink;
import dev.toehold.ffi.dpdk.EthStats;
import dev.toehold.ffi.dpdk.MbufArray;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.dpdk.RxQueue;
import dev.toehold.ffi.dpdk.TxQueue;
import dev.toehold.ffi.linux.Link;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A {@link PacketPort} on an Ethernet port of DPDK. Opened by {@link DpdkPorts}. */
public final class DpdkPort implements PacketPort {
    /** Descriptors asked for per hardware queue; a driver may adjust it. */
    static final int DESCRIPTORS = 1024;

    private static final int MAX_DRAIN_BURSTS = 128;
    private static final long SPEED_UNKNOWN = 0xffff_ffffL;

    private final EthDev dev;
    private final Adapter adapter;
    private final RxQueue[] rxQueues;
    private final TxQueue[] txQueues;
    private final TruncationGuard[] guards;
    private final KernelInterface kernelInterface;
    private final List<DriverSocket> sockets;
    private final AtomicLong txRefused = new AtomicLong();
    private boolean closed;

    DpdkPort(
            final EthDev dev,
            final Adapter adapter,
            final TruncationGuard[] guards,
            final KernelInterface kernelInterface,
            final List<DriverSocket> sockets) {
        this.dev = dev;
        this.adapter = adapter;
        this.guards = guards;
        this.kernelInterface = kernelInterface;
        this.sockets = sockets;
        rxQueues = new RxQueue[adapter.rxQueues()];
        for (int i = 0; i < rxQueues.length; i++) {
            rxQueues[i] = dev.rxQueue(i, adapter.criticalReceive());
        }
        txQueues = new TxQueue[adapter.txQueues()];
        for (int i = 0; i < txQueues.length; i++) {
            txQueues[i] = dev.txQueue(i, adapter.criticalTransmit());
        }
    }

    @Override
    public Adapter adapter() {
        return adapter;
    }

    /** Entries of the table that spreads flows over queues; 0 without {@link Adapter#receiveSideScaling}. */
    public int redirectionTableSize() {
        return adapter.receiveSideScaling() ? dev.rss().tableSize() : 0;
    }

    /**
     * Sets that table.
     *
     * @param queues a receive queue for each of its entries
     * @return why the port does not spread by it; empty if it does
     */
    public String redirect(final int[] queues) {
        return ReceiveSpread.redirect(dev.rss(), queues);
    }

    @Override
    public int rxBurst(final int queue, final MbufArray mbufs, final int from, final int count) {
        final int received = rxQueues[queue].burst(mbufs, from, count);
        return received == 0 || guards.length == 0 ? received : guards[queue].filter(mbufs, from, received);
    }

    @Override
    public int txBurst(final int queue, final MbufArray mbufs, final int from, final int count) {
        if (!adapter.checksumTransmit()) {
            return txQueues[queue].burst(mbufs, from, count);
        }
        final int ready = txQueues[queue].prepare(mbufs, from, count);
        if (ready == 0 && count > 0) {
            // The driver will never send it: it must not stand in the way of the others.
            PktMbufPool.free(mbufs, from, 1);
            txRefused.incrementAndGet();
            return 1;
        }
        return txQueues[queue].burst(mbufs, from, ready);
    }

    @Override
    public int wakeFd(final int queue) {
        return queue < sockets.size() ? sockets.get(queue).fd().number() : NO_WAKE_FD;
    }

    @Override
    public int takeWakeError(final int queue) {
        return queue < sockets.size() ? sockets.get(queue).takeError() : 0;
    }

    @Override
    public PortLink link() {
        if (kernelInterface != null) {
            // net_af_packet and net_af_xdp report a constant.
            final Link link = kernelInterface.current();
            return new PortLink(link.isUp() && link.hasCarrier(), 0);
        }
        final EthLink link = dev.link();
        return new PortLink(link.up(), link.speedMbps() == SPEED_UNKNOWN ? 0 : link.speedMbps());
    }

    @Override
    public PortCounters counters() {
        final EthStats stats = dev.stats();
        long missed = stats.missedPackets();
        for (final DriverSocket socket : sockets) {
            missed += socket.drops();
        }
        long truncated = 0;
        for (final TruncationGuard guard : guards) {
            truncated += guard.truncatedOpaque();
        }
        return new PortCounters(
                stats.rxPackets(),
                stats.rxBytes(),
                missed,
                stats.rxErrors(),
                truncated,
                stats.noMbuf(),
                stats.txPackets(),
                stats.txBytes(),
                stats.txErrors() + txRefused.get());
    }

    /** Throws away what waits in the receive queues, whose only user is the caller, and forgets that it was counted. */
    void drain() {
        final MbufArray mbufs = new MbufArray(64);
        for (final RxQueue queue : rxQueues) {
            // Bounded, as a flood may refill the ring for ever.
            for (int burst = 0; burst < MAX_DRAIN_BURSTS; burst++) {
                final int n = queue.burst(mbufs, 0, 64);
                if (n == 0) {
                    break;
                }
                PktMbufPool.free(mbufs, 0, n);
            }
        }
        dev.resetStats();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        sockets.forEach(DriverSocket::close);
        if (kernelInterface != null) {
            kernelInterface.close();
        }
        dev.close();
    }
}
