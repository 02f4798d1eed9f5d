package dev.toehold.engine.config;

import dev.toehold.net.IpAddress;
import dev.toehold.net.Prefix;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** What must hold between keys, each of which is fine by itself. */
final class ConfigRules {
    /** sun_path less its terminating zero. */
    private static final int MAX_SOCKET_PATH_BYTES = 107;

    private static final int MIN_IPV6_MTU = 1280;

    private final EngineConfig config;
    private final BiConsumer<String, String> problems;

    private ConfigRules(EngineConfig config, BiConsumer<String, String> problems) {
        this.config = config;
        this.problems = problems;
    }

    /** Gives each problem with the path of the key to blame. */
    static void check(EngineConfig config, BiConsumer<String, String> problems) {
        ConfigRules rules = new ConfigRules(config, problems);
        rules.checkSocketPath();
        rules.checkLcores();
        rules.checkDevices();
        rules.checkAddresses();
        for (int i = 0; i < config.ports().size(); i++) {
            rules.checkPort("port[" + i + "]", config.ports().get(i));
        }
        for (int i = 0; i < config.policies().size(); i++) {
            rules.checkPolicy("policy[" + i + "]", config.policies().get(i));
        }
    }

    private void checkSocketPath() {
        int length = config.control().socket().toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_SOCKET_PATH_BYTES) {
            problems.accept(
                    "control.socket",
                    "control.socket has " + length + " bytes: a socket's path has at most " + MAX_SOCKET_PATH_BYTES);
        }
    }

    private void checkLcores() {
        int count = Math.max(1, config.engine().lcores().size());
        if (config.engine().maxConnections() < count) {
            problems.accept("engine.max-connections", "engine.max-connections is less than one for each lcore");
        }
    }

    private void checkDevices() {
        Set<String> seen = new HashSet<>();
        List<PortSettings> ports = config.ports();
        for (int i = 0; i < ports.size(); i++) {
            if (!seen.add(ports.get(i).device())) {
                problems.accept(
                        "port[" + i + "].device",
                        "port.device = \"" + ports.get(i).device() + "\" is a port already: name each device once");
            }
        }
    }

    private void checkAddresses() {
        Map<IpAddress, String> owners = new HashMap<>();
        List<PortSettings> ports = config.ports();
        for (int i = 0; i < ports.size(); i++) {
            for (Prefix prefix : ports.get(i).addresses().prefixes()) {
                IpAddress address = prefix.address();
                String other = owners.putIfAbsent(address, ports.get(i).device());
                String path = "port[" + i + "].addresses";
                if (other != null) {
                    problems.accept(path, "port.addresses: " + address + " is an address of " + other + " already");
                }
                if (address.isUnspecified()
                        || address.isMulticast()
                        || IpAddress.isLoopback(address.hi(), address.lo())
                        || prefix.isBroadcast(address.hi(), address.lo())) {
                    problems.accept(
                            path,
                            "port.addresses: " + prefix + " is no address of a host: must be unicast, not loopback, not"
                                    + " the network's broadcast address");
                }
            }
        }
    }

    private void checkPolicy(String path, PolicySettings policy) {
        if (policy.users().isEmpty() && policy.groups().isEmpty()) {
            problems.accept(path, "policy is for nobody: name users or groups, or users = [\"*\"] for everybody");
        }
        int lcores = Math.max(1, config.engine().lcores().size());
        if (policy.connections() < lcores) {
            problems.accept(
                    path + ".connections",
                    "policy.connections = " + policy.connections() + ": must be at least one for each of " + lcores
                            + " lcores");
        }
    }

    private void checkPort(String path, PortSettings port) {
        List<Prefix> prefixes = port.addresses().prefixes();
        if (port.mtu() < MIN_IPV6_MTU
                && prefixes.stream().anyMatch(p -> !p.address().isIpv4())) {
            problems.accept(
                    path + ".mtu", "port.mtu = " + port.mtu() + ": must be at least " + MIN_IPV6_MTU + " with IPv6");
        }
        Set<Integer> families = new HashSet<>();
        for (IpAddress gateway : port.gateways()) {
            if (!families.add(gateway.family())) {
                problems.accept(
                        path + ".gateways", "port.gateways: " + gateway + " is a second one of its family: one each");
            }
            boolean reachable = port.addresses().fromInterface()
                    || gateway.isLinkLocal()
                    || prefixes.stream().anyMatch(prefix -> prefix.contains(gateway));
            if (!reachable
                    || prefixes.stream().anyMatch(prefix -> prefix.address().equals(gateway))) {
                problems.accept(
                        path + ".gateways",
                        "port.gateways: " + gateway
                                + " must be another host on a network of port.addresses, or link-local");
            }
        }
    }
}
