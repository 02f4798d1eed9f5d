package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.StructLayout;

/** {@code struct statx} of {@code sys/stat.h}: unlike {@code struct stat}, the same on every architecture. */
final class StatxDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("stx_mask"),
                    INT.withName("stx_blksize"),
                    LONG.withName("stx_attributes"),
                    INT.withName("stx_nlink"),
                    INT.withName("stx_uid"),
                    INT.withName("stx_gid"),
                    JAVA_SHORT.withName("stx_mode"),
                    paddingLayout(2),
                    LONG.withName("stx_ino"),
                    LONG.withName("stx_size"),
                    LONG.withName("stx_blocks"),
                    paddingLayout(72),
                    INT.withName("stx_rdev_major"),
                    INT.withName("stx_rdev_minor"),
                    INT.withName("stx_dev_major"),
                    INT.withName("stx_dev_minor"),
                    paddingLayout(112))
            .withName("struct statx");

    static final long MODE_OFFSET = LAYOUT.byteOffset(groupElement("stx_mode"));
    static final long INO_OFFSET = LAYOUT.byteOffset(groupElement("stx_ino"));
    static final long SIZE_OFFSET = LAYOUT.byteOffset(groupElement("stx_size"));
    static final long BLOCKS_OFFSET = LAYOUT.byteOffset(groupElement("stx_blocks"));
    static final long DEV_MAJOR_OFFSET = LAYOUT.byteOffset(groupElement("stx_dev_major"));
    static final long DEV_MINOR_OFFSET = LAYOUT.byteOffset(groupElement("stx_dev_minor"));

    private StatxDescriptor() {}
}
