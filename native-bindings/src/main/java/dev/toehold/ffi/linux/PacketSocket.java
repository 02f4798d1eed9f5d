package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Whole Ethernet frames of one interface (packet(7)), in batches, without blocking. It receives what comes in, for whatever
 * address, not what goes out; and sends past the queueing discipline. Needs CAP_NET_RAW, and CAP_NET_ADMIN for the size of its buffer.
 * One thread at a time.
 */
public final class PacketSocket implements AutoCloseable {
    private static final int MAX_BUFFER_BYTES = 1 << 29;
    private static final String REMEDY = "CAP_NET_RAW and CAP_NET_ADMIN are needed";

    private final Fd fd;
    private final MemorySegment callState = Native.newCallState();

    private PacketSocket(Fd fd) {
        this.fd = fd;
    }

    /**
     * Opens one on an interface of the calling thread's network namespace.
     *
     * @param interfaceIndex as {@link Link#index} says
     * @param receiveBufferBytes of frames and the kernel's records of them; beyond it frames are dropped and counted
     */
    public static PacketSocket open(int interfaceIndex, int receiveBufferBytes) {
        Check.range("interfaceIndex", interfaceIndex, 1, Integer.MAX_VALUE);
        Check.range("receiveBufferBytes", receiveBufferBytes, 1, MAX_BUFFER_BYTES);
        // Protocol 0 receives nothing: no frame of another interface can come before bind.
        int type = SocketH.SOCK_RAW | SocketH.SOCK_NONBLOCK | SocketH.SOCK_CLOEXEC;
        int result = SocketCalls.socket(PacketH.AF_PACKET, type, 0);
        if (result < 0) {
            throw LinuxException.of("socket(AF_PACKET)", result, REMEDY);
        }
        Fd fd = Fd.opened(result);
        try {
            SocketOptions.setInt(fd, SocketH.SOL_SOCKET, PacketH.SO_RCVBUFFORCE, receiveBufferBytes);
            SocketOptions.setInt(fd, PacketH.SOL_PACKET, PacketH.PACKET_IGNORE_OUTGOING, 1);
            SocketOptions.setInt(fd, PacketH.SOL_PACKET, PacketH.PACKET_QDISC_BYPASS, 1);
            bind(fd, interfaceIndex);
            return new PacketSocket(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    private static void bind(Fd fd, int interfaceIndex) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(SockaddrLlDescriptor.LAYOUT);
            address.set(JAVA_SHORT, SockaddrLlDescriptor.FAMILY_OFFSET, (short) PacketH.AF_PACKET);
            short protocol = Short.reverseBytes((short) PacketH.ETH_P_ALL); // both platforms are little-endian
            address.set(JAVA_SHORT, SockaddrLlDescriptor.PROTOCOL_OFFSET, protocol);
            address.set(JAVA_INT, SockaddrLlDescriptor.IFINDEX_OFFSET, interfaceIndex);
            int result = SocketCalls.bind(number, address, (int) address.byteSize());
            if (result < 0) {
                throw LinuxException.of("bind(AF_PACKET, interfaceIndex=" + interfaceIndex + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    /** To wait for. */
    public Fd fd() {
        return fd;
    }

    /**
     * Receives frames that have come, into the first entries of a batch.
     *
     * @param count most frames, their entries set
     * @return how many came, 0 if none has, or if the interface went down: that is said once
     */
    public int receive(FrameBatch batch, int count) {
        MemorySegment messages = batch.messages(0, count);
        int number = fd.acquire();
        try {
            int flags = SocketH.MSG_DONTWAIT | SocketH.MSG_TRUNC;
            int result = SocketCalls.recvmmsg(callState, number, messages, count, flags);
            if (result >= 0) {
                return result;
            }
            if (Errno.EAGAIN.is(result) || Errno.EINTR.is(result) || Errno.ENETDOWN.is(result)) {
                return 0;
            }
            throw LinuxException.of("recvmmsg(fd=" + number + ", AF_PACKET)", result);
        } finally {
            fd.release();
        }
    }

    /**
     * Sends frames.
     *
     * @param from entry of the first
     * @return how many went; fewer than asked for: the next one found no room, or the interface refused it
     */
    public int send(FrameBatch batch, int from, int count) {
        MemorySegment messages = batch.messages(from, count);
        int number = fd.acquire();
        try {
            int result = SocketCalls.sendmmsg(callState, number, messages, count, SocketH.MSG_DONTWAIT);
            if (result >= 0) {
                return result;
            }
            if (isRefusal(result)) {
                return 0;
            }
            throw LinuxException.of("sendmmsg(fd=" + number + ", AF_PACKET)", result);
        } finally {
            fd.release();
        }
    }

    private static boolean isRefusal(int result) {
        return Errno.EAGAIN.is(result)
                || Errno.EINTR.is(result)
                || Errno.ENOBUFS.is(result)
                || Errno.ENETDOWN.is(result)
                || Errno.EMSGSIZE.is(result);
    }

    /** How many frames came and were dropped for want of room since this was last asked. */
    public long takeDropCount() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stats = arena.allocate(TpacketStatsDescriptor.LAYOUT);
            SocketOptions.get(fd, PacketH.SOL_PACKET, PacketH.PACKET_STATISTICS, stats);
            return Integer.toUnsignedLong(stats.get(JAVA_INT, TpacketStatsDescriptor.DROPS_OFFSET));
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
