package dev.toehold.abi;

import java.util.ArrayList;
import java.util.List;

/**
 * What an engine and its ports can do, as bits. A client may require some in its HELLO, and is refused with INCOMPATIBLE and the
 * names of the missing ones. The bits of an engine are its own and those that all of its ports have; {@link ControlMessage#WELCOME}
 * tells those of each port too.
 */
public final class Capability {
    /** Provided buffers. */
    public static final long PROVIDED_BUFFERS = 1L;
    /** The engine has an IPv4 address. */
    public static final long IPV4 = 1L << 1;
    /** The engine has an IPv6 address. */
    public static final long IPV6 = 1L << 2;
    /** The port computes TCP checksums of what is sent and checks those of what comes. */
    public static final long CHECKSUM_OFFLOAD = 1L << 3;
    /** The port cuts large segments into small ones (TSO). */
    public static final long SEGMENTATION_OFFLOAD = 1L << 4;
    /** The port spreads connections over lcores by itself (RSS). */
    public static final long RECEIVE_SIDE_SCALING = 1L << 5;
    /** A copy engine places payload. */
    public static final long COPY_ENGINE = 1L << 6;
    /** Established kernel connections can be offloaded and handed back. */
    public static final long HAND_OVER = 1L << 7;
    /** Connections survive a restart of the engine. */
    public static final long RESUME = 1L << 8;
    /** The port joins segments that come to large ones (LRO). */
    public static final long LARGE_RECEIVE_OFFLOAD = 1L << 9;
    /** The port sends a packet from several pieces of memory. */
    public static final long MULTI_SEGMENT_TRANSMIT = 1L << 10;
    /** The port puts headers and payload into different memory. */
    public static final long BUFFER_SPLIT = 1L << 11;

    private static final String[] NAMES = {
        "provided-buffers",
        "ipv4",
        "ipv6",
        "checksum-offload",
        "segmentation-offload",
        "receive-side-scaling",
        "copy-engine",
        "hand-over",
        "resume",
        "large-receive-offload",
        "multi-segment-transmit",
        "buffer-split"
    };

    /** Names of the bits, the lowest first; a bit without a meaning is named by its number, such as {@code bit-63}. */
    public static List<String> names(long capabilities) {
        List<String> names = new ArrayList<>();
        for (long rest = capabilities; rest != 0; rest &= rest - 1) {
            int bit = Long.numberOfTrailingZeros(rest);
            names.add(bit < NAMES.length ? NAMES[bit] : "bit-" + bit);
        }
        return names;
    }

    private Capability() {}
}
