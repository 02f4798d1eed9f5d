package dev.toehold.cli;

import dev.toehold.ffi.dpdk.Dpdk;
import dev.toehold.ffi.dpdk.DpdkUnavailableException;
import dev.toehold.ffi.linux.Capabilities;
import dev.toehold.ffi.linux.Capabilities.Capability;
import dev.toehold.ffi.linux.Rlimit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code toehold doctor}: what this machine offers an engine, and what to change. Touches nothing. */
@Command(
        name = "doctor",
        description = {
            "Looks at what an engine needs and says what is missing and how to get it.",
            "Exits with 1 if an engine cannot run here.",
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example: toehold doctor"})
final class DoctorCommand implements Callable<Integer> {
    private static final Path HUGEPAGES = Path.of("/sys/kernel/mm/hugepages");
    private static final Path RUN = Path.of("/run/toehold");
    private static final long MIN_MEMLOCK_BYTES = 64L << 20;

    /** Packet sockets, and flags and addresses of an interface; locked memory has a finding of its own. */
    private static final Set<Capability> NEEDED = EnumSet.of(Capability.CAP_NET_RAW, Capability.CAP_NET_ADMIN);

    private enum Verdict {
        OK,
        /** Runs without, worse. */
        WARN,
        FAIL
    }

    private record Finding(Verdict verdict, String subject, String detail) {}

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(Verdict.OK, "JDK", Runtime.version() + " in " + System.getProperty("java.home")));
        findings.add(dpdk());
        findings.add(capabilities());
        findings.add(lockedMemory());
        findings.add(hugepages());
        findings.add(cpus());
        findings.add(stateDirectory());
        findings.add(demoTools());
        PrintWriter out = spec.commandLine().getOut();
        for (Finding finding : findings) {
            out.printf("%-4s  %-15s  %s%n", finding.verdict(), finding.subject(), finding.detail());
        }
        out.flush();
        return findings.stream().anyMatch(finding -> finding.verdict() == Verdict.FAIL) ? Main.FAILED : 0;
    }

    private static Finding dpdk() {
        try {
            return new Finding(Verdict.OK, "DPDK", Dpdk.load().version());
        } catch (DpdkUnavailableException e) {
            return new Finding(Verdict.FAIL, "DPDK", e.getMessage() + "; `toehold --install` installs it on Debian 12");
        }
    }

    private static Finding capabilities() {
        Set<Capability> missing = Capabilities.ofCurrentThread().missing(NEEDED);
        return missing.isEmpty()
                ? new Finding(Verdict.OK, "capabilities", kept())
                : new Finding(
                        Verdict.FAIL,
                        "capabilities",
                        "missing " + missing
                                + ": run the engine as root, or give its user AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN"
                                + " CAP_IPC_LOCK (systemd)");
    }

    private static String kept() {
        return isOnPath("setpriv")
                ? "CAP_NET_RAW, CAP_NET_ADMIN; `toehold run` keeps them and CAP_IPC_LOCK alone (CAP_SYS_ADMIN too for"
                        + " xdp: devices)"
                : "CAP_NET_RAW, CAP_NET_ADMIN; without setpriv (package util-linux) `toehold run` keeps all that it has";
    }

    private static Finding lockedMemory() {
        long limit = Rlimit.get(Rlimit.Resource.MEMLOCK).soft();
        boolean unlimited =
                limit == Rlimit.UNLIMITED || Capabilities.ofCurrentThread().has(Capability.CAP_IPC_LOCK);
        if (unlimited || limit >= MIN_MEMLOCK_BYTES) {
            return new Finding(Verdict.OK, "locked memory", unlimited ? "unlimited" : limit + " bytes");
        }
        return new Finding(
                Verdict.WARN,
                "locked memory",
                limit
                        + " bytes, less than an AF_PACKET port's rings and client memory: CAP_IPC_LOCK or `ulimit -l unlimited`");
    }

    private static Finding hugepages() {
        StringBuilder seen = new StringBuilder();
        long freeBytes = 0;
        for (int kilobytes : new int[] {2048, 1 << 20}) {
            try {
                String count = Files.readString(HUGEPAGES.resolve("hugepages-" + kilobytes + "kB/free_hugepages"))
                        .strip();
                freeBytes += Long.parseLong(count) * kilobytes * 1024;
                seen.append(seen.isEmpty() ? "" : ", ")
                        .append(count)
                        .append(" free of ")
                        .append(kilobytes / 1024)
                        .append(" MB");
            } catch (IOException | NumberFormatException e) {
                // This kernel has no pages of that size.
            }
        }
        return freeBytes > 0
                ? new Finding(Verdict.OK, "hugepages", seen.toString())
                : new Finding(
                        Verdict.WARN,
                        "hugepages",
                        "none free: software ports run at half speed; echo 128 > " + HUGEPAGES
                                + "/hugepages-2048kB/nr_hugepages");
    }

    private static Finding cpus() {
        int count = Runtime.getRuntime().availableProcessors();
        return count > 1
                ? new Finding(Verdict.OK, "CPUs", Integer.toString(count))
                : new Finding(Verdict.WARN, "CPUs", "1: the poll thread shares it with everything else");
    }

    private static Finding stateDirectory() {
        Path directory = Files.exists(RUN) ? RUN : RUN.getParent();
        return Files.isWritable(directory)
                ? new Finding(Verdict.OK, "state", RUN + " can be written")
                : new Finding(
                        Verdict.WARN,
                        "state",
                        directory + " cannot be written by this user: set engine.state in the configuration");
    }

    private static Finding demoTools() {
        List<String> missing =
                Stream.of("nsenter", "curl").filter(tool -> !isOnPath(tool)).toList();
        return missing.isEmpty()
                ? new Finding(Verdict.OK, "demo", "nsenter and curl are there")
                : new Finding(Verdict.WARN, "demo", "missing " + missing + ": `toehold demo` as root installs them");
    }

    private static boolean isOnPath(String tool) {
        String[] directories = (System.getenv().getOrDefault("PATH", "") + ":/usr/bin:/sbin:/usr/sbin").split(":", -1);
        return Stream.of(directories).anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }
}
