package dev.toehold.client;

import dev.toehold.abi.Capability;
import java.net.InetAddress;
import java.util.List;

/**
 * What the engine told about itself when the session began.
 *
 * @param engineName of its configuration
 * @param addresses the engine's own, both families
 * @param mtu of the port in bytes
 * @param capabilities bits of {@link Capability}
 * @param lcoreCount each has a queue pair of the session
 * @param maxRegionBytes of all regions of this session together
 * @param maxConnections of the engine
 * @param maxRegions of this session
 */
public record Adapter(
        String engineName,
        List<InetAddress> addresses,
        int mtu,
        long capabilities,
        int lcoreCount,
        long maxRegionBytes,
        int maxConnections,
        int maxRegions) {
    public Adapter {
        addresses = List.copyOf(addresses);
    }

    /** Whether the engine has all of these {@link Capability} bits. */
    public boolean has(long required) {
        return (capabilities & required) == required;
    }
}
