package dev.toehold.cli.demo;

import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.Ethtool.Offload;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Two network namespaces joined by a veth: the engine drives one end, the kernel has the other. */
final class DemoNetwork {
    static final String ENGINE_DEVICE = "engine0";
    static final String ENGINE_ADDRESS = "10.0.0.2";
    static final String ENGINE_ADDRESS6 = "fd00::2";
    static final int MTU = 1500;

    private static final String PEER_DEVICE = "peer0";
    private static final List<String> PEER_PREFIXES = List.of("10.0.0.1/24", "fd00::1/64");

    private final NetworkNamespace engineSide;
    private final NetworkNamespace peerSide;

    private DemoNetwork(NetworkNamespace engineSide, NetworkNamespace peerSide) {
        this.engineSide = engineSide;
        this.peerSide = peerSide;
    }

    static DemoNetwork create(Cleanup cleanup) throws Exception {
        String suffix = Long.toString(ProcessHandle.current().pid());
        NetworkNamespace engineSide = cleanup.make(
                "a network namespace",
                () -> NetworkNamespace.create("toehold-demo-engine-" + suffix),
                NetworkNamespace::delete);
        NetworkNamespace peerSide = cleanup.make(
                "a network namespace",
                () -> NetworkNamespace.create("toehold-demo-peer-" + suffix),
                NetworkNamespace::delete);
        DemoNetwork network = new DemoNetwork(engineSide, peerSide);
        engineSide.run(() -> {
            network.setUpEngineSide();
            return null;
        });
        peerSide.run(() -> {
            network.setUpPeerSide();
            return null;
        });
        return network;
    }

    private void setUpEngineSide() throws IOException {
        try (Netlink netlink = Netlink.open()) {
            netlink.createVeth(ENGINE_DEVICE, PEER_DEVICE, peerSide);
            // The engine answers for this link; the kernel must not make itself a link-local address there.
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/" + ENGINE_DEVICE + "/disable_ipv6"), "1");
            switchOffAggregation(ENGINE_DEVICE);
            netlink.setUp(netlink.link(ENGINE_DEVICE).orElseThrow().index(), true);
        }
    }

    private void setUpPeerSide() {
        try (Netlink netlink = Netlink.open()) {
            switchOffAggregation(PEER_DEVICE);
            int index = netlink.link(PEER_DEVICE).orElseThrow().index();
            netlink.setMtu(index, MTU);
            for (String prefix : PEER_PREFIXES) {
                netlink.addAddress(index, IpPrefix.parse(prefix), false);
            }
            netlink.setUp(index, true);
        }
    }

    /** With segmentation offloads a veth passes 64 KiB as one frame, which no wire does. */
    private static void switchOffAggregation(String device) {
        try (Ethtool ethtool = Ethtool.open()) {
            for (Offload offload : List.of(Offload.TSO, Offload.GSO, Offload.GRO)) {
                ethtool.set(device, offload, false);
            }
        }
    }

    /** A command line that runs on the engine's side. */
    List<String> onEngineSide(List<String> command) {
        return prefixed(engineSide, command);
    }

    /** A command line that runs on the peer's side. */
    List<String> onPeerSide(List<String> command) {
        return prefixed(peerSide, command);
    }

    private static List<String> prefixed(NetworkNamespace namespace, List<String> command) {
        return Stream.concat(namespace.commandPrefix().stream(), command.stream())
                .toList();
    }

    /** TCP sockets that the kernel holds on the engine's side, as /proc/net shows them. */
    List<String> kernelTcpSockets() throws Exception {
        return engineSide.run(() -> Stream.of("tcp", "tcp6")
                .flatMap(table -> lines(Path.of("/proc/thread-self/net", table)))
                .toList());
    }

    private static Stream<String> lines(Path table) {
        try {
            return Files.readAllLines(table).stream().skip(1).map(String::strip);
        } catch (IOException e) {
            throw new IllegalStateException(table + " cannot be read: " + e.getMessage(), e);
        }
    }
}
