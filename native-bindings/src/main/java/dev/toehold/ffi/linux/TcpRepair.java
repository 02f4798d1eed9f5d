package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;

/**
 * A TCP socket under repair (TCP_REPAIR of tcp(7), as checkpointing uses it): the state of its connection can be read and set, and
 * connecting or closing it sends nothing.
 *
 * <p>Repair stops neither the receiver nor the timers: what arrives is still queued and acknowledged, keepalives and retransmissions are
 * still sent. So whoever reads the state must first keep the peer's segments away from the socket, and must not leave it connected for long:
 * {@link #park} ends that.
 *
 * <p>One thread at a time.
 */
public final class TcpRepair {
    /** Both queues of a connection; the numbers are the kernel's. */
    public enum Queue {
        RECEIVE(TcpH.TCP_RECV_QUEUE),
        SEND(TcpH.TCP_SEND_QUEUE);

        private final int number;

        Queue(int number) {
            this.number = number;
        }
    }

    private final TcpSocket socket;
    private final Fd fd;

    private TcpRepair(TcpSocket socket) {
        this.socket = socket;
        fd = socket.fd();
    }

    static TcpRepair begin(TcpSocket socket) {
        try {
            set(socket.fd(), TcpH.TCP_REPAIR, TcpH.TCP_REPAIR_ON);
        } catch (LinuxException e) {
            if (e.is(Errno.EPERM)) {
                throw LinuxException.of(
                        e.call(), -e.errno(), "CAP_NET_ADMIN is needed, and a socket that does not listen");
            }
            throw e;
        }
        return new TcpRepair(socket);
    }

    public TcpSocket socket() {
        return socket;
    }

    /**
     * Ends the repair: the socket lives again.
     *
     * @param isProbing whether a window probe is sent at once, to which the peer answers with its window
     */
    public void end(boolean isProbing) {
        // This also sets SO_REUSEADDR to 0.
        set(fd, TcpH.TCP_REPAIR, isProbing ? TcpH.TCP_REPAIR_OFF : TcpH.TCP_REPAIR_OFF_NO_WP);
    }

    /** Of the receive queue: the next byte expected (RCV.NXT); of the send queue: the next one that would be written. */
    public int sequence(Queue queue) {
        return in(queue, () -> SocketOptions.getInt(fd, TcpH.IPPROTO_TCP, TcpH.TCP_QUEUE_SEQ));
    }

    /** Sets where a queue of a closed socket begins. */
    public void sequence(Queue queue, int sequence) {
        in(queue, () -> {
            set(fd, TcpH.TCP_QUEUE_SEQ, sequence);
            return 0;
        });
    }

    /**
     * Copies what is in a queue, from its first byte on; the queue stays as it is.
     *
     * @return bytes copied, fewer than {@code length} if the queue has no more
     */
    public int peek(Queue queue, MemorySegment into, long offset, int length) {
        MemorySegment room = slice(into, offset, length);
        return length == 0 ? 0 : in(queue, () -> peek(room));
    }

    private int peek(MemorySegment room) {
        int number = fd.acquire();
        try {
            long result = SocketCalls.recv(
                    Native.callState(), number, room, room.byteSize(), TcpH.MSG_PEEK | SocketH.MSG_DONTWAIT);
            if (Errno.EAGAIN.is(result)) {
                return 0;
            }
            if (result < 0) {
                throw LinuxException.of("recv(fd=" + number + ", length=" + room.byteSize() + ", MSG_PEEK)", result);
            }
            return (int) result;
        } finally {
            fd.release();
        }
    }

    /**
     * Puts bytes into a queue of a connected socket: received and unread, or sent and not acknowledged. Nothing is sent.
     *
     * @return bytes taken, perhaps fewer than {@code length}: offer the others again, in smaller pieces if none was taken
     */
    public int append(Queue queue, MemorySegment from, long offset, int length) {
        MemorySegment data = slice(from, offset, length);
        return length == 0 ? 0 : in(queue, () -> append(data));
    }

    private int append(MemorySegment data) {
        int number = fd.acquire();
        try {
            long result = SocketCalls.send(number, data, data.byteSize(), SocketH.MSG_DONTWAIT | SocketH.MSG_NOSIGNAL);
            if (Errno.EAGAIN.is(result) || Errno.ENOMEM.is(result) || Errno.ENOBUFS.is(result)) {
                return 0;
            }
            if (result < 0) {
                throw LinuxException.of("send(fd=" + number + ", length=" + data.byteSize() + ", repair)", result);
            }
            return (int) result;
        } finally {
            fd.release();
        }
    }

    private static MemorySegment slice(MemorySegment memory, long offset, int length) {
        if (!memory.isNative()) {
            throw new IllegalArgumentException("memory is on the heap: native memory is needed");
        }
        return memory.asSlice(offset, length); // checks the bounds
    }

    public TcpRepairWindow window() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(TcpRepairWindowDescriptor.LAYOUT);
            SocketOptions.get(fd, TcpH.IPPROTO_TCP, TcpH.TCP_REPAIR_WINDOW, window);
            return TcpRepairWindow.parse(window);
        }
    }

    public void window(TcpRepairWindow value) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(TcpRepairWindowDescriptor.LAYOUT);
            value.write(window);
            SocketOptions.set(fd, TcpH.IPPROTO_TCP, TcpH.TCP_REPAIR_WINDOW, window);
        }
    }

    /** What the handshake agreed on; of a connected socket. */
    public void options(TcpRepairOptions options) {
        try (Arena arena = Arena.ofConfined()) {
            SocketOptions.set(fd, TcpH.IPPROTO_TCP, TcpH.TCP_REPAIR_OPTIONS, options.toNative(arena));
        }
    }

    /** Under repair TCP_MAXSEG tells the largest segment that the peer takes, as it said in its SYN. */
    public int peerMss() {
        return SocketOptions.getInt(fd, TcpH.IPPROTO_TCP, TcpH.TCP_MAXSEG);
    }

    /** Sets TCP_MAXSEG, before {@link #connect}: a socket that connects without it stays at the 536 bytes of RFC 9293. */
    public void maxSegment(int bytes) {
        Check.range("bytes", bytes, 88, 32_767);
        set(fd, TcpH.TCP_MAXSEG, bytes);
    }

    /** The socket's timestamp clock now, in ticks of a millisecond; bit 0 tells whether it counts microseconds instead. */
    public int timestamp() {
        return SocketOptions.getInt(fd, TcpH.IPPROTO_TCP, TcpH.TCP_TIMESTAMP);
    }

    /**
     * Sets the clock.
     *
     * @param ticks even: an odd value would switch it to microseconds
     */
    public void timestamp(int ticks) {
        if ((ticks & 1) != 0) {
            throw new IllegalArgumentException("ticks=" + ticks + ": an odd value switches the clock to microseconds");
        }
        set(fd, TcpH.TCP_TIMESTAMP, ticks);
    }

    /**
     * Takes the connection off the socket without a word to the peer: no reset, no FIN, no timer is left. The local port stays
     * reserved to it, and {@link #connect} makes the same descriptor live again.
     *
     * @param local as it was
     */
    public void park(InetSocketAddress local) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment unspecified = InetSockaddr.allocate(arena); // AF_UNSPEC is 0
            unspecified.set(JAVA_SHORT, SockaddrInDescriptor.FAMILY_OFFSET, (short) 0);
            int result = SocketCalls.connect(number, unspecified, (int) unspecified.byteSize());
            if (result < 0) {
                throw LinuxException.of("connect(fd=" + number + ", AF_UNSPEC)", result);
            }
            MemorySegment address = InetSockaddr.of(arena, socket.family(), local);
            result = SocketCalls.bind(number, address, (int) address.byteSize());
            if (result < 0 && !Errno.EINVAL.is(result)) { // EINVAL: bound explicitly before, and still is
                throw LinuxException.of("bind(fd=" + number + ", address=" + local + ")", result);
            }
        } finally {
            fd.release();
        }
    }

    /** Connects a closed socket to where its connection was: silently, at the sequence numbers that were set. */
    public void connect(InetSocketAddress remote) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = InetSockaddr.of(arena, socket.family(), remote);
            int result = SocketCalls.connect(number, address, (int) address.byteSize());
            if (result < 0) {
                throw LinuxException.of("connect(fd=" + number + ", address=" + remote + ", repair)", result);
            }
        } finally {
            fd.release();
        }
    }

    private interface QueueCall {
        int call();
    }

    /** Only while a call needs it is a queue selected: plain sends and receives must never meet one. */
    private int in(Queue queue, QueueCall call) {
        set(fd, TcpH.TCP_REPAIR_QUEUE, queue.number);
        try {
            return call.call();
        } finally {
            set(fd, TcpH.TCP_REPAIR_QUEUE, TcpH.TCP_NO_QUEUE);
        }
    }

    private static void set(Fd fd, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            SocketOptions.set(fd, TcpH.IPPROTO_TCP, option, arena.allocateFrom(JAVA_INT, value));
        }
    }
}
