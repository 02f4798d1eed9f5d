package dev.toehold.port;

import dev.toehold.ffi.dpdk.DriverSocket;
import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.Link;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Netlink;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The Linux interface beneath a port, in the network namespace of the thread that opened it; while open it receives
 * all multicast groups, among them the solicited-node ones of addresses that the kernel does not know (RFC 4861
 * section 7.2.1).
 */
final class KernelInterface implements AutoCloseable {
    /** Drivers of hardware that a hypervisor plays: they hand on partial checksums of guests on the same host. */
    private static final Set<String> PARAVIRTUAL = Set.of("virtio_net", "vmxnet3", "hv_netvsc", "vif", "netfront");

    private final Netlink netlink;
    private final Link opened;
    private final Fd multicast;

    private KernelInterface(final Netlink netlink, final Link opened, final Fd multicast) {
        this.netlink = netlink;
        this.opened = opened;
        this.multicast = multicast;
    }

    /**
     * Finds the interface and checks that a port can use it.
     *
     * @param mtu that the port is to have
     * @throws PortException if it does not exist, is down, is the loopback or has a smaller MTU
     */
    static KernelInterface open(final PortDevice device, final int mtu) {
        final Netlink netlink = Netlink.open();
        try {
            final String name = device.target();
            final Link link = netlink.link(name).orElseThrow(() -> unknown(device, netlink));
            if (link.isLoopback()) {
                throw new PortException(
                        "device = \"" + device.text() + "\" is the loopback interface, which has no peers");
            }
            if (!link.isUp()) {
                throw new PortException("device = \"" + device.text() + "\" is down; ip link set dev " + name + " up");
            }
            if (mtu > link.mtu()) {
                throw new PortException("mtu = " + mtu + " exceeds the " + link.mtu() + " of device = \""
                        + device.text() + "\"; ip link set dev " + name + " mtu " + mtu);
            }
            return new KernelInterface(netlink, link, receiveAllMulticast(device, link));
        } catch (final RuntimeException e) {
            netlink.close();
            throw e;
        }
    }

    private static Fd receiveAllMulticast(final PortDevice device, final Link link) {
        try {
            return DriverSocket.receiveAllMulticast(link.index());
        } catch (final RuntimeException e) {
            throw new PortException(
                    "device = \"" + device.text() + "\": " + e.getMessage()
                            + "; run as root or with CAP_NET_RAW, CAP_NET_ADMIN and CAP_IPC_LOCK",
                    e);
        }
    }

    private static PortException unknown(final PortDevice device, final Netlink netlink) {
        final String names = netlink.links().stream()
                .filter(link -> !link.isLoopback())
                .map(Link::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return new PortException("device = \"" + device.text() + "\": there is no interface " + device.target()
                + " in this network namespace" + (names.isEmpty() ? ", nor any other" : ", there are " + names)
                + "; a device is " + PortDevice.FORMS);
    }

    /** As it was when the port was opened. */
    Link link() {
        return opened;
    }

    /** As it is now; as it was when it has gone away since, but down. */
    synchronized Link current() {
        try {
            return netlink.link(opened.name())
                    .filter(link -> link.index() == opened.index())
                    .orElseGet(this::gone);
        } catch (final LinuxException e) {
            return gone();
        }
    }

    private Link gone() {
        return new Link(
                opened.index(),
                opened.name(),
                opened.mac(),
                opened.mtu(),
                0,
                Link.OperState.NOT_PRESENT,
                opened.peerIndex(),
                opened.peerNamespaceId(),
                opened.masterIndex(),
                opened.kind(),
                opened.rxQueues(),
                opened.txQueues());
    }

    /**
     * Whether its frames may carry partial checksums: those of virtual links do, where no hardware completes them.
     * Frames from a cable never. To be asked in the interface's network namespace.
     */
    boolean mayHavePartialChecksums() {
        if (!opened.kind().isEmpty()) {
            return true;
        }
        try (Ethtool ethtool = Ethtool.open()) {
            return PARAVIRTUAL.contains(ethtool.driver(opened.name()));
        } catch (final LinuxException e) {
            // A driver that does not say what it is.
            return true;
        }
    }

    @Override
    public synchronized void close() {
        multicast.close();
        netlink.close();
    }
}
