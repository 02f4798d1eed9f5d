package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * A kernel socket of TCP as another stack looks at it before it goes on with the connection: everything here only asks,
 * but {@link #repair}, which needs CAP_NET_ADMIN in the user namespace that owns the socket's network namespace. The descriptor stays its
 * owner's. One thread at a time.
 */
public final class TcpSocket {
    private static final int ULP_NAME_BYTES = 16;

    private final Fd fd;
    private final int family;

    private TcpSocket(Fd fd, int family) {
        this.fd = fd;
        this.family = family;
    }

    /**
     * Looks at a descriptor.
     *
     * @throws IllegalArgumentException if it is no socket of TCP over IPv4 or IPv6: MPTCP, UDP, a file; the message says which
     */
    public static TcpSocket of(Fd fd) {
        int family;
        int protocol;
        try {
            family = SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_DOMAIN);
            protocol = SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_PROTOCOL);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOTSOCK)) {
                throw new IllegalArgumentException(fd + ": not a socket", e);
            }
            throw e;
        }
        if ((family != SocketH.AF_INET && family != SocketH.AF_INET6) || protocol != TcpH.IPPROTO_TCP) {
            // MPTCP has a protocol number of its own, 262, even where it has fallen back to plain TCP.
            throw new IllegalArgumentException(
                    fd + ": not a socket of TCP, but of family=" + family + ", protocol=" + protocol);
        }
        return new TcpSocket(fd, family);
    }

    Fd fd() {
        return fd;
    }

    /** AF_INET or AF_INET6. */
    int family() {
        return family;
    }

    public TcpInfo info() {
        return TcpInfo.of(fd);
    }

    public InetSocketAddress localAddress() {
        return address("getsockname", SocketCalls::getsockname);
    }

    /**
     * The peer's.
     *
     * @throws LinuxException ENOTCONN
     */
    public InetSocketAddress remoteAddress() {
        return address("getpeername", SocketCalls::getpeername);
    }

    private interface AddressCall {
        int call(int fd, MemorySegment address, MemorySegment length);
    }

    private InetSocketAddress address(String name, AddressCall call) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = InetSockaddr.allocate(arena);
            int result = call.call(number, address, arena.allocateFrom(JAVA_INT, (int) address.byteSize()));
            if (result < 0) {
                throw LinuxException.of(name + "(fd=" + number + ")", result);
            }
            return InetSockaddr.parse(address);
        } finally {
            fd.release();
        }
    }

    /** Name of the protocol that lies over it, such as {@code "tls"}; empty for plain TCP. */
    public String upperProtocol() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(ULP_NAME_BYTES);
            int length = SocketOptions.get(fd, TcpH.IPPROTO_TCP, TcpH.TCP_ULP, name);
            byte[] bytes =
                    name.asSlice(0, Math.clamp(length, 0, ULP_NAME_BYTES)).toArray(JAVA_BYTE);
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.indexOf('\0');
            return end < 0 ? text : text.substring(0, end);
        }
    }

    /** Where peeking begins (SO_PEEK_OFF), -1 = at the front as usual. */
    public int peekOffset() {
        return SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_PEEK_OFF);
    }

    public void peekOffset(int offset) {
        Check.range("offset", offset, -1, Integer.MAX_VALUE);
        SocketOptions.setInt(fd, SocketH.SOL_SOCKET, TcpH.SO_PEEK_OFF, offset);
    }

    /** Whether MSG_ZEROCOPY may be used on it: then the kernel may owe notifications. */
    public boolean isZeroCopy() {
        return SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_ZEROCOPY) != 0;
    }

    /** Bytes received in order that nobody has read. */
    public int receiveQueueBytes() {
        return queued(TcpH.SIOCINQ, "SIOCINQ");
    }

    /** Bytes (and a FIN) that the peer has not acknowledged: those in flight and those not sent yet. */
    public int sendQueueBytes() {
        return queued(TcpH.SIOCOUTQ, "SIOCOUTQ");
    }

    /** Those of {@link #sendQueueBytes} that were never sent. */
    public int unsentBytes() {
        return queued(TcpH.SIOCOUTQNSD, "SIOCOUTQNSD");
    }

    private int queued(int request, String name) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(JAVA_INT);
            int result = SocketCalls.ioctl(number, request, bytes);
            if (result < 0) {
                throw LinuxException.of("ioctl(fd=" + number + ", " + name + ")", result);
            }
            return bytes.get(JAVA_INT, 0);
        } finally {
            fd.release();
        }
    }

    public boolean isAddressReused() {
        return SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_REUSEADDR) != 0;
    }

    public void reuseAddress(boolean on) {
        SocketOptions.setInt(fd, SocketH.SOL_SOCKET, TcpH.SO_REUSEADDR, on ? 1 : 0);
    }

    /** Which buffer sizes were set by hand, so that the kernel no longer tunes them (SO_BUF_LOCK): bit 0 send, bit 1 receive. */
    public int bufferLocks() {
        return SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_BUF_LOCK);
    }

    public void bufferLocks(int locks) {
        Check.range("locks", locks, 0, 3);
        SocketOptions.setInt(fd, SocketH.SOL_SOCKET, TcpH.SO_BUF_LOCK, locks);
    }

    /** Size of the receive buffer with the kernel's own overhead in it, as getsockopt gives it. */
    public int receiveBufferBytes() {
        return SocketOptions.getInt(fd, SocketH.SOL_SOCKET, TcpH.SO_RCVBUF);
    }

    /**
     * Freezes the connection for repair.
     *
     * @throws LinuxException EPERM without CAP_NET_ADMIN, or if it listens
     */
    public TcpRepair repair() {
        return TcpRepair.begin(this);
    }

    @Override
    public String toString() {
        return fd.toString();
    }
}
