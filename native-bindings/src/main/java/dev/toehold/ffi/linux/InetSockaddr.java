package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** {@code sockaddr_in} and {@code sockaddr_in6}; an IPv4 address on an IPv6 socket is its mapped form there. */
final class InetSockaddr {
    private static final int MAPPED_PREFIX_BYTES = 12;

    private InetSockaddr() {}

    /** Room for either. */
    static MemorySegment allocate(Arena arena) {
        return arena.allocate(SockaddrIn6Descriptor.LAYOUT);
    }

    /** @param family of the socket that it is for */
    static MemorySegment of(Arena arena, int family, InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        short port = Short.reverseBytes((short) address.getPort());
        if (family == SocketH.AF_INET) {
            if (bytes.length != Integer.BYTES) {
                throw new IllegalArgumentException("address=" + address + ": the socket is of IPv4");
            }
            MemorySegment sockaddr = arena.allocate(SockaddrInDescriptor.LAYOUT);
            sockaddr.set(JAVA_SHORT, SockaddrInDescriptor.FAMILY_OFFSET, (short) family);
            sockaddr.set(JAVA_SHORT, SockaddrInDescriptor.PORT_OFFSET, port);
            MemorySegment.copy(bytes, 0, sockaddr, JAVA_BYTE, SockaddrInDescriptor.ADDR_OFFSET, bytes.length);
            return sockaddr;
        }
        MemorySegment sockaddr = allocate(arena);
        sockaddr.set(JAVA_SHORT, SockaddrIn6Descriptor.FAMILY_OFFSET, (short) SocketH.AF_INET6);
        sockaddr.set(JAVA_SHORT, SockaddrIn6Descriptor.PORT_OFFSET, port);
        long at = SockaddrIn6Descriptor.ADDR_OFFSET;
        if (bytes.length == Integer.BYTES) {
            sockaddr.set(JAVA_SHORT, at + MAPPED_PREFIX_BYTES - Short.BYTES, (short) -1);
            at += MAPPED_PREFIX_BYTES;
        } else {
            int scope = ((Inet6Address) address.getAddress()).getScopeId();
            sockaddr.set(JAVA_INT, SockaddrIn6Descriptor.SCOPE_ID_OFFSET, scope);
        }
        MemorySegment.copy(bytes, 0, sockaddr, JAVA_BYTE, at, bytes.length);
        return sockaddr;
    }

    /** What the kernel filled in; a mapped address as IPv4. */
    static InetSocketAddress parse(MemorySegment sockaddr) {
        int family = sockaddr.get(JAVA_SHORT, SockaddrInDescriptor.FAMILY_OFFSET);
        int port = Short.toUnsignedInt(Short.reverseBytes(sockaddr.get(JAVA_SHORT, SockaddrInDescriptor.PORT_OFFSET)));
        boolean isIpv4 = family == SocketH.AF_INET;
        if (!isIpv4 && family != SocketH.AF_INET6) {
            throw new IllegalArgumentException("family=" + family + ": neither IPv4 nor IPv6");
        }
        byte[] bytes = sockaddr.asSlice(
                        isIpv4 ? SockaddrInDescriptor.ADDR_OFFSET : SockaddrIn6Descriptor.ADDR_OFFSET,
                        isIpv4 ? Integer.BYTES : 2 * Long.BYTES)
                .toArray(JAVA_BYTE);
        try {
            InetAddress address = InetAddress.getByAddress(bytes); // mapped ones become IPv4
            int scope = isIpv4 ? 0 : sockaddr.get(JAVA_INT, SockaddrIn6Descriptor.SCOPE_ID_OFFSET);
            return new InetSocketAddress(scope == 0 ? address : Inet6Address.getByAddress(null, bytes, scope), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
