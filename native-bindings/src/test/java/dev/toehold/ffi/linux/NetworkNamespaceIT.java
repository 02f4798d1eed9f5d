package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Needs CAP_SYS_ADMIN. */
class NetworkNamespaceIT {
    private final String name = "thl" + ProcessHandle.current().pid() + "-"
            + ThreadLocalRandom.current().nextInt(1 << 30);
    private final NetworkNamespace namespace = NetworkNamespace.create(name);

    @AfterEach
    void delete() {
        namespace.delete();
    }

    @Test
    void shouldRunATaskInsideAndLeaveTheCallerOutside() throws Exception {
        String outside = inode();
        String inside = namespace.run(NetworkNamespaceIT::inode);
        assertNotEquals(outside, inside);
        assertEquals(outside, inode());
        assertEquals(List.of("lo"), namespace.run(() -> {
            try (Netlink netlink = Netlink.open()) {
                return netlink.links().stream().map(Link::name).toList();
            }
        }));
    }

    @Test
    void shouldPassOnWhatTheTaskThrows() {
        IOException thrown = new IOException("the task's own");
        assertEquals(
                thrown,
                assertThrows(
                        IOException.class,
                        () -> namespace.run(() -> {
                            throw thrown;
                        })));
    }

    @Test
    void shouldBeKnownToOtherProgramsAndToCommands() throws Exception {
        assertTrue(Files.exists(Path.of("/run/netns", name)));
        List<String> command = new ArrayList<>(namespace.commandPrefix());
        command.addAll(List.of("readlink", "/proc/self/ns/net"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = process.inputReader().readLine();
        assertEquals(0, process.waitFor(), output);
        assertEquals(namespace.run(NetworkNamespaceIT::inode), output);
    }

    @Test
    void shouldOpenByNameAndRefuseASecondOfTheName() throws Exception {
        try (NetworkNamespace again = NetworkNamespace.open(name)) {
            assertEquals(namespace.run(NetworkNamespaceIT::inode), again.run(NetworkNamespaceIT::inode));
        }
        assertTrue(assertThrows(LinuxException.class, () -> NetworkNamespace.create(name))
                .is(Errno.EEXIST));
        assertTrue(Files.exists(Path.of("/run/netns", name)));
    }

    @Test
    void shouldBeGoneAfterDeleting() throws IOException {
        namespace.delete();
        assertFalse(Files.exists(Path.of("/run/netns", name)));
        assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(name));
        assertTrue(assertThrows(LinuxException.class, () -> NetworkNamespace.open(name))
                .is(Errno.ENOENT));
        assertThrows(IllegalStateException.class, () -> namespace.run(() -> 0));
    }

    @Test
    void shouldRefuseAFileThatIsNoNamespace() throws IOException {
        String half = name + "h";
        Path file = Files.createFile(Path.of("/run/netns", half));
        try {
            assertThrows(IllegalStateException.class, () -> NetworkNamespace.open(half));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldKnowTheCurrentNamespaceWhichHasNoName() throws Exception {
        String outside = inode();
        try (NetworkNamespace current = NetworkNamespace.current()) {
            assertEquals(outside, current.run(NetworkNamespaceIT::inode));
            assertEquals(outside, namespace.run(() -> current.run(NetworkNamespaceIT::inode)));
            assertThrows(IllegalArgumentException.class, current::delete);
            assertThrows(IllegalArgumentException.class, current::commandPrefix);
        }
    }

    @Test
    void shouldRefuseWrongNames() {
        for (String wrong : new String[] {null, "", ".", "..", "a/b", "a\0b", "x".repeat(256)}) {
            assertThrows(IllegalArgumentException.class, () -> NetworkNamespace.create(wrong));
            assertThrows(IllegalArgumentException.class, () -> NetworkNamespace.open(wrong));
        }
    }

    /** {@code net:[4026531840]}: identity of the calling thread's namespace. */
    private static String inode() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net")).toString();
    }
}
