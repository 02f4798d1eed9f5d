package dev.toehold.net;

/**
 * What {@link PacketParser} found: a class of packet from 0 up, or a reason to drop it below 0.
 *
 * <p>{@code ~result} of a drop reason indexes an array of {@link #DROP_COUNT} counters.
 */
public final class ParseResult {
    public static final int TCP4 = 0;
    public static final int TCP6 = 1;
    public static final int ARP = 2;
    public static final int ICMP4 = 3;
    public static final int ICMP6 = 4;

    /** A fragment of an IPv4 datagram; {@link ParsedPacket#l4Offset()} is where its part of the payload begins. */
    public static final int FRAGMENT4 = 5;

    /** A fragment of an IPv6 packet; {@link ParsedPacket#l4Offset()} is behind the fragment header. */
    public static final int FRAGMENT6 = 6;

    /** A well-formed frame of no interest here: for the kernel's exception path, or nobody. */
    public static final int OTHER = 7;

    public static final int CLASS_COUNT = 8;

    /** The frame ends before its headers or the IP length do. */
    public static final int DROP_TRUNCATED = ~0;

    /** IP version, header length or total length contradict each other. */
    public static final int DROP_BAD_IP_HEADER = ~1;

    public static final int DROP_BAD_IP_CHECKSUM = ~2;

    /** A source that no packet may have, or an IPv4-mapped address on the wire (RFC 1122 section 3.2.1.3, RFC 4291). */
    public static final int DROP_BAD_ADDRESS = ~3;

    /** Extension headers that are malformed, too many or too long, or ask for a treatment that the engine refuses. */
    public static final int DROP_BAD_EXTENSION = ~4;

    /** The IP payload is shorter than the transport header. */
    public static final int DROP_BAD_L4_LENGTH = ~5;

    /** TCP's data offset is below 5 or points beyond the segment. */
    public static final int DROP_BAD_TCP_OFFSET = ~6;

    /** ARP that is not for IPv4 over Ethernet, or neither request nor reply. */
    public static final int DROP_BAD_ARP = ~7;

    public static final int DROP_COUNT = 8;

    private static final String[] CLASS_NAMES = {
        "tcp4", "tcp6", "arp", "icmp4", "icmp6", "fragment4", "fragment6", "other"
    };
    private static final String[] DROP_NAMES = {
        "truncated",
        "bad-ip-header",
        "bad-ip-checksum",
        "bad-address",
        "bad-extension",
        "bad-l4-length",
        "bad-tcp-offset",
        "bad-arp"
    };

    private ParseResult() {}

    public static boolean isDrop(int result) {
        return result < 0;
    }

    public static boolean isTcp(int result) {
        return (result & ~1) == 0;
    }

    /** A stable lower-case name, for counters and captures. */
    public static String name(int result) {
        return result < 0 ? DROP_NAMES[~result] : CLASS_NAMES[result];
    }
}
