package dev.toehold.port;

import dev.toehold.ffi.linux.Capabilities;
import dev.toehold.ffi.linux.Capabilities.Capability;
import dev.toehold.ffi.linux.Rlimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which capabilities (capabilities(7)) a port takes, for what, and which of them the calling thread lacks. */
public final class PortPrivileges {
    private static final String REMEDY = ": run `toehold` as root, or give a service's user AmbientCapabilities="
            + "CAP_NET_RAW CAP_NET_ADMIN CAP_IPC_LOCK (docs/operations.md, Privileges)";

    private PortPrivileges() {}

    /**
     * Refuses a port that would fail half-way.
     *
     * @param mtu bytes of IP packet, which the memory to lock depends on
     * @throws PortException that names each capability that is missing, what it is for, and what to do
     */
    public static void check(PortDevice device, int mtu) {
        List<String> missing =
                missing(device, mtu, Capabilities.ofCurrentThread(), Rlimit.get(Rlimit.Resource.MEMLOCK));
        if (!missing.isEmpty()) {
            throw new PortException(
                    "device = \"" + device.text() + "\" needs " + String.join(" and ", missing) + REMEDY);
        }
    }

    /** Capabilities with what they are for; empty if none is missing. */
    static List<String> missing(PortDevice device, int mtu, Capabilities held, Rlimit lockable) {
        List<String> missing = new ArrayList<>();
        purposes(device).forEach((capability, purpose) -> {
            if (!held.has(capability)) {
                missing.add(capability + " (" + purpose + ")");
            }
        });
        if (device.kind() == PortDevice.Kind.AF_PACKET && !held.has(Capability.CAP_IPC_LOCK)) {
            long ringBytes = AfPacketRing.forMtu(mtu).lockedBytes();
            if (lockable.soft() != Rlimit.UNLIMITED && lockable.soft() < ringBytes) {
                missing.add(Capability.CAP_IPC_LOCK + " (rings of " + ringBytes
                        + " bytes are locked in memory, the limit is " + lockable.soft() + ")");
            }
        }
        return missing;
    }

    private static Map<Capability, String> purposes(PortDevice device) {
        Map<Capability, String> purposes = new LinkedHashMap<>();
        switch (device.driver()) {
            case "net_af_packet", "net_af_xdp" -> {
                purposes.put(Capability.CAP_NET_RAW, "packet sockets");
                purposes.put(Capability.CAP_NET_ADMIN, "flags and addresses of the interface");
                if (device.driver().equals("net_af_xdp")) {
                    purposes.put(Capability.CAP_SYS_ADMIN, "finding the XDP program that libxdp loads");
                }
            }
            case "net_tap" -> purposes.put(Capability.CAP_NET_ADMIN, "making the TAP interface");
            default -> {
                // Rings, sockets and null devices take none; for PCI, who may open /dev/vfio/* decides.
            }
        }
        return purposes;
    }
}
