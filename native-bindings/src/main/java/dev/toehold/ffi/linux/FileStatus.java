package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What {@code statx} says about a file at one moment.
 *
 * @param mode type and permission bits
 * @param inode number of the inode, unique in its device
 * @param sizeBytes length of the file
 * @param allocatedBytes storage that belongs to it; less than {@code sizeBytes}: it has holes
 * @param deviceMajor of the file system
 * @param deviceMinor of the file system
 */
record FileStatus(int mode, long inode, long sizeBytes, long allocatedBytes, int deviceMajor, int deviceMinor) {
    /** {@code stx_blocks} counts these, whatever the file system's block size. */
    private static final long BLOCK_BYTES = 512;

    static FileStatus of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(StatxDescriptor.LAYOUT);
            int number = fd.acquire();
            try {
                int result = FileCalls.statx(
                        number, arena.allocateFrom(""), FcntlH.AT_EMPTY_PATH, FcntlH.STATX_BASIC_STATS, statx);
                if (result < 0) {
                    throw LinuxException.of("statx(fd=" + number + ")", result);
                }
                return read(statx);
            } finally {
                fd.release();
            }
        }
    }

    /** Of a path, not following a symbolic link at its end. */
    static FileStatus of(String path) {
        Check.path(path);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statx = arena.allocate(StatxDescriptor.LAYOUT);
            int result = FileCalls.statx(
                    FcntlH.AT_FDCWD,
                    arena.allocateFrom(path),
                    FcntlH.AT_SYMLINK_NOFOLLOW,
                    FcntlH.STATX_BASIC_STATS,
                    statx);
            if (result < 0) {
                throw LinuxException.of("statx(path=" + path + ")", result);
            }
            return read(statx);
        }
    }

    boolean isRegular() {
        return (mode & FcntlH.S_IFMT) == FcntlH.S_IFREG;
    }

    boolean isSocket() {
        return (mode & FcntlH.S_IFMT) == FcntlH.S_IFSOCK;
    }

    boolean isSameFile(FileStatus other) {
        return inode == other.inode && deviceMajor == other.deviceMajor && deviceMinor == other.deviceMinor;
    }

    /** {@code f_type} and block size of the file system that holds {@code fd}. */
    static FileSystem fileSystem(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment statfs = arena.allocate(StatfsDescriptor.LAYOUT);
            int number = fd.acquire();
            try {
                int result = FileCalls.fstatfs(number, statfs);
                if (result < 0) {
                    throw LinuxException.of("fstatfs(fd=" + number + ")", result);
                }
                return new FileSystem(
                        statfs.get(JAVA_LONG, StatfsDescriptor.TYPE_OFFSET),
                        statfs.get(JAVA_LONG, StatfsDescriptor.BSIZE_OFFSET));
            } finally {
                fd.release();
            }
        }
    }

    private static FileStatus read(MemorySegment statx) {
        return new FileStatus(
                Short.toUnsignedInt(statx.get(JAVA_SHORT, StatxDescriptor.MODE_OFFSET)),
                statx.get(JAVA_LONG, StatxDescriptor.INO_OFFSET),
                statx.get(JAVA_LONG, StatxDescriptor.SIZE_OFFSET),
                statx.get(JAVA_LONG, StatxDescriptor.BLOCKS_OFFSET) * BLOCK_BYTES,
                statx.get(JAVA_INT, StatxDescriptor.DEV_MAJOR_OFFSET),
                statx.get(JAVA_INT, StatxDescriptor.DEV_MINOR_OFFSET));
    }

    /** A file system's magic number and its block size: on hugetlbfs, the huge page's. */
    record FileSystem(long type, long blockBytes) {}
}
