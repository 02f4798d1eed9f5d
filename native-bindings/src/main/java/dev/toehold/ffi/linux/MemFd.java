package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.util.Set;

/**
 * An anonymous file in memory (memfd_create(2)) that processes share by passing its descriptor.
 *
 * <p>Who makes one: {@link #create}, {@link #allocate}, {@link #seal}, map it, send {@link #fd()}. Who receives one from
 * somebody it does not trust: {@link #adopt}, then {@link #isHugetlb()}, {@link #seals()}, {@link #sizeBytes()},
 * {@link #isFullyAllocated()}, in that order: once {@link Seal#SHRINK} is seen, the size can only grow.
 */
public final class MemFd implements AutoCloseable {
    private static final int MAX_NAME_BYTES = 249;

    private final Fd fd;
    private final String name;
    private final FileStatus.FileSystem fileSystem;

    private MemFd(Fd fd, String name, FileStatus.FileSystem fileSystem) {
        this.fd = fd;
        this.name = name;
        this.fileSystem = fileSystem;
    }

    /**
     * A new memfd of size 0, close-on-exec, sealable and, where the kernel can (6.3), never executable.
     *
     * @param name shown in {@code /proc/PID/maps}, 1 to 249 bytes, need not be unique
     */
    public static MemFd create(String name, HugePages pages) {
        Check.cString("name", name, MAX_NAME_BYTES);
        int flags = FcntlH.MFD_CLOEXEC | FcntlH.MFD_ALLOW_SEALING | pages.memfdFlags;
        int result;
        try (Arena arena = Arena.ofConfined()) {
            var cName = arena.allocateFrom(name);
            result = FileCalls.memfdCreate(cName, flags | MemfdH.MFD_NOEXEC_SEAL);
            if (Errno.EINVAL.is(result)) {
                result = FileCalls.memfdCreate(cName, flags);
            }
        }
        if (result < 0) {
            throw LinuxException.of("memfd_create(name=" + name + ", pages=" + pages + ")", result);
        }
        Fd fd = Fd.opened(result);
        try {
            return new MemFd(fd, name, FileStatus.fileSystem(fd));
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /**
     * Takes ownership of a received descriptor if it is a file of tmpfs or hugetlbfs, open for reading and writing;
     * otherwise refuses and leaves it open, with its owner. A file on a mounted tmpfs passes too, but can never carry
     * {@link Seal#SHRINK}. Never waits for whoever made the file; to close a refused one, {@link Fd#closeAside}.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    public static MemFd adopt(Fd fd) {
        // First, because it asks the kernel alone: stat of, say, a FUSE file waits for the stranger who made it.
        if (!canHaveSeals(fd)) {
            throw new IllegalArgumentException(fd + " is not a memfd");
        }
        FileStatus.FileSystem fileSystem = FileStatus.fileSystem(fd);
        if (fileSystem.type() != FcntlH.TMPFS_MAGIC && fileSystem.type() != FcntlH.HUGETLBFS_MAGIC) {
            throw new IllegalArgumentException(
                    fd + ", fileSystemType=0x" + Long.toHexString(fileSystem.type()) + ": not a memfd");
        }
        if ((fcntl(fd, FcntlH.F_GETFL, "F_GETFL") & FcntlH.O_ACCMODE) != FcntlH.O_RDWR) {
            throw new IllegalArgumentException(fd + ": the memfd is not open for reading and writing");
        }
        return new MemFd(fd, "received", fileSystem);
    }

    public Fd fd() {
        return fd;
    }

    /** On hugetlbfs: holes can be punched under any seal but {@link Seal#WRITE}, and then an access raises SIGBUS. */
    public boolean isHugetlb() {
        return fileSystem.type() == FcntlH.HUGETLBFS_MAGIC;
    }

    /** Page size of the memory behind it: {@link #allocate} takes multiples of it on hugetlbfs. */
    public long pageBytes() {
        return fileSystem.blockBytes();
    }

    public long sizeBytes() {
        return FileStatus.of(fd).sizeBytes();
    }

    /** Bytes of memory that belong to it now. */
    public long allocatedBytes() {
        return FileStatus.of(fd).allocatedBytes();
    }

    /** Whether there is memory for every byte below the size, at this moment. */
    public boolean isFullyAllocated() {
        FileStatus status = FileStatus.of(fd);
        return status.allocatedBytes() >= status.sizeBytes();
    }

    /**
     * Makes it {@code sizeBytes} long, without allocating.
     *
     * @throws LinuxException EPERM if a seal forbids it
     */
    public void truncate(long sizeBytes) {
        RegularFile.truncate(fd, checkSize(Check.range("sizeBytes", sizeBytes, 0, Long.MAX_VALUE)));
    }

    /**
     * Makes it at least {@code sizeBytes} long and allocates memory for all of that, so that no later access can fail
     * for want of memory.
     *
     * @throws LinuxException ENOMEM or ENOSPC if there is not enough; EPERM if a seal forbids it
     */
    public void allocate(long sizeBytes) {
        RegularFile.allocate(
                fd,
                checkSize(Check.positive("sizeBytes", sizeBytes)),
                isHugetlb()
                        ? "reserve huge pages (sysctl vm.nr_hugepages) or use none"
                        : "free memory, or ask for less");
    }

    /** Adds seals; they can never be taken back. */
    public void seal(Set<Seal> seals) {
        int number = fd.acquire();
        try {
            int result = FileCalls.fcntl(number, FcntlH.F_ADD_SEALS, Seal.toBits(seals));
            if (result < 0) {
                throw LinuxException.of("fcntl(fd=" + number + ", F_ADD_SEALS, " + seals + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    public Set<Seal> seals() {
        return Seal.ofBits(fcntl(fd, FcntlH.F_GET_SEALS, "F_GET_SEALS"));
    }

    @Override
    public void close() {
        fd.close();
    }

    private static boolean canHaveSeals(Fd fd) {
        int number = fd.acquire();
        try {
            return FileCalls.fcntl(number, FcntlH.F_GET_SEALS, 0) >= 0;
        } finally {
            fd.release();
        }
    }

    private long checkSize(long sizeBytes) {
        if (isHugetlb() && sizeBytes % pageBytes() != 0) {
            throw new IllegalArgumentException(
                    "sizeBytes=" + sizeBytes + ": not a multiple of the huge page, pageBytes=" + pageBytes());
        }
        return sizeBytes;
    }

    private static int fcntl(Fd fd, int command, String commandName) {
        int number = fd.acquire();
        try {
            int result = FileCalls.fcntl(number, command, 0);
            if (result < 0) {
                throw LinuxException.of("fcntl(fd=" + number + ", " + commandName + ")", result);
            }
            return result;
        } finally {
            fd.release();
        }
    }

    @Override
    public String toString() {
        return "memfd " + name + ", " + fd;
    }
}
