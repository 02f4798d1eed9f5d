package dev.toehold.perf.rig;

import dev.toehold.ffi.linux.Affinity;
import dev.toehold.ffi.linux.Ethtool;
import dev.toehold.ffi.linux.Ethtool.Offload;
import dev.toehold.ffi.linux.IpPrefix;
import dev.toehold.ffi.linux.Netlink;
import dev.toehold.ffi.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Two network namespaces, one veth between them, addresses of the range for benchmarks (RFC 2544 appendix C.2.2), cubic for
 * the kernel by route. The engine's address belongs to no interface.
 */
public final class Testbed {
    public static final String GENERATOR_ADDRESS = "198.18.0.1";
    public static final String KERNEL_ADDRESS = "198.18.0.2";
    public static final String ENGINE_ADDRESS = "198.18.0.3";
    public static final int PREFIX_LENGTH = 24;
    public static final int MTU = 1500;

    private static final String NETWORK = "198.18.0.0/24";
    private static final long COMMAND_TIMEOUT_S = 30;
    private static final Path FORWARDING = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final UndoStack undo;
    private final Placement placement;
    private final NetworkNamespace server;
    private final NetworkNamespace generator;
    private final String serverInterface;
    private final String generatorInterface;

    private Testbed(UndoStack undo, Placement placement) {
        this.undo = undo;
        this.placement = placement;
        String id = "%d-%04x"
                .formatted(
                        ProcessHandle.current().pid(),
                        ThreadLocalRandom.current().nextInt(1 << 16));
        server = namespace("toehold-bench-" + id + "-server");
        generator = namespace("toehold-bench-" + id + "-generator");
        String interfaceId = "%06x".formatted(ThreadLocalRandom.current().nextInt(1 << 24));
        serverInterface = "tbs" + interfaceId;
        generatorInterface = "tbg" + interfaceId;
    }

    /** Makes it; undo takes it down. */
    public static Testbed create(UndoStack undo, Placement placement) throws Exception {
        Testbed testbed = new Testbed(undo, placement);
        testbed.build();
        return testbed;
    }

    private NetworkNamespace namespace(String name) {
        NetworkNamespace namespace = NetworkNamespace.create(name);
        undo.push(namespace::delete);
        return namespace;
    }

    private void build() throws Exception {
        server.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                netlink.createVeth(serverInterface, generatorInterface, generator);
            }
            // Frames for the engine reach the kernel too, which must drop them and not send them back.
            Files.writeString(FORWARDING, "0");
            return setUp(serverInterface, KERNEL_ADDRESS);
        });
        generator.run(() -> setUp(generatorInterface, GENERATOR_ADDRESS));
        // A route needs the carrier that its interface has once both ends are up.
        server.run(() -> useCubic(serverInterface, KERNEL_ADDRESS));
        generator.run(() -> useCubic(generatorInterface, GENERATOR_ADDRESS));
    }

    private static Void setUp(String name, String address) {
        try (Netlink netlink = Netlink.open()) {
            int index = netlink.link(name).orElseThrow().index();
            netlink.setMtu(index, MTU);
            netlink.addAddress(index, IpPrefix.parse(address + "/" + PREFIX_LENGTH), false);
            netlink.setUp(index, true);
        }
        return null;
    }

    private static Void useCubic(String name, String source) throws IOException, InterruptedException {
        command(List.of(
                "ip", "route", "replace", NETWORK, "dev", name, "scope", "link", "src", source, "proto", "kernel",
                "congctl", "cubic"));
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

    public String serverInterface() {
        return serverInterface;
    }

    public Placement placement() {
        return placement;
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
            Affinity.pin(cpu);
            return ChildProcess.start(name, command);
        });
        undo.push(child::kill);
        return child;
    }
}
