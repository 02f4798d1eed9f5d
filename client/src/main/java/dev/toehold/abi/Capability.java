package dev.toehold.abi;

/** What an engine can do, as bits; a client may require some in its HELLO. */
public final class Capability {
    /** Provided buffers. */
    public static final long PROVIDED_BUFFERS = 1L;
    /** IPv4. */
    public static final long IPV4 = 1L << 1;
    /** IPv6. */
    public static final long IPV6 = 1L << 2;
    /** The port computes or checks TCP checksums. */
    public static final long CHECKSUM_OFFLOAD = 1L << 3;
    /** The port segments (TSO). */
    public static final long SEGMENTATION_OFFLOAD = 1L << 4;
    /** The port spreads connections over lcores by itself (RSS). */
    public static final long RECEIVE_SIDE_SCALING = 1L << 5;
    /** A copy engine places payload. */
    public static final long COPY_ENGINE = 1L << 6;
    /** Established kernel connections can be offloaded and handed back. */
    public static final long HAND_OVER = 1L << 7;
    /** Connections survive a restart of the engine. */
    public static final long RESUME = 1L << 8;

    private Capability() {}
}
