package dev.toehold.perf.rig;

import dev.toehold.ffi.linux.Affinity;
import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.Ethtool.Offload;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import dev.toehold.perf.link.ImpairingLink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Two network namespaces, joined by one veth or by two with an impairing link between them (in a namespace of its own), addresses of the
 * range for benchmarks (RFC 2544 appendix C.2.2) and unique local ones, cubic for the kernel by route. The engine's addresses belong to no
 * interface.
 */
public final class Testbed {
    public static final String GENERATOR_ADDRESS = "198.18.0.1";
    public static final String KERNEL_ADDRESS = "198.18.0.2";
    public static final String ENGINE_ADDRESS = "198.18.0.3";
    public static final int PREFIX_LENGTH = 24;
    public static final String GENERATOR_ADDRESS_6 = "fd18::1";
    public static final String KERNEL_ADDRESS_6 = "fd18::2";
    public static final String ENGINE_ADDRESS_6 = "fd18::3";
    public static final int PREFIX_LENGTH_6 = 64;
    public static final int MTU = 1500;

    private static final String NETWORK = "198.18.0.0/24";
    private static final String NETWORK_6 = "fd18::/64";
    private static final long COMMAND_TIMEOUT_S = 30;
    private static final int ANYWHERE = -1;
    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");
    private static final Path NO_IPV6 = Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6");

    private final UndoStack undo;
    private final Placement placement;
    private final int mtu;
    private final NetworkNamespace server;
    private final NetworkNamespace generator;
    private final String serverInterface;
    private final String generatorInterface;

    /** Null if one veth joins them. */
    private final ImpairingLink link;

    private Testbed(UndoStack undo, Placement placement, int mtu, boolean hasLink) throws Exception {
        this.undo = undo;
        this.placement = placement;
        this.mtu = mtu;
        String id = "%d-%04x"
                .formatted(
                        ProcessHandle.current().pid(),
                        ThreadLocalRandom.current().nextInt(1 << 16));
        server = namespace("toehold-bench-" + id + "-server");
        generator = namespace("toehold-bench-" + id + "-generator");
        String interfaceId = "%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
        serverInterface = "tbs" + interfaceId;
        generatorInterface = "tbg" + interfaceId;
        // Frames for the engine reach the kernel too, which must drop them and not send them back.
        server.run(() -> Files.writeString(FORWARDING, "0"));
        if (hasLink) {
            NetworkNamespace between = namespace("toehold-bench-" + id + "-link");
            between.run(this::layTwoVeths);
            link = between.run(() -> ImpairingLink.start(serverInterface, generatorInterface));
            undo.push(link::close);
        } else {
            server.run(this::layOneVeth);
            link = null;
        }
        server.run(() -> setUp(serverInterface, KERNEL_ADDRESS, KERNEL_ADDRESS_6));
        generator.run(() -> setUp(generatorInterface, GENERATOR_ADDRESS, GENERATOR_ADDRESS_6));
        // A route needs the carrier that its interface has once both ends are up.
        server.run(() -> useCubic(serverInterface, KERNEL_ADDRESS));
        generator.run(() -> useCubic(generatorInterface, GENERATOR_ADDRESS));
    }

    /** Makes it, with one veth; undo takes it down. */
    public static Testbed create(UndoStack undo, Placement placement) throws Exception {
        return new Testbed(undo, placement, MTU, false);
    }

    /** Makes it, with an impairing link whose left end is the server's, and all offloads off; undo takes it down. */
    public static Testbed createLinked(UndoStack undo, Placement placement, int mtu) throws Exception {
        Testbed testbed = new Testbed(undo, placement, mtu, true);
        testbed.setOffloads(false);
        return testbed;
    }

    private NetworkNamespace namespace(String name) {
        NetworkNamespace namespace = NetworkNamespace.create(name);
        undo.push(namespace::delete);
        return namespace;
    }

    private Void layOneVeth() {
        try (Netlink netlink = Netlink.open()) {
            netlink.createVeth(serverInterface, generatorInterface, generator);
        }
        return null;
    }

    /** The link's ends bear the same names as the ends that they lead to. */
    private Void layTwoVeths() throws IOException {
        Files.writeString(FORWARDING, "0");
        Files.writeString(NO_IPV6, "1");
        try (Netlink netlink = Netlink.open()) {
            netlink.createVeth(serverInterface, serverInterface, server);
            netlink.createVeth(generatorInterface, generatorInterface, generator);
            for (String name : List.of(serverInterface, generatorInterface)) {
                int index = netlink.link(name).orElseThrow().index();
                netlink.setMtu(index, mtu);
                netlink.setUp(index, true);
                setOffloads(name, false);
            }
        }
        return null;
    }

    private Void setUp(String name, String address, String address6) {
        try (Netlink netlink = Netlink.open()) {
            int index = netlink.link(name).orElseThrow().index();
            netlink.setMtu(index, mtu);
            netlink.addAddress(index, IpPrefix.parse(address + "/" + PREFIX_LENGTH), false);
            netlink.addAddress(index, IpPrefix.parse(address6 + "/" + PREFIX_LENGTH_6), false);
            netlink.setUp(index, true);
        }
        return null;
    }

    private static Void useCubic(String name, String source) throws IOException, InterruptedException {
        command(List.of(
                "ip", "route", "replace", NETWORK, "dev", name, "scope", "link", "src", source, "proto", "kernel",
                "congctl", "cubic"));
        command(List.of("ip", "-6", "route", "replace", NETWORK_6, "dev", name, "proto", "kernel", "congctl", "cubic"));
        return null;
    }

    private static void command(List<String> words) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(COMMAND_TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("`" + String.join(" ", words) + "` failed: " + output.strip());
        }
    }

    /** Switches segmentation, aggregation and checksum offload at both ends. Off: real frames, real sums. */
    public void setOffloads(boolean on) throws Exception {
        server.run(() -> setOffloads(serverInterface, on));
        generator.run(() -> setOffloads(generatorInterface, on));
    }

    private static Void setOffloads(String name, boolean on) {
        // TSO needs checksums and scatter-gather, so checksums come first when on and last when off.
        List<Offload> order = on
                ? List.of(Offload.TX_CHECKSUM, Offload.SCATTER_GATHER, Offload.TSO, Offload.GSO, Offload.GRO)
                : List.of(Offload.GRO, Offload.GSO, Offload.TSO, Offload.TX_CHECKSUM);
        try (Ethtool ethtool = Ethtool.open()) {
            for (Offload offload : order) {
                ethtool.set(name, offload, on);
                if (ethtool.isOn(name, offload) != on) {
                    throw new IllegalStateException("interface=" + name + " offload=" + offload
                            + ": could not be switched " + (on ? "on" : "off"));
                }
            }
        }
        return null;
    }

    /** What joins both sides, if {@link #createLinked} made it. */
    public ImpairingLink link() {
        if (link == null) {
            throw new IllegalStateException("one veth joins both sides");
        }
        return link;
    }

    public int mtu() {
        return mtu;
    }

    /** The load generator's side. */
    public NetworkNamespace generatorSide() {
        return generator;
    }

    public String serverInterface() {
        return serverInterface;
    }

    public Placement placement() {
        return placement;
    }

    /** Starts a process on the server's side, on any CPU; undo ends it. */
    public ChildProcess startServerAnywhere(String name, List<String> command) throws Exception {
        return start(server, ANYWHERE, name, command);
    }

    /** Starts a process on the load generator's side, on any CPU; undo ends it. */
    public ChildProcess startGeneratorAnywhere(String name, List<String> command) throws Exception {
        return start(generator, ANYWHERE, name, command);
    }

    /** Starts a process on the server's side; undo ends it. */
    public ChildProcess startServer(String name, List<String> command) throws Exception {
        return start(server, placement.serverCpu(), name, command);
    }

    /** Starts a process on the load generator's side; undo ends it. */
    public ChildProcess startGenerator(String name, List<String> command) throws Exception {
        return start(generator, placement.generatorCpu(), name, command);
    }

    private ChildProcess start(NetworkNamespace namespace, int cpu, String name, List<String> command)
            throws Exception {
        // A child inherits namespace and affinity of the thread that starts it; this one is used for nothing else.
        ChildProcess child = namespace.run(() -> {
            if (cpu != ANYWHERE) {
                Affinity.pin(cpu);
            }
            return ChildProcess.start(name, command);
        });
        undo.push(child::kill);
        return child;
    }
}
