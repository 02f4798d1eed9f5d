package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;

/**
 * A regular file that is to be mapped and locked, such as the state file. Opened for reading and writing, close-on-exec,
 * never through a symbolic link at the end of its path.
 */
public final class RegularFile implements AutoCloseable {
    private static final int INTERRUPTED_TRIES = 100;

    private final Fd fd;
    private final String path;

    private RegularFile(Fd fd, String path) {
        this.fd = fd;
        this.path = path;
    }

    /**
     * Opens {@code path}; makes it, empty, if there is none.
     *
     * @param mode permission bits of a new file, 0 to 0777, less the umask
     * @throws LinuxException ELOOP if it is a symbolic link, EACCES, ENOENT (directory), ...
     */
    public static RegularFile openOrCreate(String path, int mode) {
        return open(path, FcntlH.O_CREAT, mode);
    }

    /**
     * Opens an existing file.
     *
     * @throws LinuxException ENOENT if there is none
     */
    public static RegularFile open(String path) {
        return open(path, 0, 0);
    }

    private static RegularFile open(String path, int flags, int mode) {
        Check.path(path);
        Check.range("mode", mode, 0, 0777);
        // O_NONBLOCK: to find a FIFO here must not block before it is refused below.
        Fd fd = openFd(path, FcntlH.O_RDWR | FcntlH.O_NONBLOCK | FcntlH.O_NOFOLLOW | flags, mode);
        try {
            if (!FileStatus.of(fd).isRegular()) {
                throw new IllegalArgumentException("path=" + path + " is not a regular file");
            }
            return new RegularFile(fd, path);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    public Fd fd() {
        return fd;
    }

    public String path() {
        return path;
    }

    public long sizeBytes() {
        return FileStatus.of(fd).sizeBytes();
    }

    /** Storage in use: less than {@link #sizeBytes()} if the file is sparse. */
    public long allocatedBytes() {
        return FileStatus.of(fd).allocatedBytes();
    }

    /** Makes the file {@code sizeBytes} long: what is new reads as zero and takes no storage until it is written. */
    public void truncate(long sizeBytes) {
        truncate(fd, Check.range("sizeBytes", sizeBytes, 0, Long.MAX_VALUE));
    }

    /** Makes the file at least {@code sizeBytes} long with storage for all of it. */
    public void allocate(long sizeBytes) {
        allocate(fd, Check.positive("sizeBytes", sizeBytes), "free space on the file system of " + path);
    }

    @Override
    public void close() {
        fd.close();
    }

    /** open(2), close-on-exec; the path has been checked. */
    static Fd openFd(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            int result = FileCalls.open(arena.allocateFrom(path), flags | FcntlH.O_CLOEXEC, mode);
            if (result < 0) {
                throw LinuxException.of("open(path=" + path + ")", result);
            }
            return Fd.opened(result);
        }
    }

    /** unlink(2) of a path that has been checked; one that is gone is no error. */
    static void unlink(String path) {
        try (Arena arena = Arena.ofConfined()) {
            int result = FileCalls.unlink(arena.allocateFrom(path));
            if (result < 0 && !Errno.ENOENT.is(result)) {
                throw LinuxException.of("unlink(path=" + path + ")", result);
            }
        }
    }

    static void truncate(Fd fd, long sizeBytes) {
        int number = fd.acquire();
        try {
            int result = FileCalls.ftruncate(number, sizeBytes);
            if (result < 0) {
                throw LinuxException.of("ftruncate(fd=" + number + ", length=" + sizeBytes + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    static void allocate(Fd fd, long sizeBytes, String remedy) {
        int number = fd.acquire();
        try {
            int result = FileCalls.fallocate(number, 0, 0, sizeBytes);
            // A signal that the JVM uses inwardly can interrupt a long allocation: tmpfs undoes it and it starts again.
            for (int i = 1; Errno.EINTR.is(result) && i < INTERRUPTED_TRIES; i++) {
                result = FileCalls.fallocate(number, 0, 0, sizeBytes);
            }
            if (result < 0) {
                throw LinuxException.of("fallocate(fd=" + number + ", length=" + sizeBytes + ")", result, remedy);
            }
        } finally {
            fd.release();
        }
    }

    @Override
    public String toString() {
        return path + ", " + fd;
    }
}
