package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** Affinity, thread names, capabilities, limits and what is known of processes. */
class ProcessTest {
    @Test
    void shouldPinOnlyTheCallingThread() throws ExecutionException, InterruptedException {
        BitSet before = Affinity.get();
        int cpu = before.length() - 1;
        BitSet pinned = onNewThread(() -> {
            Affinity.pin(cpu);
            return Affinity.get();
        });
        BitSet expected = new BitSet();
        expected.set(cpu);
        assertEquals(expected, pinned);
        assertEquals(before, Affinity.get());
    }

    @Test
    void shouldSayWhichCpusThereAreWhenPinningFails() {
        LinuxException refused = assertThrows(LinuxException.class, () -> Affinity.pin(8191));
        assertTrue(refused.is(Errno.EINVAL));
        assertTrue(refused.getMessage().contains(Affinity.get().toString()), refused.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Affinity.pin(-1));
        assertThrows(IllegalArgumentException.class, () -> Affinity.pin(8192));
        assertThrows(IllegalArgumentException.class, () -> Affinity.set(new BitSet()));
    }

    @Test
    void shouldAskForShortTimeSlices() throws ExecutionException, InterruptedException {
        FutureTask<String> task = new FutureTask<>(() -> {
            assertTrue(NativeThread.setTimeSlice(100_000));
            return Files.readString(Path.of("/proc/self/task/" + NativeThread.id() + "/sched"));
        });
        Thread.ofPlatform().start(task);
        // Kernels before 6.12 take the call and have one length only, which they do not show.
        String slice = task.get()
                .lines()
                .filter(line -> line.startsWith("se.slice"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("100000");
        assertEquals("100000", slice);
        assertThrows(IllegalArgumentException.class, () -> NativeThread.setTimeSlice(-1));
    }

    @Test
    void shouldRefuseAffinityOfAVirtualThread() throws ExecutionException, InterruptedException {
        FutureTask<BitSet> task = new FutureTask<>(Affinity::get);
        Thread.ofVirtual().start(task);
        assertTrue(assertThrows(ExecutionException.class, task::get).getCause() instanceof IllegalStateException);
    }

    @Test
    void shouldNameTheThreadForTheKernel() throws ExecutionException, InterruptedException {
        List<String> seen = onNewThread(() -> {
            NativeThread.setName("toehold-lcore-number-0");
            return Files.readAllLines(Path.of("/proc/self/task", String.valueOf(NativeThread.id()), "comm"));
        });
        assertEquals(List.of("toehold-lcore-n"), seen);
    }

    @Test
    void shouldReadTheCapabilitiesOfTheThread() throws IOException {
        Capabilities capabilities = Capabilities.ofCurrentThread();
        Set<Capabilities.Capability> all = EnumSet.allOf(Capabilities.Capability.class);
        Set<Capabilities.Capability> missing = capabilities.missing(all);
        for (Capabilities.Capability capability : all) {
            assertEquals(!missing.contains(capability), capabilities.has(capability));
        }
        if (Credentials.effectiveUid() != 0) {
            assertFalse(capabilities.has(Capabilities.Capability.CAP_SYS_ADMIN));
        } else {
            assertTrue(Files.readString(Path.of("/proc/thread-self/status"))
                    .contains("CapEff:\t%016x"
                            .formatted(Long.parseUnsignedLong(
                                    capabilities.toString().replaceAll(".*0x", ""), 16))));
        }
    }

    @Test
    void shouldGetAndSetLimits() {
        Rlimit before = Rlimit.get(Rlimit.Resource.NOFILE);
        assertTrue(before.soft() > 0);
        try {
            new Rlimit(before.soft() - 1, before.hard()).set(Rlimit.Resource.NOFILE);
            assertEquals(before.soft() - 1, Rlimit.get(Rlimit.Resource.NOFILE).soft());
        } finally {
            before.set(Rlimit.Resource.NOFILE);
        }
        assertEquals(before, Rlimit.get(Rlimit.Resource.NOFILE));
        assertThrows(IllegalArgumentException.class, () -> new Rlimit(-2, 1).set(Rlimit.Resource.MEMLOCK));
        assertTrue(assertThrows(LinuxException.class, () -> new Rlimit(2, 1).set(Rlimit.Resource.MEMLOCK))
                .is(Errno.EINVAL));
    }

    @Test
    void shouldKnowProcesses() throws IOException, InterruptedException {
        int own = (int) ProcessHandle.current().pid();
        assertTrue(ProcessInfo.isAlive(own));
        assertTrue(ProcessInfo.isAlive(1));
        assertEquals("java", ProcessInfo.command(own));
        Process process = new ProcessBuilder("sleep", "1000").start();
        int pid = (int) process.pid();
        try {
            assertTrue(ProcessInfo.isAlive(pid));
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        assertFalse(ProcessInfo.isAlive(pid));
        assertEquals("?", ProcessInfo.command(pid));
        assertEquals(List.of(), ProcessInfo.commandLine(pid));
        assertThrows(IllegalArgumentException.class, () -> ProcessInfo.isAlive(0));
        assertThrows(IllegalArgumentException.class, () -> ProcessInfo.isAlive(-1));
    }

    @Test
    void shouldReadTheCommandLineWithoutControlCharacters() throws IOException, InterruptedException {
        Process process = new ProcessBuilder("cat", "-", "\u001b[2J", "ü").start();
        try {
            process.outputWriter().write("x\n");
            process.outputWriter().flush();
            assertEquals("x", process.inputReader().readLine()); // by now it is cat, no longer the fork of this JVM
            assertEquals("cat", ProcessInfo.command((int) process.pid()));
            assertEquals(List.of("cat", "-", "?[2J", "ü"), ProcessInfo.commandLine((int) process.pid()));
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    @Test
    void shouldListDescriptors() {
        var before = ProcessInfo.openDescriptors();
        assertEquals(before, ProcessInfo.openDescriptors());
        try (EventFd eventFd = EventFd.create()) {
            var after = ProcessInfo.openDescriptors();
            assertEquals("anon_inode:[eventfd]", after.remove(eventFd.fd().number()));
            assertEquals(before, after);
        }
    }

    private static <T> T onNewThread(Callable<T> callable) throws ExecutionException, InterruptedException {
        FutureTask<T> task = new FutureTask<>(callable);
        Thread.ofPlatform().start(task);
        return task.get();
    }
}
