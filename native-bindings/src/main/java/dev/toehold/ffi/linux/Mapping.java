package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A shared mapping of (part of) a file: readable, perhaps writable, never executable.
 *
 * <p>{@link #segment()} is exactly as long as was asked for and of the global scope: any thread may use it, and an access
 * costs a bounds check and nothing more. The price: nothing notices an access after {@link #close}, which is the
 * caller's bug and may hit whatever lies there then. Whoever closes must know that no thread uses the segment or a
 * slice of it any more.
 */
public final class Mapping implements AutoCloseable {
    /** How the memory may be used. */
    public enum Access {
        READ_ONLY,
        READ_WRITE
    }

    private static final long PAGE_BYTES = MemoryCalls.pageSize();

    private final MemorySegment segment;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Mapping(MemorySegment segment) {
        this.segment = segment;
    }

    /** Size of an ordinary page of this machine. */
    public static long pageBytes() {
        return PAGE_BYTES;
    }

    /**
     * Maps {@code length} bytes of the file from {@code offset} on. The mapping keeps the file's memory alive by itself:
     * the descriptor may be closed.
     *
     * @param offset multiple of the page size (of the huge page on hugetlbfs)
     * @param length 1 or more, on hugetlbfs a multiple of the huge page; {@code offset + length} within the file, because an access beyond its end raises SIGBUS
     */
    public static Mapping map(Fd fd, long offset, long length, Access access) {
        Check.positive("length", length);
        Check.range("offset", offset, 0, Long.MAX_VALUE - length);
        FileStatus.FileSystem fileSystem = FileStatus.fileSystem(fd);
        boolean hugetlb = fileSystem.type() == FcntlH.HUGETLBFS_MAGIC;
        long pageBytes = hugetlb ? fileSystem.blockBytes() : PAGE_BYTES;
        if (offset % pageBytes != 0 || (hugetlb && length % pageBytes != 0)) {
            throw new IllegalArgumentException(
                    "offset=" + offset + ", length=" + length + ": not aligned to pageBytes=" + pageBytes);
        }
        long size = FileStatus.of(fd).sizeBytes();
        if (offset + length > size) {
            throw new IllegalArgumentException(
                    "offset=" + offset + ", length=" + length + ": beyond the file's end, sizeBytes=" + size);
        }
        int protection = access == Access.READ_WRITE ? MmanH.PROT_READ | MmanH.PROT_WRITE : MmanH.PROT_READ;
        int number = fd.acquire();
        long address;
        try {
            address = MemoryCalls.mmap(length, protection, MmanH.MAP_SHARED, number, offset);
            if (address < 0) {
                throw LinuxException.of(
                        "mmap(fd=" + number + ", offset=" + offset + ", length=" + length + ", " + access + ")",
                        address,
                        Errno.ENOMEM.is(address) ? "free memory, or raise the sysctl vm.max_map_count" : "");
            }
        } finally {
            fd.release();
        }
        MemorySegment segment = MemorySegment.ofAddress(address).reinterpret(length);
        return new Mapping(access == Access.READ_WRITE ? segment : segment.asReadOnly());
    }

    /**
     * The mapped bytes.
     *
     * @throws IllegalStateException once closed
     */
    public MemorySegment segment() {
        if (closed.get()) {
            throw new IllegalStateException("mapping at 0x" + Long.toHexString(segment.address()) + " is closed");
        }
        return segment;
    }

    /**
     * The mapped bytes with the lifetime of an arena: once that is closed, an access is refused with an exception instead of
     * hitting whatever lies there. Close the arena before the mapping. For memory that is handed to users.
     *
     * @throws IllegalStateException once closed
     */
    public MemorySegment segment(Arena arena) {
        MemorySegment scoped = segment().reinterpret(arena, null);
        return segment.isReadOnly() ? scoped.asReadOnly() : scoped;
    }

    public long length() {
        return segment.byteSize();
    }

    /**
     * Brings in every page, writable ones writable, so that no later access waits for a page fault.
     *
     * @throws LinuxException ENOMEM if there is no memory for a page, EFAULT if an access would raise SIGBUS
     */
    public void prefault() {
        MemorySegment bytes = segment();
        int advice = bytes.isReadOnly() ? MmanH.MADV_POPULATE_READ : MmanH.MADV_POPULATE_WRITE;
        int result = MemoryCalls.madvise(bytes.address(), pageRounded(), advice);
        if (Errno.EINVAL.is(result)) {
            touchPages(bytes); // before Linux 5.14
        } else if (result < 0) {
            throw LinuxException.of("madvise(length=" + bytes.byteSize() + ", MADV_POPULATE)", result);
        }
    }

    /**
     * Tries to keep the pages from being swapped out (mlock(2)): best effort, the mapping works without.
     *
     * @return whether it worked and, if not, why and what to do
     */
    public LockResult lock() {
        int result = MemoryCalls.mlock(segment().address(), pageRounded());
        if (result == 0) {
            return LockResult.LOCKED;
        }
        return new LockResult(
                false,
                "mlock(length=" + length() + "): " + Errno.describe(-result)
                        + "; raise the limit (ulimit -l) or grant CAP_IPC_LOCK");
    }

    /**
     * Unmaps. Idempotent. No thread may still use the memory.
     *
     * @throws LinuxException if the kernel refuses; the memory is then still mapped
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        int result = MemoryCalls.munmap(segment.address(), length());
        if (result < 0) {
            closed.set(false);
            throw LinuxException.of("munmap(length=" + length() + ")", result);
        }
    }

    private long pageRounded() {
        return (length() + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    }

    /** What {@link #prefault} does without MADV_POPULATE: it changes no byte. */
    static void touchPages(MemorySegment bytes) {
        var handle = ValueLayout.JAVA_BYTE.varHandle();
        for (long offset = 0; offset < bytes.byteSize(); offset += PAGE_BYTES) {
            var _ = (byte) handle.getVolatile(bytes, offset);
        }
    }

    /**
     * Outcome of {@link #lock}.
     *
     * @param isLocked whether all pages are locked
     * @param reason empty, or the error and what to do about it
     */
    public record LockResult(boolean isLocked, String reason) {
        static final LockResult LOCKED = new LockResult(true, "");
    }
}
