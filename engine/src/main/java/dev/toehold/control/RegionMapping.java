package dev.toehold.control;

import dev.toehold.abi.ResultCode;
import dev.toehold.ffi.linux.Fd;
import dev.toehold.ffi.linux.LinuxException;
import dev.toehold.ffi.linux.Mapping;
import dev.toehold.ffi.linux.MemFd;
import dev.toehold.ffi.linux.Seal;
import dev.toehold.placement.Region;

/**
 * Memory of a client, checked and mapped. After the checks no access within {@code length} can fault: the file is a memfd that
 * cannot shrink, with memory behind every byte. (Huge pages are the exception that the policy must allow.)
 */
final class RegionMapping implements AutoCloseable {
    private final Region region;
    private final Mapping mapping;
    private final boolean isLocked;
    private final CopyRegions copyRegions;
    private final String cpuReason;

    private RegionMapping(Region region, Mapping mapping, boolean isLocked, CopyRegions copyRegions, String cpuReason) {
        this.region = region;
        this.mapping = mapping;
        this.isLocked = isLocked;
        this.copyRegions = copyRegions;
        this.cpuReason = cpuReason;
    }

    /**
     * Maps the first {@code length} bytes of a descriptor that a client sent; the descriptor stays the caller's.
     *
     * @param mayUseHugePages the owner is trusted not to take pages away
     * @throws RequestRefusedException saying what does not fit
     */
    static RegionMapping map(Fd fd, int id, long length, boolean mayUseHugePages, CopyRegions copyRegions)
            throws RequestRefusedException {
        MemFd memory = adopt(fd);
        if (memory.isHugetlb() && !mayUseHugePages) {
            throw new RequestRefusedException(
                    ResultCode.DENIED,
                    "region=" + id
                            + " lies in huge pages: use a memfd without MFD_HUGETLB, or have huge-pages in [[policy]]");
        }
        // SHRINK first: once it is there, what is seen of size and allocation cannot get less.
        if (!memory.seals().contains(Seal.SHRINK)) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "region=" + id + " can shrink: seal the memfd with F_SEAL_SHRINK");
        }
        long size = memory.sizeBytes();
        if (size < length) {
            throw new RequestRefusedException(
                    ResultCode.INVALID, "region=" + id + " length=" + length + ", the memfd has sizeBytes=" + size);
        }
        if (!memory.isFullyAllocated()) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "region=" + id + " has holes, allocatedBytes=" + memory.allocatedBytes() + " of sizeBytes=" + size
                            + ": allocate it with fallocate");
        }
        return mapChecked(fd, id, length, mayUseHugePages, copyRegions);
    }

    private static RegionMapping mapChecked(Fd fd, int id, long length, boolean isTrusted, CopyRegions copyRegions)
            throws RequestRefusedException {
        Mapping mapping = null;
        try {
            mapping = Mapping.map(fd, 0, length, Mapping.Access.READ_WRITE);
            mapping.prefault();
            boolean isLocked = mapping.lock().isLocked();
            String cpuReason = copyRegions.open(mapping.segment(), isLocked, isTrusted);
            boolean isForCopyEngine = copyRegions.isThere() && cpuReason.isEmpty();
            return new RegionMapping(
                    new Region(id, mapping.segment(), isForCopyEngine), mapping, isLocked, copyRegions, cpuReason);
        } catch (LinuxException e) {
            if (mapping != null) {
                mapping.close();
            }
            throw new RequestRefusedException(
                    ResultCode.LIMIT, "region=" + id + " length=" + length + ": " + e.getMessage());
        }
    }

    private static MemFd adopt(Fd fd) throws RequestRefusedException {
        try {
            return MemFd.adopt(fd);
        } catch (IllegalArgumentException e) {
            throw new RequestRefusedException(
                    ResultCode.INVALID,
                    "a region is a memfd: " + e.getMessage() + "; files and other memory cannot be sealed");
        }
    }

    Region region() {
        return region;
    }

    /** Whether the kernel promised to keep it from being swapped out. */
    boolean isLocked() {
        return isLocked;
    }

    /** Why the CPU copies there though there is a copy engine; empty if it does not, or there is none. */
    String cpuReason() {
        return cpuReason;
    }

    /** Unmaps. Nothing in the engine may refer to it any more. */
    @Override
    public void close() {
        if (region.isForCopyEngine()) {
            copyRegions.close(mapping.segment());
        }
        mapping.close();
    }
}
