package dev.toehold.engine.config;

import dev.toehold.net.IpAddress;
import java.util.List;

/** One table of {@code [[port]]}. */
public record PortSettings(
        @Setting(
                example = "\"eth1\"",
                pattern = "\\S{1,255}",
                allowed = "a Linux interface, \"xdp:INTERFACE\", a PCI address or a DPDK vdev string",
                meaning =
                        "What to drive: a Linux interface (through AF_PACKET), \"xdp:eth1\" (through AF_XDP), a PCI address"
                                + " such as \"0000:03:00.0\", or a DPDK vdev string such as \"net_memif0,role=server\".")
        String device,

        @Setting(
                example = "[\"10.0.0.2/24\", \"fd00::2/64\"]",
                meaning =
                        "The engine's addresses with their prefix lengths, or \"interface\": those that the Linux interface"
                                + " has at start.")
        PortAddresses addresses,

        @Setting(
                ifAbsent = "[]",
                meaning = "Default routers, at most one of each family, each on a network of this port or link-local.")
        List<IpAddress> gateways,

        @Setting(
                ifAbsent = "1500",
                min = 576,
                max = 9000,
                unit = "bytes",
                meaning = "Largest IP packet; at least 1280 with IPv6 (RFC 8200 section 5).")
        int mtu,

        @Setting(
                ifAbsent = "\"\"",
                pattern = "[^\\s/:%\\p{Cntrl}]{0,15}",
                allowed = "a name that Linux allows for an interface, of at most 15 characters, or \"\"",
                meaning =
                        "Name of the TAP interface behind which the kernel keeps its share of this port: its addresses and routes move"
                                + " there, and what no connection or listener of the engine claims goes there and back. \"\" for none.")
        String kernelTap) {
    public PortSettings {
        gateways = List.copyOf(gateways);
    }
}
