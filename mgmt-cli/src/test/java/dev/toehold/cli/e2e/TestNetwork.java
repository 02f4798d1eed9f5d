package dev.toehold.cli.e2e;

import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.Ethtool.Offload;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Two network namespaces joined by a veth that passes frames as a wire does: the engine's side and the kernel's. */
public final class TestNetwork implements AutoCloseable {
    public static final String ENGINE_DEVICE = "engine0";
    public static final String PEER_DEVICE = "peer0";
    public static final String ENGINE_IPV4 = "10.77.0.2";
    public static final String ENGINE_IPV6 = "fd77::2";
    static final String PEER_IPV4 = "10.77.0.1";
    static final String PEER_IPV6 = "fd77::1";

    private final NetworkNamespace engineSide;
    private final NetworkNamespace peerSide;

    private TestNetwork(NetworkNamespace engineSide, NetworkNamespace peerSide) {
        this.engineSide = engineSide;
        this.peerSide = peerSide;
    }

    static TestNetwork create() throws Exception {
        String suffix = ProcessHandle.current().pid() + "-"
                + Integer.toHexString(ThreadLocalRandom.current().nextInt());
        NetworkNamespace engineSide = NetworkNamespace.create("toehold-e2e-engine-" + suffix);
        TestNetwork network;
        try {
            network = new TestNetwork(engineSide, NetworkNamespace.create("toehold-e2e-peer-" + suffix));
        } catch (RuntimeException e) {
            engineSide.delete();
            throw e;
        }
        try {
            engineSide.run(network::setUpEngineSide);
            network.peerSide.run(network::setUpPeerSide);
            return network;
        } catch (Exception e) {
            network.close();
            throw e;
        }
    }

    private Void setUpEngineSide() throws Exception {
        try (Netlink netlink = Netlink.open()) {
            netlink.createVeth(ENGINE_DEVICE, PEER_DEVICE, peerSide);
            Files.writeString(Path.of("/proc/sys/net/ipv6/conf/" + ENGINE_DEVICE + "/disable_ipv6"), "1");
            switchOffAggregation(ENGINE_DEVICE);
            netlink.setUp(netlink.link("lo").orElseThrow().index(), true);
            netlink.setUp(netlink.link(ENGINE_DEVICE).orElseThrow().index(), true);
        }
        return null;
    }

    private Void setUpPeerSide() throws Exception {
        try (Netlink netlink = Netlink.open()) {
            switchOffAggregation(PEER_DEVICE);
            int index = netlink.link(PEER_DEVICE).orElseThrow().index();
            netlink.addAddress(index, IpPrefix.parse(PEER_IPV4 + "/24"), false);
            netlink.addAddress(index, IpPrefix.parse(PEER_IPV6 + "/64"), false);
            netlink.setUp(netlink.link("lo").orElseThrow().index(), true);
            netlink.setUp(index, true);
        }
        return null;
    }

    private static void switchOffAggregation(String device) {
        try (Ethtool ethtool = Ethtool.open()) {
            for (Offload offload : List.of(Offload.TSO, Offload.GSO, Offload.GRO)) {
                ethtool.set(device, offload, false);
            }
        }
    }

    public NetworkNamespace engineSide() {
        return engineSide;
    }

    public NetworkNamespace peerSide() {
        return peerSide;
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
        List<String> all = new ArrayList<>(namespace.commandPrefix());
        all.addAll(command);
        return all;
    }

    /** Unconnected kernel TCP sockets of the peer's side; any thread may use them. */
    List<SocketChannel> peerSockets(int count, boolean isIpv6) throws Exception {
        return peerSide.run(() -> {
            List<SocketChannel> sockets = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                sockets.add(SocketChannel.open(isIpv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET));
            }
            return sockets;
        });
    }

    /** A blocking kernel TCP connection from the peer's side to the engine. */
    SocketChannel connect(int port, boolean isIpv6) throws Exception {
        SocketChannel socket = peerSockets(1, isIpv6).getFirst();
        try {
            socket.connect(engineAddress(port, isIpv6));
            return socket;
        } catch (Exception e) {
            socket.close();
            throw e;
        }
    }

    static InetSocketAddress engineAddress(int port, boolean isIpv6) {
        return new InetSocketAddress(isIpv6 ? ENGINE_IPV6 : ENGINE_IPV4, port);
    }

    /** As in a URL. */
    static String engineHost(boolean isIpv6) {
        return isIpv6 ? "[" + ENGINE_IPV6 + "]" : ENGINE_IPV4;
    }

    @Override
    public void close() {
        peerSide.delete();
        engineSide.delete();
    }
}
