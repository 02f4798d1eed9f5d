package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;

/** {@code struct ethtool_get_features_block} of {@code linux/ethtool.h}: 32 features, a bit each. */
final class EthtoolFeaturesBlockDescriptor {
    static final StructLayout LAYOUT = structLayout(
                    INT.withName("available"),
                    INT.withName("requested"),
                    INT.withName("active"),
                    INT.withName("never_changed"))
            .withName("struct ethtool_get_features_block");

    static final long AVAILABLE_OFFSET = LAYOUT.byteOffset(groupElement("available"));
    static final long REQUESTED_OFFSET = LAYOUT.byteOffset(groupElement("requested"));
    static final long ACTIVE_OFFSET = LAYOUT.byteOffset(groupElement("active"));
    static final long NEVER_CHANGED_OFFSET = LAYOUT.byteOffset(groupElement("never_changed"));
    static final long SIZE = LAYOUT.byteSize();

    private EthtoolFeaturesBlockDescriptor() {}
}
