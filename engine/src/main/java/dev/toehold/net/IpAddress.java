package dev.toehold.net;

import java.net.Inet4Address;

/**
 * An IP address of either family as 128 bits in network order; IPv4 takes the IPv4-mapped form {@code ::ffff:a.b.c.d}, which
 * on the wire belongs to nobody, so that equality of the two longs is equality of addresses.
 *
 * <p>The static functions on (hi, lo) allocate nothing unless they return text; the record is for configuration and tools.
 */
public record IpAddress(long hi, long lo) {
    public static final IpAddress UNSPECIFIED4 = new IpAddress(0, mapped(0));
    public static final IpAddress UNSPECIFIED6 = new IpAddress(0, 0);

    /** Upper half of link-local addresses, fe80::/64. */
    public static final long LINK_LOCAL_HI = 0xFE80_0000_0000_0000L;

    /** Upper half of link-scope multicast groups, ff02::/64. */
    public static final long LINK_MULTICAST_HI = 0xFF02_0000_0000_0000L;

    private static final long MAPPED = 0xFFFF_0000_0000L;
    private static final long SOLICITED_NODE_LO = 0x1_FF00_0000L;
    private static final long IPV6_MULTICAST_MAC = 0x3333_0000_0000L;
    private static final long IPV4_MULTICAST_MAC = 0x0100_5E00_0000L;

    /** Reads an address as {@link IpAddressText} describes it; never asks a resolver. */
    public static IpAddress parse(String text) {
        return IpAddressText.parse(text);
    }

    /** The address in the JDK's form, as sockets and their options give it. */
    public static IpAddress of(java.net.InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address instanceof Inet4Address) {
            return new IpAddress(0, mapped((int) bigEndian(bytes, 0, 4)));
        }
        return new IpAddress(bigEndian(bytes, 0, 8), bigEndian(bytes, 8, 8));
    }

    public static IpAddress ofIpv4(int address) {
        return new IpAddress(0, mapped(address));
    }

    /** Text of an address: dotted quad, or RFC 5952. */
    public static String format(long hi, long lo) {
        return IpAddressText.format(hi, lo);
    }

    /** Lower half of the mapped form of an IPv4 address; the upper half is 0. */
    public static long mapped(int ipv4) {
        return MAPPED | (ipv4 & 0xFFFF_FFFFL);
    }

    public static boolean isIpv4(long hi, long lo) {
        return hi == 0 && (lo >>> 32) == 0xFFFF;
    }

    /** 0.0.0.0 or ::. */
    public static boolean isUnspecified(long hi, long lo) {
        return hi == 0 && (lo == 0 || lo == MAPPED);
    }

    /** 224.0.0.0/4 or ff00::/8, and the limited broadcast 255.255.255.255: everything meant for more than one host. */
    public static boolean isMulticast(long hi, long lo) {
        if (isIpv4(hi, lo)) {
            return ((int) lo >>> 28) == 0xE || (int) lo == -1;
        }
        return (hi >>> 56) == 0xFF;
    }

    /** 127.0.0.0/8 or ::1. */
    public static boolean isLoopback(long hi, long lo) {
        return isIpv4(hi, lo) ? ((int) lo >>> 24) == 127 : hi == 0 && lo == 1;
    }

    /** 169.254.0.0/16 or fe80::/10. */
    public static boolean isLinkLocal(long hi, long lo) {
        return isIpv4(hi, lo) ? ((int) lo >>> 16) == 0xA9FE : (hi >>> 54) == 0x3FA;
    }

    /** Lower half of the solicited-node group of an IPv6 address (RFC 4291 section 2.7.1); see {@link #LINK_MULTICAST_HI}. */
    public static long solicitedNodeLo(long lo) {
        return SOLICITED_NODE_LO | (lo & 0xFF_FFFF);
    }

    /** Ethernet group of a multicast address (RFC 1112 section 6.4, RFC 2464 section 7), or broadcast for 255.255.255.255. */
    public static long multicastMac(long hi, long lo) {
        if (!isIpv4(hi, lo)) {
            return IPV6_MULTICAST_MAC | (lo & 0xFFFF_FFFFL);
        }
        return (int) lo == -1 ? MacAddress.BROADCAST : IPV4_MULTICAST_MAC | (lo & 0x7F_FFFF);
    }

    /** Lower half of the link-local address that a MAC address implies (modified EUI-64, RFC 4291 appendix A). */
    public static long eui64(long mac) {
        long vendor = (mac >>> 24) ^ 0x02_0000;
        return (vendor << 40) | 0xFF_FE00_0000L | (mac & 0xFF_FFFF);
    }

    /** The link-local address that a MAC address implies. */
    public static IpAddress linkLocal(long mac) {
        return new IpAddress(LINK_LOCAL_HI, eui64(mac));
    }

    public boolean isIpv4() {
        return isIpv4(hi, lo);
    }

    /** 4 or 6. */
    public int family() {
        return isIpv4() ? 4 : 6;
    }

    /** The 32 bits of an IPv4 address; meaningless for IPv6. */
    public int ipv4() {
        return (int) lo;
    }

    public boolean isUnspecified() {
        return isUnspecified(hi, lo);
    }

    public boolean isMulticast() {
        return isMulticast(hi, lo);
    }

    public boolean isLinkLocal() {
        return isLinkLocal(hi, lo);
    }

    /** 4 or 16 bytes in network order. */
    public byte[] toBytes() {
        byte[] bytes = new byte[isIpv4() ? 4 : 16];
        for (int i = 0; i < bytes.length; i++) {
            int fromEnd = bytes.length - 1 - i;
            long half = fromEnd >= 8 ? hi : lo;
            bytes[i] = (byte) (half >>> ((fromEnd & 7) * 8));
        }
        return bytes;
    }

    @Override
    public String toString() {
        return format(hi, lo);
    }

    private static long bigEndian(byte[] bytes, int from, int count) {
        long value = 0;
        for (int i = from; i < from + count; i++) {
            value = (value << 8) | (bytes[i] & 0xFF);
        }
        return value;
    }
}
