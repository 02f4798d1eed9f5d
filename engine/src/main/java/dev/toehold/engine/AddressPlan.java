package dev.toehold.engine;

import dev.toehold.engine.config.EngineConfig;
import dev.toehold.engine.config.PortSettings;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Link;
import dev.toehold.ffi.linux.LinkAddress;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.Route;
import dev.toehold.net.IpAddress;
import dev.toehold.net.Prefix;
import dev.toehold.net.SipHash;
import dev.toehold.port.PacketPort;
import dev.toehold.port.PortDevice;
import dev.toehold.stack.ClaimRecords;
import dev.toehold.stack.LocalAddresses;
import dev.toehold.stack.Routes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which addresses and gateways the engine will have, and which of them it takes from Linux interfaces. Made before anything is changed:
 * an address that the kernel holds, and would answer for at the same time, is refused here.
 */
final class AddressPlan {
    /** An address that an interface gives up while the engine runs. */
    record Takeover(int linkIndex, String interfaceName, IpPrefix prefix) {}

    private final List<List<Prefix>> prefixes = new ArrayList<>();
    private final List<Routes.Gateway> gateways = new ArrayList<>();
    private final List<Takeover> takeovers = new ArrayList<>();

    /** Addresses that the kernel keeps behind a TAP, by the interface that it had them on. */
    private final Map<IpAddress, String> shared = new HashMap<>();

    private AddressPlan() {}

    /**
     * Reads the kernel's addresses in the calling thread's network namespace.
     *
     * @param owed addresses that an earlier engine took and did not give back
     */
    static AddressPlan read(EngineConfig config, Netlink netlink, List<ClaimRecords.Claim> owed) {
        AddressPlan plan = new AddressPlan();
        List<LinkAddress> held = netlink.addresses();
        List<Link> links = netlink.links();
        for (int i = 0; i < config.ports().size(); i++) {
            PortSettings port = config.ports().get(i);
            PortDevice device = PortDevice.parse(port.device());
            Optional<Link> link = links.stream()
                    .filter(l -> device.isInterface() && l.name().equals(device.target()))
                    .findFirst();
            if (!port.kernelTap().isEmpty()) {
                plan.share(i, port, device, held, links, netlink.routes(), owed);
            } else if (port.addresses().fromInterface()) {
                plan.takeOver(i, port, device, link, held, netlink.routes(), owed);
            } else {
                port.addresses().prefixes().forEach(prefix -> checkNotHeld(prefix, held, links));
                plan.prefixes.add(port.addresses().prefixes());
            }
            for (IpAddress gateway : port.gateways()) {
                plan.gateways.add(new Routes.Gateway(i, gateway.hi(), gateway.lo()));
            }
        }
        return plan;
    }

    private static void checkNotHeld(Prefix prefix, List<LinkAddress> held, List<Link> links) {
        for (LinkAddress address : held) {
            if (IpAddress.of(address.prefix().address()).equals(prefix.address())) {
                String name = links.stream()
                        .filter(link -> link.index() == address.linkIndex())
                        .map(Link::name)
                        .findFirst()
                        .orElse("index " + address.linkIndex());
                throw new EngineException("address=" + prefix.address() + " is held by the kernel on " + name
                        + " and would be answered twice: run `ip addr del " + address.prefix() + " dev " + name
                        + "`, or set addresses = \"interface\" to take it over while the engine runs");
            }
        }
    }

    private void takeOver(
            int portIndex,
            PortSettings port,
            PortDevice device,
            Optional<Link> link,
            List<LinkAddress> held,
            List<Route> routes,
            List<ClaimRecords.Claim> owed) {
        if (!device.isInterface()) {
            throw new EngineException("device=" + port.device()
                    + " is no Linux interface, so addresses = \"interface\" has nothing to read: list the addresses");
        }
        int linkIndex = link.orElseThrow(() -> new EngineException(
                        "device=" + port.device() + " is not in this network namespace: `ip link` lists what is"))
                .index();
        List<Prefix> own = new ArrayList<>();
        for (LinkAddress address : held) {
            IpPrefix prefix = address.prefix();
            IpAddress ip = IpAddress.of(prefix.address());
            // Link-local addresses of IPv6 stay: the kernel makes them anew, and the engine has its own.
            if (address.linkIndex() == linkIndex && !(ip.isLinkLocal() && !ip.isIpv4())) {
                own.add(new Prefix(ip, prefix.length()));
                takeovers.add(new Takeover(linkIndex, device.target(), prefix));
            }
        }
        for (ClaimRecords.Claim claim : owed) {
            Prefix prefix = new Prefix(new IpAddress(claim.high(), claim.low()), claim.prefixLength());
            if (claim.interfaceName().equals(device.target()) && !own.contains(prefix)) {
                own.add(prefix);
                takeovers.add(new Takeover(linkIndex, device.target(), IpPrefix.parse(prefix.toString())));
            }
        }
        if (own.isEmpty()) {
            throw hasNoAddress(port, device);
        }
        prefixes.add(own);
        if (port.gateways().isEmpty()) {
            addGateways(portIndex, Set.of(linkIndex), routes);
        }
    }

    /** With an exception path: what the device or its TAP holds is no conflict, wherever an earlier engine has left it. */
    private void share(
            int portIndex,
            PortSettings port,
            PortDevice device,
            List<LinkAddress> held,
            List<Link> links,
            List<Route> routes,
            List<ClaimRecords.Claim> owed) {
        Set<Integer> indexes = links.stream()
                .filter(l -> l.name().equals(device.target()) || l.name().equals(port.kernelTap()))
                .map(Link::index)
                .collect(Collectors.toSet());
        int tapIndex = links.stream()
                .filter(l -> l.name().equals(port.kernelTap()))
                .mapToInt(Link::index)
                .findFirst()
                .orElse(0);
        List<LinkAddress> elsewhere =
                held.stream().filter(a -> !indexes.contains(a.linkIndex())).toList();
        List<Prefix> own = new ArrayList<>(port.addresses().prefixes());
        own.forEach(prefix -> checkNotHeld(prefix, elsewhere, links));
        for (LinkAddress address : held) {
            IpAddress ip = IpAddress.of(address.prefix().address());
            if (!indexes.contains(address.linkIndex()) || (ip.isLinkLocal() && !ip.isIpv4())) {
                continue;
            }
            boolean isTaken = owed.stream()
                    .anyMatch(c -> new IpAddress(c.high(), c.low()).equals(ip)
                            && c.interfaceName().equals(device.target()));
            if (port.addresses().fromInterface() || address.linkIndex() != tapIndex || isTaken) {
                shared.put(ip, device.target());
            }
            if (port.addresses().fromInterface()) {
                own.add(new Prefix(ip, address.prefix().length()));
            }
        }
        if (own.isEmpty()) {
            throw hasNoAddress(port, device);
        }
        prefixes.add(own);
        if (port.addresses().fromInterface() && port.gateways().isEmpty()) {
            addGateways(portIndex, indexes, routes);
        }
    }

    private void addGateways(int portIndex, Set<Integer> linkIndexes, List<Route> routes) {
        for (Route route : routes) {
            if (linkIndexes.contains(route.linkIndex()) && route.gateway().isPresent() && route.isDefault()) {
                IpAddress gateway = IpAddress.of(route.gateway().get());
                gateways.add(new Routes.Gateway(portIndex, gateway.hi(), gateway.lo()));
            }
        }
    }

    private static EngineException hasNoAddress(PortSettings port, PortDevice device) {
        return new EngineException("device=" + port.device()
                + " has no address that addresses = \"interface\" could take:"
                + " add one with `ip addr add ADDRESS/LENGTH dev " + device.target() + "`, or list addresses");
    }

    /** The interface on which the kernel had an address that it keeps behind a TAP now; empty if it did not. */
    String kernelOwner(IpAddress address) {
        return shared.getOrDefault(address, "");
    }

    /** Addresses that interfaces give up. */
    List<Takeover> takeovers() {
        return takeovers;
    }

    List<Routes.Gateway> gateways() {
        return gateways;
    }

    /**
     * All addresses, with a link-local one for each port that has IPv6. Its interface identifier is opaque and stable (RFC 7217), so that
     * it differs from the one that the kernel derives from the same MAC.
     */
    LocalAddresses localAddresses(List<? extends PacketPort> ports, long key0, long key1) {
        List<LocalAddresses.Entry> entries = new ArrayList<>();
        SipHash hash = new SipHash(2, 4, key0, key1);
        for (int i = 0; i < prefixes.size(); i++) {
            boolean hasIpv6 = false;
            for (Prefix prefix : prefixes.get(i)) {
                IpAddress address = prefix.address();
                entries.add(new LocalAddresses.Entry(i, address.hi(), address.lo(), prefix.length()));
                hasIpv6 |= !address.isIpv4();
            }
            if (hasIpv6) {
                long identifier = hash.hash(ports.get(i).adapter().macAddress(), i, 0, 0, 0);
                entries.add(new LocalAddresses.Entry(i, IpAddress.LINK_LOCAL_HI, identifier, 64));
            }
        }
        return new LocalAddresses(entries);
    }

    List<List<Prefix>> prefixes() {
        return prefixes;
    }
}
