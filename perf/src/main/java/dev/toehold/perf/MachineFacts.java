package dev.toehold.perf;

import dev.toehold.ffi.dpdk.Dpdk;
import dev.toehold.ffi.dpdk.DpdkUnavailableException;
import dev.toehold.perf.rig.Placement;
import dev.toehold.perf.rig.Testbed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a figure cannot be read without. */
final class MachineFacts {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Path FREE_HUGEPAGES = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");

    private MachineFacts() {}

    /** By name, in the order of printing. */
    static Map<String, String> gather(Placement placement) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("cpu", cpu());
        facts.put(
                "cpus",
                Runtime.getRuntime().availableProcessors() + ", load average at the start "
                        + firstWord(read(Path.of("/proc/loadavg"))));
        facts.put("placement", placement(placement));
        facts.put("kernel", System.getProperty("os.name") + " " + read(Path.of("/proc/sys/kernel/osrelease")));
        facts.put("link", "veth, MTU " + Testbed.MTU);
        facts.put("jdk", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("dpdk", dpdk());
        facts.put("hugepages", read(FREE_HUGEPAGES) + " of 2 MB free");
        return facts;
    }

    private static String cpu() {
        List<String> lines = read(CPUINFO).lines().toList();
        String model = lines.stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse(System.getProperty("os.arch"));
        boolean isVirtual = lines.stream().anyMatch(line -> line.startsWith("flags") && line.contains(" hypervisor"));
        return isVirtual ? model + ", a virtual machine" : model;
    }

    private static String placement(Placement placement) {
        return "server's side on CPU " + placement.serverCpu() + ", load generator on CPU " + placement.generatorCpu();
    }

    private static String dpdk() {
        try {
            return Dpdk.load().version();
        } catch (DpdkUnavailableException e) {
            return "none";
        }
    }

    private static String firstWord(String text) {
        return text.split(" ", 2)[0];
    }

    private static String read(Path path) {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
