package dev.toehold.ffi.dpdk;

import java.lang.foreign.MemorySegment;

/**
 * The fields of {@code struct rte_mbuf} by the mbuf's address, which must have come from a burst, a ring or a pool and
 * not have been freed. Lengths and offsets are bytes.
 *
 * <pre>
 *  buf_addr        data_off                  data_off + data_len        buf_len
 *  |  headroom     |  data                   |  tailroom                |
 * </pre>
 */
public final class Mbuf {
    /** Bytes in front of the data of a fresh mbuf. */
    public static final int HEADROOM;

    /** Most segments of one packet. */
    public static final int MAX_SEGMENTS;

    /** Receive flags: the port has verified the IPv4 header checksum, or found it bad. */
    public static final long RX_IP_CKSUM_MASK;

    public static final long RX_IP_CKSUM_GOOD;
    public static final long RX_IP_CKSUM_BAD;

    /** Receive flags: the port has verified the TCP or UDP checksum, or found it bad. */
    public static final long RX_L4_CKSUM_MASK;

    public static final long RX_L4_CKSUM_GOOD;
    public static final long RX_L4_CKSUM_BAD;

    /** The checksum field is not the sum, but the data is known to be intact: a virtual peer left it out. */
    public static final long RX_L4_CKSUM_NONE;

    public static final long RX_RSS_HASH;
    public static final long RX_VLAN_STRIPPED;

    /**
     * Transmit flags: what the port is to fill in; with them go {@link #txOffload} and {@code TX_IPV4} or {@code
     * TX_IPV6}.
     */
    public static final long TX_IP_CKSUM;

    public static final long TX_TCP_CKSUM;
    public static final long TX_UDP_CKSUM;
    public static final long TX_TCP_SEG;
    public static final long TX_IPV4;
    public static final long TX_IPV6;

    /** Bytes of the structure itself. */
    public static final int SIZE;

    static final int BUF_ADDR;
    static final int BUF_LEN;
    static final int DATA_OFF;
    static final int POOL;
    static final int REFCNT;
    static final int NB_SEGS;

    private static final int PORT;
    private static final int OL_FLAGS;
    private static final int PACKET_TYPE;
    private static final int PKT_LEN;
    private static final int DATA_LEN;
    private static final int VLAN_TCI;
    private static final int HASH;
    private static final int VLAN_TCI_OUTER;
    private static final int NEXT;
    private static final int TX_OFFLOAD;
    private static final int L3_SHIFT;
    private static final int L4_SHIFT;
    private static final int TSO_SHIFT;
    private static final int PORT_INVALID;
    private static final long EXTERNAL;

    static {
        final DpdkLayout layout = Dpdk.structures();
        SIZE = layout.sizeof("rte_mbuf");
        BUF_ADDR = layout.offset("rte_mbuf.buf_addr", 8);
        BUF_LEN = layout.offset("rte_mbuf.buf_len", 2);
        DATA_OFF = layout.offset("rte_mbuf.data_off", 2);
        POOL = layout.offset("rte_mbuf.pool", 8);
        REFCNT = layout.offset("rte_mbuf.refcnt", 2);
        NB_SEGS = layout.offset("rte_mbuf.nb_segs", 2);
        PORT = layout.offset("rte_mbuf.port", 2);
        OL_FLAGS = layout.offset("rte_mbuf.ol_flags", 8);
        PACKET_TYPE = layout.offset("rte_mbuf.packet_type", 4);
        PKT_LEN = layout.offset("rte_mbuf.pkt_len", 4);
        DATA_LEN = layout.offset("rte_mbuf.data_len", 2);
        VLAN_TCI = layout.offset("rte_mbuf.vlan_tci", 2);
        // The RSS hash is the first 32 bits of the union.
        HASH = layout.offset("rte_mbuf.hash", 8);
        VLAN_TCI_OUTER = layout.offset("rte_mbuf.vlan_tci_outer", 2);
        NEXT = layout.offset("rte_mbuf.next", 8);
        TX_OFFLOAD = layout.offset("rte_mbuf.tx_offload", 8);
        L3_SHIFT = layout.intConstant("RTE_MBUF_L2_LEN_BITS");
        L4_SHIFT = L3_SHIFT + layout.intConstant("RTE_MBUF_L3_LEN_BITS");
        TSO_SHIFT = L4_SHIFT + layout.intConstant("RTE_MBUF_L4_LEN_BITS");
        PORT_INVALID = layout.intConstant("RTE_MBUF_PORT_INVALID");
        EXTERNAL = layout.constant("RTE_MBUF_F_EXTERNAL");
        HEADROOM = layout.intConstant("RTE_PKTMBUF_HEADROOM");
        MAX_SEGMENTS = layout.intConstant("RTE_MBUF_MAX_NB_SEGS");
        RX_IP_CKSUM_MASK = layout.constant("RTE_MBUF_F_RX_IP_CKSUM_MASK");
        RX_IP_CKSUM_GOOD = layout.constant("RTE_MBUF_F_RX_IP_CKSUM_GOOD");
        RX_IP_CKSUM_BAD = layout.constant("RTE_MBUF_F_RX_IP_CKSUM_BAD");
        RX_L4_CKSUM_MASK = layout.constant("RTE_MBUF_F_RX_L4_CKSUM_MASK");
        RX_L4_CKSUM_GOOD = layout.constant("RTE_MBUF_F_RX_L4_CKSUM_GOOD");
        RX_L4_CKSUM_BAD = layout.constant("RTE_MBUF_F_RX_L4_CKSUM_BAD");
        RX_L4_CKSUM_NONE = layout.constant("RTE_MBUF_F_RX_L4_CKSUM_NONE");
        RX_RSS_HASH = layout.constant("RTE_MBUF_F_RX_RSS_HASH");
        RX_VLAN_STRIPPED = layout.constant("RTE_MBUF_F_RX_VLAN_STRIPPED");
        TX_IP_CKSUM = layout.constant("RTE_MBUF_F_TX_IP_CKSUM");
        TX_TCP_CKSUM = layout.constant("RTE_MBUF_F_TX_TCP_CKSUM");
        TX_UDP_CKSUM = layout.constant("RTE_MBUF_F_TX_UDP_CKSUM");
        TX_TCP_SEG = layout.constant("RTE_MBUF_F_TX_TCP_SEG");
        TX_IPV4 = layout.constant("RTE_MBUF_F_TX_IPV4");
        TX_IPV6 = layout.constant("RTE_MBUF_F_TX_IPV6");
    }

    private Mbuf() {}

    /** Bytes of data in this segment. */
    public static int dataLength(final long mbuf) {
        return Memory.getShort(mbuf + DATA_LEN);
    }

    /** Bytes of the whole packet, over all its segments; kept in the first segment. */
    public static int packetLength(final long mbuf) {
        return Memory.getInt(mbuf + PKT_LEN);
    }

    /** Segments of the packet; kept in the first segment. */
    public static int segmentCount(final long mbuf) {
        return Memory.getShort(mbuf + NB_SEGS);
    }

    /** The packet's next segment, 0 after the last. */
    public static long next(final long mbuf) {
        return Memory.getLong(mbuf + NEXT);
    }

    /** Id of the port that received the packet. */
    public static int port(final long mbuf) {
        return Memory.getShort(mbuf + PORT);
    }

    /** Notes a port for whoever takes the mbuf next, 0 to 65535; drivers that send do not look at it. */
    public static void port(final long mbuf, final int port) {
        Memory.putShort(mbuf + PORT, port);
    }

    public static long offloadFlags(final long mbuf) {
        return Memory.getLong(mbuf + OL_FLAGS);
    }

    public static void offloadFlags(final long mbuf, final long flags) {
        Memory.putLong(mbuf + OL_FLAGS, flags);
    }

    /** The RSS hash, if {@link #RX_RSS_HASH} is set. */
    public static int rssHash(final long mbuf) {
        return Memory.getInt(mbuf + HASH);
    }

    /** The VLAN tag that the port took off, if {@link #RX_VLAN_STRIPPED} is set. */
    public static int vlanTci(final long mbuf) {
        return Memory.getShort(mbuf + VLAN_TCI);
    }

    /**
     * Holds a reference more: it takes one more free before the mbuf is its pool's again. For mbufs of which all references are held on
     * one lcore.
     */
    public static void retain(final long mbuf) {
        Memory.putShort(mbuf + REFCNT, Memory.getShort(mbuf + REFCNT) + 1);
    }

    /** Gives up a reference that is not the last one; the pool's own free does so by itself. */
    public static void release(final long mbuf) {
        Memory.putShort(mbuf + REFCNT, Memory.getShort(mbuf + REFCNT) - 1);
    }

    /** References held; the mbuf is free for writing only at 1. */
    public static int referenceCount(final long mbuf) {
        return Memory.getShort(mbuf + REFCNT);
    }

    /** Bytes of the buffer, headroom included. */
    public static int bufferLength(final long mbuf) {
        return Memory.getShort(mbuf + BUF_LEN);
    }

    public static int dataOffset(final long mbuf) {
        return Memory.getShort(mbuf + DATA_OFF);
    }

    /** Bytes in front of the data. */
    public static int headroom(final long mbuf) {
        return dataOffset(mbuf);
    }

    /** Bytes behind the data. */
    public static int tailroom(final long mbuf) {
        return bufferLength(mbuf) - dataOffset(mbuf) - dataLength(mbuf);
    }

    /** Address of the data's first byte. */
    public static long dataAddress(final long mbuf) {
        return Memory.getLong(mbuf + BUF_ADDR) + dataOffset(mbuf);
    }

    /**
     * This segment's data, bounded. For the control path and for short methods: where the compiler does not see the
     * segment's whole life it is an object per call. {@link PktMbufPool#memory} never is. It outlives the mbuf
     * unchecked; do not keep it.
     */
    public static MemorySegment data(final long mbuf) {
        return Memory.segment(dataAddress(mbuf), dataLength(mbuf));
    }

    /** From the data's first byte to the end of the buffer: where a packet is built before {@link #setLength}. */
    public static MemorySegment room(final long mbuf) {
        final int offset = dataOffset(mbuf);
        return Memory.segment(Memory.getLong(mbuf + BUF_ADDR) + offset, bufferLength(mbuf) - (long) offset);
    }

    /** The whole buffer, headroom included. */
    public static MemorySegment buffer(final long mbuf) {
        return Memory.segment(Memory.getLong(mbuf + BUF_ADDR), bufferLength(mbuf));
    }

    /**
     * Makes memory of this process's own an mbuf, for a pool that is not DPDK's; {@link #reset} must follow. No DPDK
     * function may get to see it.
     *
     * @param mbuf address of {@link #SIZE} bytes of zeros, 64-aligned
     * @param buffer address of its buffer
     * @param length bytes of the buffer, headroom included, at most 65535
     */
    public static void initialise(final long mbuf, final long buffer, final int length) {
        Memory.putLong(mbuf + BUF_ADDR, buffer);
        Memory.putShort(mbuf + BUF_LEN, length);
        Memory.putShort(mbuf + REFCNT, 1);
    }

    /** Makes an mbuf as a pool gives it: one empty segment with full headroom ({@code rte_pktmbuf_reset}). */
    public static void reset(final long mbuf) {
        Memory.putLong(mbuf + NEXT, 0);
        Memory.putInt(mbuf + PKT_LEN, 0);
        Memory.putLong(mbuf + TX_OFFLOAD, 0);
        Memory.putShort(mbuf + VLAN_TCI, 0);
        Memory.putShort(mbuf + VLAN_TCI_OUTER, 0);
        Memory.putShort(mbuf + NB_SEGS, 1);
        Memory.putShort(mbuf + PORT, PORT_INVALID);
        Memory.putLong(mbuf + OL_FLAGS, Memory.getLong(mbuf + OL_FLAGS) & EXTERNAL);
        Memory.putInt(mbuf + PACKET_TYPE, 0);
        Memory.putShort(mbuf + DATA_OFF, Math.min(HEADROOM, bufferLength(mbuf)));
        Memory.putShort(mbuf + DATA_LEN, 0);
    }

    /**
     * Sets the length of a packet of one segment.
     *
     * @return false, changing nothing, if it is negative, exceeds the room or the packet has more segments
     */
    public static boolean setLength(final long mbuf, final int length) {
        if (length < 0 || length > bufferLength(mbuf) - dataOffset(mbuf) || next(mbuf) != 0) {
            return false;
        }
        Memory.putShort(mbuf + DATA_LEN, length);
        Memory.putInt(mbuf + PKT_LEN, length);
        return true;
    }

    /**
     * Grows the data at its front ({@code rte_pktmbuf_prepend}), in the first segment.
     *
     * @return false, changing nothing, if the headroom is too small
     */
    public static boolean prepend(final long mbuf, final int length) {
        final int offset = dataOffset(mbuf);
        final int dataLength = dataLength(mbuf);
        if (length < 0 || length > offset || dataLength + length > 0xffff) {
            return false;
        }
        Memory.putShort(mbuf + DATA_OFF, offset - length);
        Memory.putShort(mbuf + DATA_LEN, dataLength + length);
        Memory.putInt(mbuf + PKT_LEN, packetLength(mbuf) + length);
        return true;
    }

    /**
     * Shortens the data at its front ({@code rte_pktmbuf_adj}), in the first segment.
     *
     * @return false, changing nothing, if the segment has less data
     */
    public static boolean adjust(final long mbuf, final int length) {
        final int dataLength = dataLength(mbuf);
        if (length < 0 || length > dataLength) {
            return false;
        }
        Memory.putShort(mbuf + DATA_OFF, dataOffset(mbuf) + length);
        Memory.putShort(mbuf + DATA_LEN, dataLength - length);
        Memory.putInt(mbuf + PKT_LEN, packetLength(mbuf) - length);
        return true;
    }

    /**
     * Grows the data at its end ({@code rte_pktmbuf_append}), in the last segment.
     *
     * @return address of the first byte added, 0 if the tailroom is too small
     */
    public static long append(final long mbuf, final int length) {
        final long last = lastSegment(mbuf);
        if (length < 0 || length > tailroom(last)) {
            return 0;
        }
        final int dataLength = dataLength(last);
        Memory.putShort(last + DATA_LEN, dataLength + length);
        Memory.putInt(mbuf + PKT_LEN, packetLength(mbuf) + length);
        return dataAddress(last) + dataLength;
    }

    /**
     * Shortens the data at its end ({@code rte_pktmbuf_trim}), in the last segment.
     *
     * @return false, changing nothing, if that segment has less data
     */
    public static boolean trim(final long mbuf, final int length) {
        final long last = lastSegment(mbuf);
        final int dataLength = dataLength(last);
        if (length < 0 || length > dataLength) {
            return false;
        }
        Memory.putShort(last + DATA_LEN, dataLength - length);
        Memory.putInt(mbuf + PKT_LEN, packetLength(mbuf) - length);
        return true;
    }

    /**
     * Appends packet {@code tail} to packet {@code head}, which owns it from then on ({@code rte_pktmbuf_chain}).
     *
     * @return false, changing nothing, if the packet would have too many segments
     */
    public static boolean chain(final long head, final long tail) {
        final int segments = segmentCount(head) + segmentCount(tail);
        if (segments > MAX_SEGMENTS) {
            return false;
        }
        Memory.putLong(lastSegment(head) + NEXT, tail);
        Memory.putShort(head + NB_SEGS, segments);
        Memory.putInt(head + PKT_LEN, packetLength(head) + packetLength(tail));
        return true;
    }

    /** The last segment of a packet; at most {@link #segmentCount} steps. */
    public static long lastSegment(final long mbuf) {
        long segment = mbuf;
        for (int remaining = segmentCount(mbuf) - 1; remaining > 0; remaining--) {
            final long next = next(segment);
            if (next == 0) {
                break;
            }
            segment = next;
        }
        return segment;
    }

    /**
     * Header lengths for transmit offloads, and the payload bytes per segment for {@link #TX_TCP_SEG} (else 0).
     *
     * @param l2Length Ethernet header, below 128
     * @param l3Length IP header, below 512
     * @param l4Length TCP header, below 256
     */
    public static void txOffload(
            final long mbuf, final int l2Length, final int l3Length, final int l4Length, final int segmentSize) {
        Memory.putLong(
                mbuf + TX_OFFLOAD,
                l2Length
                        | (long) l3Length << L3_SHIFT
                        | (long) l4Length << L4_SHIFT
                        | (long) (segmentSize & 0xffff) << TSO_SHIFT);
    }
}
