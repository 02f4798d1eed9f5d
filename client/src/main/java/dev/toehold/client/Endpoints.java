package dev.toehold.client;

import dev.toehold.abi.ControlBody;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Between Java's addresses and the contract's two big-endian halves; IPv4 as ::ffff:a.b.c.d. */
final class Endpoints {
    private static final long V4_PREFIX = 0xffff_0000_0000L;
    private static final long V4_MASK = 0xffff_ffffL;

    private Endpoints() {}

    static long high(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4 || address.isAnyLocalAddress()
                ? 0
                : ByteBuffer.wrap(bytes).getLong();
    }

    /** Both halves of a wildcard are 0, that of IPv4 too. */
    static long low(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (address.isAnyLocalAddress()) {
            return 0;
        }
        return bytes.length == 4
                ? V4_PREFIX | (ByteBuffer.wrap(bytes).getInt() & V4_MASK)
                : ByteBuffer.wrap(bytes).getLong(Long.BYTES);
    }

    static InetAddress address(long high, long low) {
        byte[] bytes = high == 0 && (low & ~V4_MASK) == V4_PREFIX
                ? ByteBuffer.allocate(4).putInt((int) low).array()
                : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e); // 4 and 16 bytes are always an address
        }
    }

    static InetAddress address(ControlBody.Address address) {
        return address(address.high(), address.low());
    }

    static InetSocketAddress checkResolved(InetSocketAddress address) throws UnknownHostException {
        if (address.isUnresolved()) {
            throw new UnknownHostException(address.getHostString() + ": the name does not resolve to an address");
        }
        return address;
    }
}
