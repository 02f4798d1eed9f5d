package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappingTest {
    private static final long PAGE = Mapping.pageBytes();

    @Test
    void shouldShareBytesBetweenTwoMappingsAndThreads() throws InterruptedException, ExecutionException {
        try (MemFd memFd = allocated(4 * PAGE);
                Mapping one = Mapping.map(memFd.fd(), 0, 4 * PAGE, Mapping.Access.READ_WRITE);
                Mapping two = Mapping.map(memFd.fd(), PAGE, PAGE, Mapping.Access.READ_ONLY)) {
            one.prefault();
            two.prefault();
            MemorySegment other = two.segment();
            one.segment().set(JAVA_LONG, PAGE + 8, 0x1122334455667788L);
            FutureTask<Long> read = new FutureTask<>(() -> other.get(JAVA_LONG, 8));
            Thread.ofPlatform().start(read);
            assertEquals(0x1122334455667788L, read.get());
            assertThrows(IllegalArgumentException.class, () -> other.set(JAVA_LONG, 0, 1));
        }
    }

    @Test
    void shouldBeExactlyAsLongAsAsked() {
        try (MemFd memFd = allocated(2 * PAGE);
                Mapping mapping = Mapping.map(memFd.fd(), 0, PAGE + 1, Mapping.Access.READ_WRITE)) {
            assertEquals(PAGE + 1, mapping.segment().byteSize());
            mapping.segment().set(JAVA_BYTE, PAGE, (byte) 1);
            assertThrows(
                    IndexOutOfBoundsException.class, () -> mapping.segment().set(JAVA_BYTE, PAGE + 1, (byte) 1));
        }
    }

    @Test
    void shouldAppearAsReadWriteSharedAndNeverExecutable() throws IOException {
        try (MemFd memFd = allocated(PAGE);
                Mapping mapping = Mapping.map(memFd.fd(), 0, PAGE, Mapping.Access.READ_WRITE)) {
            assertTrue(mapsLine(mapping.segment()).contains(" rw-s "), mapsLine(mapping.segment()));
        }
    }

    @Test
    void shouldRefuseAccessAfterTheArenaIsClosed() {
        try (MemFd memFd = allocated(PAGE);
                Mapping mapping = Mapping.map(memFd.fd(), 0, PAGE, Mapping.Access.READ_WRITE);
                Mapping readOnly = Mapping.map(memFd.fd(), 0, PAGE, Mapping.Access.READ_ONLY)) {
            MemorySegment scoped;
            try (Arena arena = Arena.ofShared()) {
                scoped = mapping.segment(arena);
                scoped.set(JAVA_LONG, 8, 42);
                assertEquals(PAGE, scoped.byteSize());
                assertEquals(42, readOnly.segment(arena).get(JAVA_LONG, 8));
                assertTrue(readOnly.segment(arena).isReadOnly());
            }
            assertThrows(IllegalStateException.class, () -> scoped.get(JAVA_LONG, 8));
            assertEquals(42, mapping.segment().get(JAVA_LONG, 8));
        }
    }

    @Test
    void shouldUnmapOnCloseAndStayUsableWithoutTheDescriptor() throws IOException {
        MemFd memFd = allocated(PAGE);
        Mapping mapping = Mapping.map(memFd.fd(), 0, PAGE, Mapping.Access.READ_WRITE);
        memFd.close();
        MemorySegment segment = mapping.segment();
        segment.set(JAVA_LONG, 0, 7);
        assertEquals(7, segment.get(JAVA_LONG, 0));
        mapping.close();
        mapping.close();
        assertEquals("", mapsLine(segment));
        assertThrows(IllegalStateException.class, mapping::segment);
        assertThrows(IllegalStateException.class, mapping::prefault);
        assertThrows(IllegalStateException.class, mapping::lock);
    }

    @Test
    void shouldPrefaultEveryPage() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE)) {
            memFd.truncate(8 * PAGE);
            try (Mapping mapping = Mapping.map(memFd.fd(), 0, 8 * PAGE, Mapping.Access.READ_WRITE)) {
                assertEquals(0, memFd.allocatedBytes());
                mapping.prefault();
                assertTrue(memFd.isFullyAllocated());
            }
        }
    }

    @Test
    void shouldTouchEveryPageWithoutChangingItWhereTheKernelCannotPopulate() {
        try (MemFd memFd = MemFd.create("toehold-test", HugePages.NONE)) {
            memFd.truncate(8 * PAGE - 1);
            try (Mapping mapping = Mapping.map(memFd.fd(), 0, 8 * PAGE - 1, Mapping.Access.READ_WRITE)) {
                mapping.segment().set(JAVA_LONG, 0, 42);
                Mapping.touchPages(mapping.segment());
                assertEquals(8 * PAGE, memFd.allocatedBytes());
                assertEquals(42, mapping.segment().get(JAVA_LONG, 0));
            }
        }
    }

    @Test
    void shouldLockOrSayWhyNot() throws IOException {
        try (MemFd memFd = allocated(4 * PAGE);
                Mapping mapping = Mapping.map(memFd.fd(), 0, 4 * PAGE, Mapping.Access.READ_WRITE)) {
            long before = lockedBytes();
            Mapping.LockResult result = mapping.lock();
            if (result.isLocked()) {
                assertEquals(before + 4 * PAGE, lockedBytes());
            } else {
                assertTrue(result.reason().contains("ulimit -l"), result.reason());
            }
        }
    }

    @Test
    void shouldMapASparseFileThatGrows(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("state");
        try (RegularFile file = RegularFile.openOrCreate(path.toString(), 0600)) {
            file.truncate(1L << 30);
            assertEquals(1L << 30, file.sizeBytes());
            assertTrue(file.allocatedBytes() < 1 << 20);
            try (Mapping mapping = Mapping.map(file.fd(), 0, 1L << 30, Mapping.Access.READ_WRITE)) {
                mapping.segment().set(JAVA_LONG, (1L << 30) - 8, 42);
            }
        }
        try (RegularFile again = RegularFile.open(path.toString());
                Mapping mapping = Mapping.map(again.fd(), 0, again.sizeBytes(), Mapping.Access.READ_ONLY)) {
            assertEquals(42, mapping.segment().get(JAVA_LONG, (1L << 30) - 8));
            assertEquals(0, mapping.segment().get(JAVA_LONG, 0));
        }
    }

    @Test
    void shouldNotFollowASymbolicLinkNorOpenADirectory(@TempDir Path directory) throws IOException {
        Path target = Files.createFile(directory.resolve("target"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), target);
        assertTrue(assertThrows(LinuxException.class, () -> RegularFile.open(link.toString()))
                .is(Errno.ELOOP));
        assertTrue(assertThrows(LinuxException.class, () -> RegularFile.open(directory.toString()))
                .is(Errno.EISDIR));
        assertThrows(IllegalArgumentException.class, () -> RegularFile.open("/dev/null"));
    }

    @Test
    void shouldRefuseWrongArgumentsInJava() {
        try (MemFd memFd = allocated(2 * PAGE)) {
            Fd fd = memFd.fd();
            for (long[] wrong : new long[][] {
                {0, 0}, {0, -1}, {-PAGE, PAGE}, {1, PAGE}, {0, 2 * PAGE + 1}, {2 * PAGE, 1}, {PAGE, Long.MAX_VALUE}
            }) {
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Mapping.map(fd, wrong[0], wrong[1], Mapping.Access.READ_WRITE));
            }
            fd.close();
            assertThrows(IllegalStateException.class, () -> Mapping.map(fd, 0, PAGE, Mapping.Access.READ_WRITE));
        }
    }

    private static MemFd allocated(long size) {
        MemFd memFd = MemFd.create("toehold-test", HugePages.NONE);
        memFd.allocate(size);
        return memFd;
    }

    /** The line of /proc/self/maps that begins at the segment; empty if nothing is mapped there. */
    private static String mapsLine(MemorySegment segment) throws IOException {
        String start = Long.toHexString(segment.address()) + "-";
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.startsWith(start) && line.contains("toehold-test"))
                .findFirst()
                .orElse("");
    }

    private static long lockedBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmLck:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new AssertionError("no VmLck in /proc/self/status");
    }
}
