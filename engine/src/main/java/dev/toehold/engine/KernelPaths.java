package dev.toehold.engine;

import dev.toehold.engine.config.EngineConfig;
import dev.toehold.engine.config.PortSettings;
import dev.toehold.ffi.dpdk.PktMbufPool;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Link;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Prefix;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortDevice;
import dev.toehold.slowpath.KernelPath;
import dev.toehold.slowpath.KernelTap;
import dev.toehold.stack.Doorbell;
import dev.toehold.stack.KernelRings;
import dev.toehold.stack.LocalAddresses;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.agrona.ErrorHandler;

/** The exception paths of the ports that have one ({@code kernel-tap}). */
final class KernelPaths {
    /** Entries of each ring, and so most frames of the kernel that wait in one. */
    private static final int RING_SIZE = 1024;

    private static final int IPV4_MAPPED_BITS = 96;

    private final UndoStack undo;
    private final KernelTap[] taps;
    private final KernelRings[] rings;

    private KernelPaths(UndoStack undo, int ports) {
        this.undo = undo;
        taps = new KernelTap[ports];
        rings = new KernelRings[ports];
    }

    /**
     * Makes the TAPs, or finds out that one cannot be had; the kernel's addresses stay where they are.
     *
     * @param undo takes each step that is made here, this one and the later ones
     */
    static KernelPaths open(EngineConfig config, Netlink netlink, UndoStack undo) {
        KernelPaths paths = new KernelPaths(undo, config.ports().size());
        for (int i = 0; i < paths.taps.length; i++) {
            PortSettings port = config.ports().get(i);
            if (!port.kernelTap().isEmpty()) {
                paths.taps[i] = undo.add(openTap(port, netlink));
            }
        }
        return paths;
    }

    private static KernelTap openTap(PortSettings port, Netlink netlink) {
        String what = "kernel-tap = \"" + port.kernelTap() + "\" of device = \"" + port.device() + "\": ";
        PortDevice device = PortDevice.parse(port.device());
        if (!device.isInterface()) {
            throw new EngineException(
                    what + "only a Linux interface can leave its addresses to a TAP: set kernel-tap = \"\"");
        }
        Link link = netlink.link(device.target())
                .orElseThrow(() -> new EngineException(
                        what + "the device is not in this network namespace: `ip link` lists what is"));
        try {
            return KernelTap.open(netlink, link, port.kernelTap(), port.mtu());
        } catch (LinuxException e) {
            throw new EngineException(what + e.getMessage(), e);
        }
    }

    /** Mbufs that may wait in the rings and in the caches of the threads. */
    int retainedMbufs(int lcoreCount) {
        int count = 0;
        for (KernelTap tap : taps) {
            count += tap == null ? 0 : (lcoreCount + 2) * RING_SIZE;
        }
        return count;
    }

    /** Moves the kernel to the TAPs; undone unless connections are left behind. */
    void take(LocalAddresses addresses, AddressPlan plan, BooleanSupplier holdsConnections) {
        for (int i = 0; i < taps.length; i++) {
            if (taps[i] == null) {
                continue;
            }
            List<IpPrefix> shared = new ArrayList<>();
            Set<InetAddress> enginesOwn = new HashSet<>();
            for (int k = 0; k < addresses.size(); k++) {
                if (addresses.portIndex(k) == i) {
                    IpAddress address = new IpAddress(addresses.high(k), addresses.low(k));
                    int length = addresses.prefixLength(k) - (address.isIpv4() ? IPV4_MAPPED_BITS : 0);
                    IpPrefix prefix = IpPrefix.parse(new Prefix(address, length).toString());
                    shared.add(prefix);
                    if (plan.kernelOwner(address).isEmpty()) {
                        enginesOwn.add(prefix.address());
                    }
                }
            }
            taps[i].take(shared, enginesOwn, holdsConnections);
        }
    }

    /** Makes the rings between the lcores and the threads of the TAPs. */
    void openRings(List<Doorbell> doorbells) {
        for (int i = 0; i < taps.length; i++) {
            if (taps[i] != null) {
                Doorbell owner = doorbells.get(i % doorbells.size());
                rings[i] = undo.add(new KernelRings("kernel" + i, doorbells.size(), RING_SIZE, owner));
            }
        }
    }

    /** Of a port; null if it has no exception path. */
    KernelRings rings(int portIndex) {
        return rings[portIndex];
    }

    /** Starts the threads, which end once no lcore uses the rings any more. */
    void start(List<? extends PacketPort> ports, PktMbufPool pool, ErrorHandler errorHandler) {
        for (int i = 0; i < taps.length; i++) {
            if (taps[i] != null) {
                boolean mayBePartial = ports.get(i).adapter().partialChecksums();
                undo.add(KernelPath.start(taps[i], rings[i], pool, mayBePartial, errorHandler));
            }
        }
    }
}
