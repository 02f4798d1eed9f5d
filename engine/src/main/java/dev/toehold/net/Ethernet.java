package dev.toehold.net;

import java.lang.foreign.MemorySegment;

/**
 * Ethernet II header, and one IEEE 802.1Q tag behind the addresses.
 *
 * <pre>
 *  0              6              12          14
 *  +--------------+--------------+-----------+
 *  | destination  | source       | EtherType |
 *  +--------------+--------------+-----------+
 * </pre>
 *
 * A MAC address is the low 48 bits of a long, first byte on the wire highest.
 */
public final class Ethernet {
    public static final int HEADER_LENGTH = 14;

    /** The shortest frame, without the checksum that the hardware adds (IEEE 802.3 section 3.2.8). */
    public static final int MIN_FRAME_LENGTH = 60;

    /** Tag control information and the EtherType behind it. */
    public static final int VLAN_TAG_LENGTH = 4;

    public static final int TYPE_IPV4 = 0x0800;
    public static final int TYPE_ARP = 0x0806;
    public static final int TYPE_VLAN = 0x8100;
    public static final int TYPE_IPV6 = 0x86DD;

    private static final int SOURCE = 6;
    private static final int TYPE = 12;

    private Ethernet() {}

    public static long destination(MemorySegment memory, long offset) {
        return Wire.u48(memory, offset);
    }

    public static long source(MemorySegment memory, long offset) {
        return Wire.u48(memory, offset + SOURCE);
    }

    /** The EtherType, or the tag protocol identifier of a tagged frame. */
    public static int etherType(MemorySegment memory, long offset) {
        return Wire.u16(memory, offset + TYPE);
    }

    /** Writes an untagged header of {@link #HEADER_LENGTH} bytes and returns the offset behind it. */
    public static long write(MemorySegment memory, long offset, long destination, long source, int etherType) {
        Wire.put48(memory, offset, destination);
        Wire.put48(memory, offset + SOURCE, source);
        Wire.put16(memory, offset + TYPE, etherType);
        return offset + HEADER_LENGTH;
    }

    /**
     * Writes a header with an 802.1Q tag when {@code vlanTci} is not negative, as {@link ParsedPacket#vlanTci()} gives it, and
     * an untagged one otherwise. Returns the offset behind it.
     */
    public static long write(
            MemorySegment memory, long offset, long destination, long source, int vlanTci, int etherType) {
        if (vlanTci < 0) {
            return write(memory, offset, destination, source, etherType);
        }
        long tag = write(memory, offset, destination, source, TYPE_VLAN);
        Wire.put16(memory, tag, vlanTci);
        Wire.put16(memory, tag + 2, etherType);
        return tag + VLAN_TAG_LENGTH;
    }
}
