package dev.toehold.ffi.linux;

/** Values of {@code fcntl.h}, {@code linux/memfd.h} and {@code sys/stat.h}, by their C names. */
final class FcntlH {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_ACCMODE = 3;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int O_NOFOLLOW = Native.AARCH64 ? 0x8000 : 0x20000;

    static final int F_GETFD = 1;
    static final int F_GETFL = 3;
    static final int F_SETFL = 4;
    static final int F_DUPFD_CLOEXEC = 1030;
    static final int F_ADD_SEALS = 1033;
    static final int F_GET_SEALS = 1034;
    static final int F_OFD_GETLK = 36;
    static final int F_OFD_SETLK = 37;

    static final int F_SEAL_SEAL = 1;
    static final int F_SEAL_SHRINK = 2;
    static final int F_SEAL_GROW = 4;
    static final int F_SEAL_WRITE = 8;
    static final int F_SEAL_FUTURE_WRITE = 16;

    static final int LOCK_EX = 2;
    static final short F_WRLCK = 1;
    static final short F_UNLCK = 2;
    static final short SEEK_SET = 0;

    static final int MFD_CLOEXEC = 1;
    static final int MFD_ALLOW_SEALING = 2;
    static final int MFD_HUGETLB = 4;
    static final int MFD_HUGE_2MB = 21 << 26;
    static final int MFD_HUGE_1GB = 30 << 26;

    static final int AT_FDCWD = -100;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int STATX_BASIC_STATS = 0x7ff;

    static final int S_IFMT = 0xf000;
    static final int S_IFREG = 0x8000;
    static final int S_IFSOCK = 0xc000;

    static final long TMPFS_MAGIC = 0x01021994L;
    static final long HUGETLBFS_MAGIC = 0x958458f6L;
    static final long NSFS_MAGIC = 0x6e736673L;

    private FcntlH() {}
}
