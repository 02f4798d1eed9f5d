package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemFdTest {
    private static final long SIZE = 3 * Mapping.pageBytes();

    @Test
    void shouldRefuseToShrinkOrGrowWhenSealed() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE)) {
            memFd.allocate(SIZE);
            memFd.seal(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL));

            assertTrue(memFd.seals().containsAll(EnumSet.of(Seal.SHRINK, Seal.GROW, Seal.SEAL)));
            for (long size : new long[] {0, SIZE - 1, SIZE + 1}) {
                var refused = assertThrows(LinuxException.class, () -> memFd.truncate(size));
                assertTrue(refused.is(Errno.EPERM), refused.getMessage());
            }
            assertEquals(SIZE, memFd.sizeBytes());
            assertTrue(assertThrows(LinuxException.class, () -> memFd.seal(Set.of(Seal.WRITE)))
                    .is(Errno.EPERM));
        }
    }

    @Test
    void shouldTellAllocatedFromSparse() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE)) {
            memFd.truncate(SIZE);
            assertEquals(SIZE, memFd.sizeBytes());
            assertEquals(0, memFd.allocatedBytes());
            assertFalse(memFd.isFullyAllocated());

            memFd.allocate(SIZE);
            assertEquals(SIZE, memFd.allocatedBytes());
            assertTrue(memFd.isFullyAllocated());
        }
    }

    @Test
    void shouldBeNeitherInheritedNorExecutable() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE)) {
            assertEquals(1, FileCalls.fcntl(memFd.fd().number(), FcntlH.F_GETFD, 0), "FD_CLOEXEC");
            if (memFd.seals().contains(Seal.EXEC)) {
                assertEquals(0, FileStatus.of(memFd.fd()).mode() & 0111);
            }
        }
    }

    @Test
    void shouldAdoptAMemFdAndNothingElse(@TempDir Path directory) throws IOException {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE);
                MemFd adopted = MemFd.adopt(memFd.fd().duplicate())) {
            memFd.allocate(SIZE);
            memFd.seal(Set.of(Seal.SHRINK));
            assertEquals(SIZE, adopted.sizeBytes());
            assertTrue(adopted.seals().contains(Seal.SHRINK));
            assertFalse(adopted.isHugetlb());
            assertTrue(adopted.isFullyAllocated());
        }
        try (EventFd eventFd = EventFd.create()) {
            assertThrows(IllegalArgumentException.class, () -> MemFd.adopt(eventFd.fd()));
            assertTrue(eventFd.fd().isOpen());
        }
        Path file = Files.createFile(directory.resolve("file"));
        if (!"tmpfs".equals(Files.getFileStore(file).type())) {
            try (RegularFile regular = RegularFile.open(file.toString())) {
                assertThrows(IllegalArgumentException.class, () -> MemFd.adopt(regular.fd()));
            }
        }
    }

    @Test
    void shouldRefuseAReadOnlyDescriptorAndAMountedTmpfsFileHasNoShrinkSeal() throws IOException {
        Path file = Files.createTempFile(Path.of("/dev/shm"), "toehold-test-", "");
        try (RegularFile regular = RegularFile.open(file.toString())) {
            regular.allocate(SIZE);
            assertFalse(MemFd.adopt(regular.fd()).seals().contains(Seal.SHRINK));
            assertTrue(assertThrows(
                            LinuxException.class,
                            () -> MemFd.adopt(regular.fd()).seal(Set.of(Seal.SHRINK)))
                    .is(Errno.EPERM));
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void shouldAllocateHugePagesOrSayWhatToDo() {
        MemFd hugeMemFd;
        try {
            hugeMemFd = MemFd.create("toehold-test", HugePages.SIZE_2M);
        } catch (LinuxException e) {
            assertTrue(e.is(Errno.ENODEV) || e.is(Errno.ENOSYS) || e.is(Errno.EINVAL), e.getMessage());
            return; // a kernel without this page size
        }
        try (MemFd memFd = hugeMemFd) {
            assertTrue(memFd.isHugetlb());
            assertEquals(2 << 20, memFd.pageBytes());
            assertThrows(IllegalArgumentException.class, () -> memFd.allocate(4096));
            try {
                memFd.allocate(2 << 20);
            } catch (LinuxException e) {
                assertTrue(e.getMessage().contains("vm.nr_hugepages"), e.getMessage());
                return;
            }
            assertTrue(memFd.isFullyAllocated());
            try (Mapping mapping = Mapping.map(memFd.fd(), 0, 2 << 20, Mapping.Access.READ_WRITE)) {
                mapping.prefault();
                mapping.segment().set(JAVA_LONG, (2 << 20) - 8, 42);
            }
        }
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        assertThrows(IllegalArgumentException.class, () -> MemFd.create("", HugePages.NONE));
        assertThrows(IllegalArgumentException.class, () -> MemFd.create(null, HugePages.NONE));
        assertThrows(IllegalArgumentException.class, () -> MemFd.create("a\0b", HugePages.NONE));
        assertThrows(IllegalArgumentException.class, () -> MemFd.create("x".repeat(250), HugePages.NONE));
        MemFd memFd = MemFd.create("x".repeat(249), HugePages.NONE);
        assertThrows(IllegalArgumentException.class, () -> memFd.allocate(0));
        assertThrows(IllegalArgumentException.class, () -> memFd.allocate(-1));
        assertThrows(IllegalArgumentException.class, () -> memFd.truncate(-1));
        memFd.close();
        memFd.close();
        assertThrows(IllegalStateException.class, memFd::sizeBytes);
        assertThrows(IllegalStateException.class, () -> memFd.allocate(1));
    }
}
