package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_drvinfo} of {@code linux/ethtool.h}. */
final class EthtoolDrvinfoDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("cmd"),
                    sequenceLayout(32, JAVA_BYTE).withName("driver"),
                    sequenceLayout(32, JAVA_BYTE).withName("version"),
                    sequenceLayout(32, JAVA_BYTE).withName("fw_version"),
                    sequenceLayout(32, JAVA_BYTE).withName("bus_info"),
                    sequenceLayout(32, JAVA_BYTE).withName("erom_version"),
                    sequenceLayout(12, JAVA_BYTE).withName("reserved2"),
                    INT.withName("n_priv_flags"),
                    INT.withName("n_stats"),
                    INT.withName("testinfo_len"),
                    INT.withName("eedump_len"),
                    INT.withName("regdump_len"))
            .withName("struct ethtool_drvinfo");

    static final long CMD_OFFSET = LAYOUT.byteOffset(groupElement("cmd"));
    static final long DRIVER_OFFSET = LAYOUT.byteOffset(groupElement("driver"));
    static final long BUS_INFO_OFFSET = LAYOUT.byteOffset(groupElement("bus_info"));
    static final int STRING_BYTES = 32;

    private EthtoolDrvinfoDescriptor() {}
}
