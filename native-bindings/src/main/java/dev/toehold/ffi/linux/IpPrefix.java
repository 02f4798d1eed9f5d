package dev.toehold.ffi.linux;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An IPv4 or IPv6 address with a prefix length: an interface's address with its network, or a route's destination.
 *
 * @param address all bits, those beyond the prefix included
 * @param length 0 to 32 or 0 to 128
 */
public record IpPrefix(InetAddress address, int length) {
    private static final int IPV6_BYTES = 16;

    public IpPrefix {
        Check.range("length", length, 0, address.getAddress().length * Byte.SIZE);
    }

    /** Of the form {@code 10.0.0.2/24} or {@code fd00::2/64}; without a slash, all bits. Never asks DNS. */
    public static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        try {
            InetAddress address = InetAddress.ofLiteral(literal);
            // The JDK reads 10.0.1 as 10.0.0.1, as BSD did: a slip of the pen more likely than a wish.
            if (address instanceof Inet4Address && !literal.equals(address.getHostAddress())) {
                throw new IllegalArgumentException("not four decimal numbers");
            }
            return slash < 0
                    ? host(address)
                    : new IpPrefix(address, Integer.parseInt(text, slash + 1, text.length(), 10));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "prefix=" + text + ": not of the form 10.0.0.2/24 or fd00::2/64 (" + e.getMessage() + ")", e);
        }
    }

    /** The address alone: all its bits. */
    public static IpPrefix host(InetAddress address) {
        return new IpPrefix(address, address.getAddress().length * Byte.SIZE);
    }

    public boolean isIpv6() {
        return address instanceof Inet6Address;
    }

    /** Of 4 or 16 bytes in wire order; 16 bytes stay IPv6 even if they map an IPv4 address. */
    static InetAddress address(byte[] bytes) {
        try {
            return bytes.length == IPV6_BYTES
                    ? Inet6Address.getByAddress(null, bytes, -1)
                    : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("length=" + bytes.length + ": an address has 4 or 16 bytes", e);
        }
    }

    static int family(InetAddress address) {
        return address instanceof Inet4Address ? SocketH.AF_INET : SocketH.AF_INET6;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + length;
    }
}
