package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.toehold.ffi.linux.Affinity;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The environment abstraction layer. It starts at most once per process, even after {@link #close}: tests that need one
 * run in a JVM of their own.
 */
public final class Eal implements AutoCloseable {
    private static boolean started;

    private final boolean hugepages;
    private final String memoryReason;
    private boolean closed;

    private Eal(final boolean hugepages, final String memoryReason) {
        this.hugepages = hugepages;
        this.memoryReason = memoryReason;
    }

    /**
     * Starts EAL. Nothing but its interrupt thread is created; poll threads come from Java and register by {@link
     * Lcore#register}. The caller's CPU affinity is untouched: EAL narrows that of the thread that starts it, so a
     * throw-away thread does.
     *
     * @throws DpdkUnavailableException if DPDK or required hugepages are missing
     * @throws IllegalStateException if EAL was started before in this process
     * @throws DpdkException if EAL refuses to start; the message carries what it logged
     */
    public static synchronized Eal init(final EalConfig config) {
        Dpdk.load();
        if (started) {
            throw new IllegalStateException("EAL starts once per process and was started before");
        }
        final String shortage = config.hugepages() == EalConfig.Hugepages.NEVER
                ? "hugepages=NEVER"
                : HugePages.shortage((long) config.memoryMegabytes() << 20);
        if (shortage != null && config.hugepages() == EalConfig.Hugepages.REQUIRED) {
            throw new DpdkUnavailableException("hugepages=REQUIRED: " + shortage);
        }
        final List<String> arguments = arguments(config, shortage == null, cpuList(Affinity.get()), mainLcore());
        started = true;
        EalLog.open();
        final Started result = startOnOwnThread(arguments);
        if (result.status < 0) {
            throw new DpdkException("rte_eal_init " + String.join(" ", arguments), result.errno, EalLog.cause());
        }
        return new Eal(shortage == null, shortage == null ? "hugepages" : shortage);
    }

    /** Linked only after {@link Dpdk#load} has found the library, whose absence must be an exception of its own. */
    private static final class Calls {
        private static final MethodHandle INIT =
                Dpdk.load().function("eal", "rte_eal_init", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        private static final MethodHandle CLEANUP =
                Dpdk.load().function("eal", "rte_eal_cleanup", FunctionDescriptor.of(JAVA_INT));
        private static final MethodHandle GET_RUNTIME_DIR =
                Dpdk.load().function("eal", "rte_eal_get_runtime_dir", FunctionDescriptor.of(JAVA_LONG));
    }

    private static final class Started {
        private int status;
        private int errno;
        private Throwable failure;
    }

    private static Started startOnOwnThread(final List<String> arguments) {
        final Started result = new Started();
        final Thread thread = new Thread(
                () -> {
                    try {
                        result.status = EalLog.caught(() -> callInit(arguments));
                        result.errno = RteErrno.get();
                    } catch (final RuntimeException | Error e) {
                        result.failure = e;
                    }
                },
                "eal-init");
        thread.start();
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (result.failure != null) {
            throw Unexpected.of(result.failure);
        }
        return result;
    }

    private static int callInit(final List<String> arguments) throws Throwable {
        // EAL keeps pointers into argv for telemetry, so the strings live as long as the process.
        final Arena arena = Arena.global();
        final MemorySegment argv = arena.allocate(ADDRESS, arguments.size() + 1L);
        for (int i = 0; i < arguments.size(); i++) {
            argv.setAtIndex(ADDRESS, i, arena.allocateFrom(arguments.get(i)));
        }
        argv.setAtIndex(ADDRESS, arguments.size(), MemorySegment.NULL);
        return (int) Calls.INIT.invokeExact(arguments.size(), argv);
    }

    /**
     * EAL's arguments. The main lcore gets the highest id and all CPUs that the process may use: Java's poll
     * threads then get lcore ids from 0, and EAL's interrupt thread is not pinned beside one of them.
     */
    static List<String> arguments(
            final EalConfig config, final boolean hugepages, final String cpus, final int mainLcore) {
        final List<String> arguments = new ArrayList<>(List.of(
                "toehold",
                "--lcores=" + mainLcore + "@(" + cpus + ")",
                "-m",
                Integer.toString(config.memoryMegabytes()),
                "--iova-mode=va",
                "--no-telemetry",
                "--file-prefix=toehold",
                "--log-level=" + config.logLevel()));
        if (hugepages) {
            arguments.add("--in-memory");
        } else {
            // EAL refuses --no-huge together with --in-memory.
            arguments.add("--no-huge");
            arguments.add("--no-shconf");
        }
        if (config.pciDevices().isEmpty()) {
            arguments.add("--no-pci");
        } else {
            config.pciDevices().forEach(device -> {
                arguments.add("-a");
                arguments.add(device);
            });
        }
        return arguments;
    }

    private static int mainLcore() {
        return Dpdk.load().layout().intConstant("RTE_MAX_LCORE") - 1;
    }

    /** Lists CPUs as EAL wants them, ranges shortened. */
    static String cpuList(final BitSet cpus) {
        final StringBuilder list = new StringBuilder();
        for (int first = cpus.nextSetBit(0); first >= 0; ) {
            final int last = cpus.nextClearBit(first) - 1;
            list.append(list.isEmpty() ? "" : ",").append(first).append(last > first ? "-" + last : "");
            first = cpus.nextSetBit(last + 1);
        }
        return list.toString();
    }

    /** Whether the memory is hugepages. */
    public boolean isHugepages() {
        return hugepages;
    }

    /** {@code hugepages}, or why there are none and what would change it. */
    public String memoryReason() {
        return memoryReason;
    }

    /** Takes what EAL and the drivers logged and no exception has reported, oldest line first. */
    public List<String> drainLog() {
        return EalLog.drain();
    }

    /**
     * Gives the memory back. Ports must be closed, lcores unregistered and pools unused by then: every address from
     * this package is dead afterwards.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            final Path runtimeDirectory = Path.of(Memory.getString((long) Calls.GET_RUNTIME_DIR.invokeExact(), 4096));
            final int status = EalLog.caught(() -> (int) Calls.CLEANUP.invokeExact());
            removeIfEmpty(runtimeDirectory);
            if (status != 0) {
                throw new DpdkException("rte_eal_cleanup", status, EalLog.cause());
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** EAL makes a directory even when it is to put nothing there; another engine's start does not need it. */
    private static void removeIfEmpty(final Path runtimeDirectory) {
        try {
            Files.deleteIfExists(runtimeDirectory);
            if (runtimeDirectory.getParent().endsWith("dpdk")) {
                Files.deleteIfExists(runtimeDirectory.getParent());
            }
        } catch (final IOException e) {
            // Not empty: some other DPDK process lives there.
            return;
        }
    }
}
