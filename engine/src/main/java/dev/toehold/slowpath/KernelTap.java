package dev.toehold.slowpath;

import dev.toehold.ffi.linux.IngressBlock;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.KernelRecord;
import dev.toehold.ffi.linux.Link;
import dev.toehold.ffi.linux.LinkAddress;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.TapDevice;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The TAP interface of a port, to which the kernel moves for as long as the engine owns the device beneath: addresses and routes, with the
 * device's MAC address, while an {@link IngressBlock} keeps the kernel from receiving on the device too.
 *
 * <p>All of this lies in the kernel and outlives the process: after a SIGKILL the TAP stays, without a carrier, and the block too, so nobody
 * answers for the engine's connections before the next engine comes. An orderly end moves everything that the TAP has by then back to the device.
 */
public final class KernelTap implements AutoCloseable {
    private static final String TABLE_PREFIX = "toehold-";

    private final Netlink netlink;
    private final Link device;
    private final TapDevice tap;
    private final int tapIndex;
    private Set<InetAddress> enginesOwn = Set.of();
    private BooleanSupplier holdsConnections = () -> false;
    private boolean isTaken;

    private KernelTap(Netlink netlink, Link device, TapDevice tap, int tapIndex) {
        this.netlink = netlink;
        this.device = device;
        this.tap = tap;
        this.tapIndex = tapIndex;
    }

    /**
     * Makes the TAP, or attaches to what an earlier engine left; changes nothing else yet.
     *
     * @param device the port's, in the calling thread's network namespace, as {@code netlink} is
     * @param mtu of the port
     * @throws LinuxException if the name is taken or cannot be had
     */
    public static KernelTap open(Netlink netlink, Link device, String name, int mtu) {
        TapDevice tap = TapDevice.open(name);
        try {
            tap.setOffloads(false, false); // the kernel sums and cuts up what it sends, in software
            int index = netlink.link(name).orElseThrow().index();
            netlink.setMacAddress(index, device.mac());
            netlink.setMtu(index, mtu);
            return new KernelTap(netlink, device, tap, index);
        } catch (RuntimeException e) {
            tap.close();
            throw e;
        }
    }

    TapDevice device() {
        return tap;
    }

    /**
     * Moves the kernel to the TAP.
     *
     * @param addresses the engine's of this port: the kernel shares them
     * @param enginesOwn those of them that the kernel never had on the device, and is not to have there afterwards
     * @param holdsConnections whether the engine leaves connections behind: then {@link #close} leaves everything as it is
     */
    public void take(List<IpPrefix> addresses, Set<InetAddress> enginesOwn, BooleanSupplier holdsConnections) {
        this.enginesOwn = enginesOwn;
        this.holdsConnections = holdsConnections;
        isTaken = true;
        tap.setPersistent(true);
        netlink.setUp(tapIndex, true);
        IngressBlock.install(table(), device.name());
        move(device.index(), tapIndex);
        List<LinkAddress> held = netlink.addresses(tapIndex);
        for (IpPrefix address : addresses) {
            if (held.stream().noneMatch(h -> h.prefix().address().equals(address.address()))) {
                netlink.addAddress(tapIndex, address, false);
            }
        }
    }

    private String table() {
        return TABLE_PREFIX + device.name();
    }

    private void move(int from, int to) {
        List<KernelRecord> records = new ArrayList<>(netlink.records(from));
        records.removeIf(KernelRecord::isMadeByKernel);
        // Backwards: routes go before the addresses that they need.
        records.reversed().forEach(netlink::remove);
        RuntimeException failure = null;
        for (KernelRecord kernelRecord : records) {
            LinkAddress address = kernelRecord.asAddress();
            boolean isEnginesOwn =
                    address != null && enginesOwn.contains(address.prefix().address());
            if (!isEnginesOwn) {
                try {
                    netlink.restore(kernelRecord.onLink(to), 0);
                } catch (LinuxException e) {
                    // Where IPv6 is switched off, the link-local address that the kernel made for the TAP has no place.
                    if (address == null || !address.prefix().address().isLinkLocalAddress()) {
                        failure = e;
                    }
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The block goes last: without addresses the kernel would answer with errors. A route that cannot be moved keeps nothing blocked. */
    private void giveBack() {
        try {
            move(tapIndex, device.index());
        } finally {
            IngressBlock.remove(table());
            tap.setPersistent(false);
        }
    }

    @Override
    public void close() {
        try {
            if (isTaken && !holdsConnections.getAsBoolean()) {
                giveBack();
            }
        } finally {
            tap.close();
        }
    }
}
