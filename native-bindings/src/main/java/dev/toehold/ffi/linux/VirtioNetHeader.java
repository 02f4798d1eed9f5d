package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/** What goes before each frame of a {@link TapDevice}: which of its sums and of its segmentation is left to the other side. */
public final class VirtioNetHeader {
    public static final int BYTES = (int) VirtioNetHdrDescriptor.SIZE;

    /** {@link #flags}: the sum from {@link #checksumStart} to the end is to be put at {@link #checksumOffset} behind it. */
    public static final int NEEDS_CHECKSUM = TunH.VIRTIO_NET_HDR_F_NEEDS_CSUM;

    /** {@link #flags}: the sum was verified. */
    public static final int DATA_VALID = TunH.VIRTIO_NET_HDR_F_DATA_VALID;

    /** {@link #segmentation}: the frame is one packet. */
    public static final int SEGMENTATION_NONE = TunH.VIRTIO_NET_HDR_GSO_NONE;

    public static final int SEGMENTATION_TCP4 = TunH.VIRTIO_NET_HDR_GSO_TCPV4;
    public static final int SEGMENTATION_TCP6 = TunH.VIRTIO_NET_HDR_GSO_TCPV6;

    private VirtioNetHeader() {}

    public static int flags(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(JAVA_BYTE, offset + VirtioNetHdrDescriptor.FLAGS_OFFSET));
    }

    /** One of the above; the flag of ECN is left out, since it only restricts hardware. */
    public static int segmentation(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(JAVA_BYTE, offset + VirtioNetHdrDescriptor.GSO_TYPE_OFFSET))
                & ~TunH.VIRTIO_NET_HDR_GSO_ECN;
    }

    /** Payload bytes of each packet that the frame is to become. */
    public static int segmentLength(MemorySegment memory, long offset) {
        return unsignedShort(memory, offset + VirtioNetHdrDescriptor.GSO_SIZE_OFFSET);
    }

    /** Bytes from the beginning of the frame. */
    public static int checksumStart(MemorySegment memory, long offset) {
        return unsignedShort(memory, offset + VirtioNetHdrDescriptor.CSUM_START_OFFSET);
    }

    /** Bytes from {@link #checksumStart}. */
    public static int checksumOffset(MemorySegment memory, long offset) {
        return unsignedShort(memory, offset + VirtioNetHdrDescriptor.CSUM_OFFSET_OFFSET);
    }

    /** Writes the header of a frame that is one packet. */
    public static void write(MemorySegment memory, long offset, int flags, int checksumStart, int checksumOffset) {
        memory.set(JAVA_BYTE, offset + VirtioNetHdrDescriptor.FLAGS_OFFSET, (byte) flags);
        memory.set(JAVA_BYTE, offset + VirtioNetHdrDescriptor.GSO_TYPE_OFFSET, (byte) SEGMENTATION_NONE);
        memory.set(JAVA_SHORT_UNALIGNED, offset + VirtioNetHdrDescriptor.HDR_LEN_OFFSET, (short) 0);
        memory.set(JAVA_SHORT_UNALIGNED, offset + VirtioNetHdrDescriptor.GSO_SIZE_OFFSET, (short) 0);
        memory.set(JAVA_SHORT_UNALIGNED, offset + VirtioNetHdrDescriptor.CSUM_START_OFFSET, (short) checksumStart);
        memory.set(JAVA_SHORT_UNALIGNED, offset + VirtioNetHdrDescriptor.CSUM_OFFSET_OFFSET, (short) checksumOffset);
    }

    private static int unsignedShort(MemorySegment memory, long offset) {
        return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, offset));
    }
}
