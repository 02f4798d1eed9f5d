package dev.toehold.client;

import dev.toehold.abi.Capability;
import dev.toehold.abi.ControlBody;
import java.net.InetAddress;
import java.util.List;

/**
 * What the engine told about itself and the ports it works with when the session began. It is what {@code toehold ports} shows.
 *
 * @param engineName of its configuration
 * @param addresses the engine's own, both families
 * @param mtu of the port in bytes, the smallest of several
 * @param capabilities bits of {@link Capability}: the engine's own, and those that all of its ports have
 * @param lcoreCount each has a queue pair of the session
 * @param maxRegionBytes of all regions of this session together
 * @param maxConnections of this session
 * @param maxRegions of this session
 * @param maxGroups groups of provided buffers of this session
 * @param copyEngine name of the DMA device that places payload; empty: the CPU copies
 * @param congestionControllers names of those that the engine has; the first is what new connections get
 * @param ports the engine's network ports
 */
public record Adapter(
        String engineName,
        List<InetAddress> addresses,
        int mtu,
        long capabilities,
        int lcoreCount,
        long maxRegionBytes,
        int maxConnections,
        int maxRegions,
        int maxGroups,
        String copyEngine,
        List<String> congestionControllers,
        List<Port> ports) {
    public Adapter {
        addresses = List.copyOf(addresses);
        congestionControllers = List.copyOf(congestionControllers);
        ports = List.copyOf(ports);
    }

    /**
     * A network port.
     *
     * @param device as the engine's configuration names it, such as {@code eth1}
     * @param driver DPDK's name of its driver, such as {@code net_af_packet}
     * @param capabilities bits of {@link Capability} that the port has: checksums, TSO, LRO, RSS, several segments, buffer split
     * @param mtu bytes of the largest IP packet
     * @param rxQueues receive queues in use
     * @param txQueues transmit queues in use
     */
    public record Port(String device, String driver, long capabilities, int mtu, int rxQueues, int txQueues) {
        /** Whether the port has all of these {@link Capability} bits. */
        public boolean has(long required) {
            return (capabilities & required) == required;
        }

        @Override
        public String toString() {
            return device + " (" + driver + ", mtu=" + mtu + ", queues=" + rxQueues + "/" + txQueues + ", "
                    + Capability.names(capabilities) + ")";
        }
    }

    static Adapter of(ControlBody.Welcome welcome) {
        return new Adapter(
                welcome.engineName(),
                welcome.addresses().stream().map(Endpoints::address).toList(),
                welcome.mtu(),
                welcome.capabilities(),
                welcome.lcoreCount(),
                welcome.maxRegionBytes(),
                welcome.maxConnections(),
                welcome.maxRegions(),
                welcome.maxGroups(),
                welcome.copyEngine(),
                welcome.congestionControllers(),
                welcome.ports().stream()
                        .map(port -> new Port(
                                port.device(),
                                port.driver(),
                                port.capabilities(),
                                port.mtu(),
                                port.rxQueues(),
                                port.txQueues()))
                        .toList());
    }

    /** Whether the engine has all of these {@link Capability} bits. */
    public boolean has(long required) {
        return (capabilities & required) == required;
    }
}
