package dev.toehold.port;

import dev.toehold.ffi.dpdk.DpdkException;
import dev.toehold.ffi.dpdk.DpdkUnavailableException;
import dev.toehold.ffi.dpdk.DriverSocket;
import dev.toehold.ffi.dpdk.EthDev;
import dev.toehold.ffi.dpdk.EthDevInfo;
import dev.toehold.ffi.dpdk.EthOffload;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.net.MacAddress;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Opens ports. EAL runs by then (with the PCI addresses that are wanted), and the calling thread is in the network
 * namespace of the interface.
 */
public final class DpdkPorts {
    private static final int LEAST_MTU = 576;
    private static final int ETHERNET_HEADER_LENGTH = 14;
    private static final int EOPNOTSUPP = 95;

    private DpdkPorts() {}

    /**
     * Opens a port and starts it.
     *
     * @param index of the port in the configuration, which makes device names unique in the process
     * @param mtu bytes of IP packet, 576 to 16384
     * @param lcores of the engine: a port that can choose among them by {@link ReceiveSpread} gets a queue pair for each, any other
     *     one
     * @param rssKey the key of a hash over receive queues, by its length in bytes
     * @param pool that receptions come from, as {@link DpdkMemory} sizes it
     * @throws PortException if the device is not there or cannot do this
     * @throws DpdkUnavailableException if DPDK's driver for it is not installed
     */
    public static DpdkPort open(
            final PortDevice device,
            final int index,
            final int mtu,
            final int lcores,
            final IntFunction<byte[]> rssKey,
            final PktMbufPool pool) {
        if (mtu < LEAST_MTU || mtu > AfPacketRing.MAX_MTU) {
            throw new PortException("mtu = " + mtu + " of device = \"" + device.text() + "\" is not in " + LEAST_MTU
                    + ".." + AfPacketRing.MAX_MTU);
        }
        final KernelInterface kernelInterface = device.isInterface() ? KernelInterface.open(device, mtu) : null;
        final Set<String> socketsBefore = DriverSocket.snapshot();
        EthDev dev = null;
        try {
            dev = device.kind() == PortDevice.Kind.PCI
                    ? EthDev.byName(device.target())
                    : EthDev.probe(deviceArguments(device, index, mtu));
            return start(device, dev, mtu, lcores, rssKey, pool, kernelInterface, socketsBefore);
        } catch (final RuntimeException e) {
            if (dev != null) {
                dev.close();
            }
            if (kernelInterface != null) {
                kernelInterface.close();
            }
            if (e instanceof DpdkUnavailableException) {
                throw new DpdkUnavailableException("device = \"" + device.text() + "\": " + e.getMessage(), e);
            }
            throw e instanceof PortException ? e : failed(device, e);
        }
    }

    /** The string that makes DPDK create the device. */
    static String deviceArguments(final PortDevice device, final int index, final int mtu) {
        return switch (device.kind()) {
            case AF_PACKET -> {
                final AfPacketRing ring = AfPacketRing.forMtu(mtu);
                yield "net_af_packet" + index + ",iface=" + device.target() + ",qdisc_bypass=1,blocksz="
                        + ring.blockSize() + ",framesz=" + ring.frameSize() + ",framecnt=" + ring.frameCount();
            }
            case AF_XDP -> "net_af_xdp" + index + ",iface=" + device.target() + ",start_queue=0,queue_count=1";
            case PCI, VDEV -> device.target();
        };
    }

    private static DpdkPort start(
            final PortDevice device,
            final EthDev dev,
            final int mtu,
            final int lcores,
            final IntFunction<byte[]> rssKey,
            final PktMbufPool pool,
            final KernelInterface kernelInterface,
            final Set<String> socketsBefore) {
        final EthDevInfo info = dev.info();
        final DriverTraits traits = DriverTraits.of(info.driverName(), device.kind() == PortDevice.Kind.PCI);
        final boolean afPacket = device.driver().equals("net_af_packet");
        final Offloads offloads = Offloads.of(info);
        String queueReason = lcores == 1 ? "" : ReceiveSpread.whyOneQueue(info, lcores);
        final int queues = queueReason.isEmpty() ? lcores : 1;
        final byte[] key = queues > 1 ? ReceiveSpread.key(info, rssKey) : null;
        checkMtu(device, info, mtu, afPacket, pool);
        // net_af_packet says 1518 bytes whatever its frames hold, so ethdev would refuse a larger MTU.
        dev.configure(queues, queues, offloads.rx, offloads.tx, afPacket ? 0 : mtu, key);
        for (int queue = 0; queue < queues; queue++) {
            dev.setupRxQueue(queue, DpdkPort.DESCRIPTORS, pool);
            dev.setupTxQueue(queue, DpdkPort.DESCRIPTORS);
        }
        dev.start();
        if (queues > 1) {
            queueReason = ReceiveSpread.start(dev, key);
        }
        final List<DriverSocket> sockets =
                traits.family() == null ? List.of() : DriverSocket.openedSince(socketsBefore, traits.family());
        try {
            if (traits.family() == DriverSocket.Family.AF_PACKET) {
                sockets.forEach(DriverSocket::dropOutgoing);
            }
            if (kernelInterface == null) {
                receiveMulticast(dev);
            }
            final Adapter adapter =
                    adapter(device, dev, info, traits, offloads, mtu, queues, queueReason, kernelInterface);
            final DpdkPort port = new DpdkPort(dev, adapter, guards(device, mtu, queues), kernelInterface, sockets);
            if (traits.family() == DriverSocket.Family.AF_PACKET) {
                // What came between the driver's bind() and the filter may be this host's own.
                port.drain();
            }
            return port;
        } catch (final RuntimeException e) {
            sockets.forEach(DriverSocket::close);
            throw e;
        }
    }

    private static TruncationGuard[] guards(final PortDevice device, final int mtu, final int rxQueues) {
        final TruncationGuard[] guards = new TruncationGuard["net_af_packet".equals(device.driver()) ? rxQueues : 0];
        final int truncatedLength = device.kind() == PortDevice.Kind.AF_PACKET
                ? AfPacketRing.forMtu(mtu).truncatedLength()
                : AfPacketRing.truncatedLength(device.target());
        for (int i = 0; i < guards.length; i++) {
            guards[i] = new TruncationGuard(truncatedLength);
        }
        return guards;
    }

    private static void checkMtu(
            final PortDevice device,
            final EthDevInfo info,
            final int mtu,
            final boolean afPacket,
            final PktMbufPool pool) {
        final int overhead = ETHERNET_HEADER_LENGTH + 4;
        final long most = afPacket
                ? AfPacketRing.MAX_MTU
                : Math.min(info.maxMtu(), Integer.toUnsignedLong(info.maxRxPacketLength()) - overhead);
        if (mtu > most) {
            throw new PortException("mtu = " + mtu + " of device = \"" + device.text() + "\" exceeds the " + most
                    + " of driver " + info.driverName());
        }
        if (pool.dataRoom() < DpdkMemory.dataRoom(mtu)) {
            throw new PortException("mtu = " + mtu + " of device = \"" + device.text() + "\" needs dataRoom="
                    + DpdkMemory.dataRoom(mtu) + ", but pool " + pool.name() + " has dataRoom=" + pool.dataRoom());
        }
    }

    private static void receiveMulticast(final EthDev dev) {
        try {
            dev.allmulticast(true);
        } catch (final DpdkException e) {
            if (e.errno() != EOPNOTSUPP) {
                throw e;
            }
            // A device without the switch has no filter either: net_ring, net_null, net_memif.
            return;
        }
    }

    private static Adapter adapter(
            final PortDevice device,
            final EthDev dev,
            final EthDevInfo info,
            final DriverTraits traits,
            final Offloads offloads,
            final int mtu,
            final int queues,
            final String queueReason,
            final KernelInterface kernelInterface) {
        return new Adapter(
                device.text(),
                info.driverName(),
                MacAddress.of(dev.macAddress(), 0),
                mtu,
                mtu + ETHERNET_HEADER_LENGTH,
                queues,
                queues,
                EthOffload.rxNames(info.rxOffloads()),
                EthOffload.txNames(info.txOffloads()),
                (offloads.rx & EthOffload.RX_TCP_CKSUM) != 0,
                (offloads.tx & EthOffload.TX_TCP_CKSUM) != 0,
                (offloads.tx & EthOffload.TX_TCP_TSO) != 0,
                queues > 1 && queueReason.isEmpty(),
                (offloads.tx & EthOffload.TX_MULTI_SEGS) != 0,
                kernelInterface != null ? kernelInterface.mayHavePartialChecksums() : traits.family() != null,
                traits.criticalReceive(),
                traits.criticalTransmit(),
                info.ifIndex(),
                dev.socket(),
                queueReason);
    }

    private static PortException failed(final PortDevice device, final RuntimeException e) {
        final String message = e.getMessage() == null ? e.toString() : e.getMessage();
        String remedy = "";
        if (message.contains("mmap failed")) {
            remedy = "; run as root, with CAP_IPC_LOCK, or raise the limit of locked memory (ulimit -l)";
        } else if (message.contains("Operation not permitted")) {
            remedy = "; run as root or with CAP_NET_RAW, CAP_NET_ADMIN and CAP_IPC_LOCK";
        } else if (device.kind() == PortDevice.Kind.PCI && message.contains("get_port_by_name")) {
            remedy = "; bind the device to vfio-pci (dpdk-devbind.py) and install its driver's package";
        }
        return new PortException("device = \"" + device.text() + "\": " + message + remedy, e);
    }

    /** Offloads that are switched on: those that the driver has and that the engine can use. */
    private static final class Offloads {
        private final long rx;
        private final long tx;

        private Offloads(final long rx, final long tx) {
            this.rx = rx;
            this.tx = tx;
        }

        private static Offloads of(final EthDevInfo info) {
            // IPv4 header sums are 20 bytes of software; what counts are the sums over payload.
            final long rx = whole(info.rxOffloads(), EthOffload.RX_TCP_CKSUM | EthOffload.RX_UDP_CKSUM);
            final long checksums = whole(info.txOffloads(), EthOffload.TX_TCP_CKSUM | EthOffload.TX_UDP_CKSUM);
            final long segmentation =
                    checksums == 0 ? 0 : whole(info.txOffloads(), EthOffload.TX_TCP_TSO | EthOffload.TX_IPV4_CKSUM);
            final long chains = whole(info.txOffloads(), EthOffload.TX_MULTI_SEGS);
            return new Offloads(rx, checksums | segmentation | chains);
        }

        private static long whole(final long capable, final long wanted) {
            return (capable & wanted) == wanted ? wanted : 0;
        }
    }
}
