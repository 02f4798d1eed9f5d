package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the kernel has enough free hugepages. EAL starts once per process, so the answer must be right before. */
final class HugePages {
    private static final Path SYSFS = Path.of("/sys/kernel/mm/hugepages");
    /** Page sizes that DPDK uses on amd64 and arm64, largest first. */
    private static final long[] PAGE_BYTES = {1L << 30, 2L << 20};

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS_HUGETLB = 0x02 | 0x20 | 0x40000;
    private static final int MAP_HUGE_SHIFT = 26;

    private HugePages() {}

    /** Null if {@code bytes} can be had in hugepages, else why not and what to do. */
    static String shortage(final long bytes) {
        return shortage(SYSFS, bytes, true);
    }

    static String shortage(final Path sysfs, final long bytes, final boolean reserve) {
        final StringBuilder seen = new StringBuilder();
        for (final long pageBytes : PAGE_BYTES) {
            final long needed = (bytes + pageBytes - 1) / pageBytes;
            final long free = free(sysfs, pageBytes);
            if (free >= needed && (!reserve || canReserve(needed * pageBytes, pageBytes))) {
                return null;
            }
            seen.append(seen.isEmpty() ? "" : " and ")
                    .append(Math.max(free, 0))
                    .append(" free pages of ")
                    .append(pageBytes >> 20)
                    .append(" MB");
        }
        final long pages = (bytes + (2L << 20) - 1) / (2L << 20);
        return "memory=" + (bytes >> 20) + " MB needs hugepages, but there are " + seen + "; to have them: echo "
                + pages + " > " + sysfs.resolve("hugepages-2048kB/nr_hugepages");
    }

    private static long free(final Path sysfs, final long pageBytes) {
        final Path file = sysfs.resolve("hugepages-" + (pageBytes >> 10) + "kB/free_hugepages");
        final Path reserved = sysfs.resolve("hugepages-" + (pageBytes >> 10) + "kB/resv_hugepages");
        try {
            return readLong(file) - readLong(reserved);
        } catch (final IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static long readLong(final Path file) throws IOException {
        final List<String> lines = Files.readAllLines(file);
        return lines.isEmpty() ? 0 : Long.parseLong(lines.get(0).strip());
    }

    /** Reserves the pages and gives them back: a container may see the host's counts and yet be refused. */
    private static boolean canReserve(final long bytes, final long pageBytes) {
        final Linker linker = Linker.nativeLinker();
        final MethodHandle mmap = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("mmap"),
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
        final MethodHandle munmap = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("munmap"), FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));
        final int flags = MAP_PRIVATE_ANONYMOUS_HUGETLB | Long.numberOfTrailingZeros(pageBytes) << MAP_HUGE_SHIFT;
        try {
            final long address = (long) mmap.invokeExact(0L, bytes, PROT_READ_WRITE, flags, -1, 0L);
            if (address == -1L) {
                return false;
            }
            return (int) munmap.invokeExact(address, bytes) == 0;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }
}
