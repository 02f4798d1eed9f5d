package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * An exclusive lock on a whole file that belongs to the open file description (F_OFD_SETLK of fcntl(2)): it conflicts
 * with every other open of the file, in this process too, and falls when the last copy of the descriptor is closed,
 * however the process ends. Advisory: only those who ask are kept out.
 */
public final class OfdLock implements AutoCloseable {
    private final Fd file;

    private OfdLock(Fd file) {
        this.file = file;
    }

    /**
     * Takes the lock without waiting.
     *
     * @param file open for writing; stays the caller's, and closing it frees the lock
     * @return empty if somebody else has it: see {@link #holder}
     */
    public static Optional<OfdLock> tryLock(Fd file) {
        int result = set(file, FcntlH.F_WRLCK, FcntlH.F_OFD_SETLK, "F_OFD_SETLK");
        return result == 0 ? Optional.of(new OfdLock(file)) : Optional.empty();
    }

    /**
     * Who has a lock on the file, for messages: {@code "pid=4711 (java)"} if this process may see that,
     * {@code "another process"} if not, empty if nobody has one any more.
     */
    public static String holder(Fd file) {
        if (set(file, FcntlH.F_WRLCK, FcntlH.F_OFD_GETLK, "F_OFD_GETLK") == FcntlH.F_UNLCK) {
            return "";
        }
        // The kernel gives pid -1 for such a lock; fdinfo tells to whom it lets us look.
        return LockHolders.find(FileStatus.of(file))
                .map(pid -> "pid=" + pid + " (" + ProcessInfo.command(pid) + ")")
                .orElse("another process");
    }

    /** Frees the lock, if the file is still open. Idempotent. */
    @Override
    public void close() {
        if (file.isOpen()) {
            set(file, FcntlH.F_UNLCK, FcntlH.F_OFD_SETLK, "F_OFD_SETLK");
        }
    }

    /** 0, or 1 if the lock is taken; for F_OFD_GETLK the type of the lock that is in the way. */
    private static int set(Fd file, short type, int command, String name) {
        int number = file.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = arena.allocate(FlockDescriptor.LAYOUT); // start 0, length 0: the whole file
            flock.set(JAVA_SHORT, FlockDescriptor.TYPE_OFFSET, type);
            flock.set(JAVA_SHORT, FlockDescriptor.WHENCE_OFFSET, FcntlH.SEEK_SET);
            int result = FileCalls.fcntl(number, command, flock);
            if (Errno.EAGAIN.is(result) || Errno.EACCES.is(result)) {
                return 1;
            }
            if (result < 0) {
                throw LinuxException.of("fcntl(fd=" + number + ", " + name + ")", result);
            }
            return command == FcntlH.F_OFD_GETLK ? flock.get(JAVA_SHORT, FlockDescriptor.TYPE_OFFSET) : 0;
        } finally {
            file.release();
        }
    }
}
