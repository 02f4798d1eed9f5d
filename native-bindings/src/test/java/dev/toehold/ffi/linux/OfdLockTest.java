package dev.toehold.ffi.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfdLockTest {
    @TempDir
    private Path directory;

    @Test
    void shouldConflictBetweenTwoOpensOfOneProcess() {
        try (RegularFile one = open();
                RegularFile two = open()) {
            assertEquals("", OfdLock.holder(two.fd()));
            OfdLock lock = OfdLock.tryLock(one.fd()).orElseThrow();
            assertTrue(OfdLock.tryLock(two.fd()).isEmpty());
            lock.close();
            lock.close();
            assertEquals("", OfdLock.holder(two.fd()));
            assertTrue(OfdLock.tryLock(two.fd()).isPresent());
        }
    }

    @Test
    void shouldFallWithTheLastCopyOfTheDescriptor() {
        RegularFile one = open();
        try (RegularFile two = open()) {
            assertTrue(OfdLock.tryLock(one.fd()).isPresent());
            Fd copy = one.fd().duplicate();
            one.close();
            assertFalse(OfdLock.tryLock(two.fd()).isPresent());
            copy.close();
            assertTrue(OfdLock.tryLock(two.fd()).isPresent());
        }
    }

    @Test
    void shouldConflictBetweenProcessesAndNameTheHolder() throws IOException, InterruptedException {
        try (RegularFile file = open()) {
            Process other = holder();
            try {
                assertEquals("locked", other.inputReader().readLine());
                assertTrue(OfdLock.tryLock(file.fd()).isEmpty());
                assertTrue(OfdLock.holder(file.fd()).startsWith("pid=" + other.pid() + " (java)"));
            } finally {
                other.destroyForcibly();
                other.waitFor();
            }
            assertTrue(OfdLock.tryLock(file.fd()).isPresent());
        }
    }

    @Test
    void shouldRefuseAClosedFile() {
        RegularFile file = open();
        OfdLock lock = OfdLock.tryLock(file.fd()).orElseThrow();
        file.close();
        lock.close();
        assertThrows(IllegalStateException.class, () -> OfdLock.tryLock(file.fd()));
    }

    private RegularFile open() {
        return RegularFile.openOrCreate(directory.resolve("state").toString(), 0600);
    }

    private Process holder() throws IOException {
        return new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockHolder.class.getName(),
                        directory.resolve("state").toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** A process that takes the lock and keeps it until it is killed or its parent goes. */
    static final class LockHolder {
        private LockHolder() {}

        public static void main(String[] args) throws IOException {
            RegularFile file = RegularFile.open(args[0]);
            System.out.println(OfdLock.tryLock(file.fd()).isPresent() ? "locked" : "refused");
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }
}
