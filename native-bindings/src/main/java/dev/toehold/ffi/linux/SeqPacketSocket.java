package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One end of a connected Unix socket of type SOCK_SEQPACKET: each send is one message, and descriptors travel with it
 * (unix(7)). Never blocks; one sender and one receiver at a time.
 */
public final class SeqPacketSocket implements AutoCloseable {
    /** Send: the peer's queue is full, wait for {@link Epoll#OUT}. Receive: no message, wait for {@link Epoll#IN}. */
    public static final int WOULD_BLOCK = -1;

    /** The peer is gone: this connection gives and takes nothing more. */
    public static final int HANG_UP = -2;

    /**
     * The message was longer than {@link SeqPacketMessage#MAX_BYTES}, or carried more than
     * {@link SeqPacketMessage#MAX_DESCRIPTORS} descriptors, or this process could not open one of them. Its descriptors
     * are closed (aside: {@link Fd#closeAside}), the message is lost, the connection goes on.
     */
    public static final int REFUSED = -3;

    /** NGROUPS_MAX of the kernel: more nobody can be in. */
    private static final int MAX_GROUPS = 65536;

    private static final long NS_PER_S = 1_000_000_000;
    private static final long NS_PER_US = 1_000;

    private final Fd fd;

    SeqPacketSocket(Fd fd) {
        this.fd = fd;
    }

    /**
     * Connects to a listener.
     *
     * @param path of the socket, at most 107 bytes
     * @param timeoutNs how long to wait if its backlog is full, 1 us or more
     * @throws LinuxException ENOENT: no such path; ECONNREFUSED: nobody listens there; EACCES: no permission; EAGAIN: the
     *     backlog stayed full; EPROTOTYPE: a socket of another type
     */
    public static SeqPacketSocket connect(String path, long timeoutNs) {
        SockaddrUnDescriptor.checkPath(path);
        Check.range("timeoutNs", timeoutNs, NS_PER_US, Long.MAX_VALUE);
        Fd fd = open(0);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment timeval = arena.allocate(TimevalDescriptor.LAYOUT);
            timeval.set(JAVA_LONG, TimevalDescriptor.SEC_OFFSET, timeoutNs / NS_PER_S);
            timeval.set(JAVA_LONG, TimevalDescriptor.USEC_OFFSET, timeoutNs % NS_PER_S / NS_PER_US);
            SocketOptions.set(fd, SocketH.SOL_SOCKET, SocketH.SO_SNDTIMEO, timeval);
            int result = connect(fd, path);
            if (result < 0) {
                throw LinuxException.of("connect(path=" + path + ")", result, connectRemedy(result));
            }
            result = FileCalls.fcntl(fd.number(), FcntlH.F_SETFL, FcntlH.O_RDWR | FcntlH.O_NONBLOCK);
            if (result < 0) {
                throw LinuxException.of("fcntl(" + fd + ", O_NONBLOCK)", result);
            }
            return new SeqPacketSocket(fd);
        } catch (RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Two connected ends within this process. */
    public static SeqPacketSocket[] pair() {
        Fd[] ends = socketPair(SocketH.SOCK_SEQPACKET);
        return new SeqPacketSocket[] {new SeqPacketSocket(ends[0]), new SeqPacketSocket(ends[1])};
    }

    public Fd fd() {
        return fd;
    }

    /** Who is at the other end. */
    public PeerCredentials peerCredentials() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ucred = arena.allocate(UcredDescriptor.LAYOUT);
            SocketOptions.get(fd, SocketH.SOL_SOCKET, SocketH.SO_PEERCRED, ucred);
            return new PeerCredentials(
                    ucred.get(JAVA_INT, UcredDescriptor.PID_OFFSET),
                    ucred.get(JAVA_INT, UcredDescriptor.UID_OFFSET),
                    ucred.get(JAVA_INT, UcredDescriptor.GID_OFFSET),
                    peerGroups(arena));
        }
    }

    private List<Integer> peerGroups(Arena arena) {
        MemorySegment groups = arena.allocate(JAVA_INT, MAX_GROUPS);
        int bytes = SocketOptions.get(fd, SocketH.SOL_SOCKET, SocketH.SO_PEERGROUPS, groups);
        return IntStream.range(0, bytes / Integer.BYTES)
                .mapToObj(i -> groups.getAtIndex(JAVA_INT, i))
                .toList();
    }

    /**
     * Sends one message, whole or not at all.
     *
     * @param message 1 to {@link SeqPacketMessage#MAX_BYTES} bytes, native or heap
     * @param descriptors at most {@link SeqPacketMessage#MAX_DESCRIPTORS}; the receiver gets copies, the caller keeps these
     * @return its length, {@link #WOULD_BLOCK} or {@link #HANG_UP}
     * @throws LinuxException ETOOMANYREFS if too many descriptors are under way to receivers that do not take them
     */
    public int send(MemorySegment message, Fd... descriptors) {
        int length = (int) Check.range("length", message.byteSize(), 1, SeqPacketMessage.MAX_BYTES);
        Check.range("descriptors", descriptors.length, 0, SeqPacketMessage.MAX_DESCRIPTORS);
        int acquired = 0;
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment msghdr = prepare(arena, message, length);
            if (descriptors.length > 0) {
                MemorySegment control = rights(arena, msghdr, descriptors.length);
                for (; acquired < descriptors.length; acquired++) {
                    long at = CmsghdrDescriptor.DATA_OFFSET + (long) acquired * Integer.BYTES;
                    control.set(JAVA_INT, at, descriptors[acquired].acquire());
                }
            }
            long result = SocketCalls.sendmsg(number, msghdr, SocketH.MSG_DONTWAIT | SocketH.MSG_NOSIGNAL);
            if (result >= 0) {
                return (int) result;
            }
            if (Errno.EAGAIN.is(result)) {
                return WOULD_BLOCK;
            }
            if (Errno.EPIPE.is(result) || Errno.ECONNRESET.is(result)) {
                return HANG_UP;
            }
            throw LinuxException.of("sendmsg(fd=" + number + ", length=" + length + ")", result);
        } finally {
            while (acquired > 0) {
                descriptors[--acquired].release();
            }
            fd.release();
        }
    }

    /**
     * Receives one message into {@code message}, with its descriptors, close-on-exec. An empty message counts as a
     * hang-up: the two cannot be told apart, and {@link #send} sends none.
     *
     * @return its length, {@link #WOULD_BLOCK}, {@link #HANG_UP} or {@link #REFUSED}
     */
    public int receive(SeqPacketMessage message) {
        MemorySegment msghdr = message.prepare();
        int number = fd.acquire();
        try {
            long result = SocketCalls.recvmsg(number, msghdr, SocketH.MSG_DONTWAIT | SocketH.MSG_CMSG_CLOEXEC);
            if (Errno.ECONNRESET.is(result)) {
                // Said once, ahead of what the other end had sent, if it closed without reading all that it got.
                result = SocketCalls.recvmsg(number, msghdr, SocketH.MSG_DONTWAIT | SocketH.MSG_CMSG_CLOEXEC);
            }
            if (Errno.EAGAIN.is(result)) {
                return WOULD_BLOCK;
            }
            if (result < 0) {
                throw LinuxException.of("recvmsg(fd=" + number + ")", result);
            }
            if (!message.complete((int) result)) {
                return REFUSED;
            }
            if (result == 0) {
                message.close();
                return HANG_UP;
            }
            return (int) result;
        } finally {
            fd.release();
        }
    }

    /**
     * Waits until {@link #receive} has something to say.
     *
     * @param timeoutNs longest wait, 0 or more
     * @return false after the timeout
     */
    public boolean awaitReadable(long timeoutNs) {
        return Poll.await(fd, SocketH.POLLIN, timeoutNs);
    }

    /** Waits until {@link #send} has a chance; like {@link #awaitReadable}. */
    public boolean awaitWritable(long timeoutNs) {
        return Poll.await(fd, SocketH.POLLOUT, timeoutNs);
    }

    @Override
    public void close() {
        fd.close();
    }

    /** A non-blocking pair of Unix sockets of any type. */
    static Fd[] socketPair(int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(JAVA_INT, 2);
            int result = SocketCalls.socketpair(
                    SocketH.AF_UNIX, type | SocketH.SOCK_CLOEXEC | SocketH.SOCK_NONBLOCK, 0, pair);
            if (result < 0) {
                throw LinuxException.of("socketpair(AF_UNIX, type=" + type + ")", result);
            }
            return new Fd[] {Fd.opened(pair.getAtIndex(JAVA_INT, 0)), Fd.opened(pair.getAtIndex(JAVA_INT, 1))};
        }
    }

    /** A new socket. */
    static Fd open(int flags) {
        int result = SocketCalls.socket(SocketH.AF_UNIX, SocketH.SOCK_SEQPACKET | SocketH.SOCK_CLOEXEC | flags, 0);
        if (result < 0) {
            throw LinuxException.of("socket(AF_UNIX, SOCK_SEQPACKET)", result);
        }
        return Fd.opened(result);
    }

    /** Connects by the convention of {@link Native}; the path has been checked. */
    static int connect(Fd fd, String path) {
        int number = fd.acquire();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = SockaddrUnDescriptor.allocate(arena, path);
            int result;
            do {
                result = SocketCalls.connect(number, address, (int) SockaddrUnDescriptor.LAYOUT.byteSize());
            } while (Errno.EINTR.is(result));
            return result;
        } finally {
            fd.release();
        }
    }

    private static String connectRemedy(int result) {
        if (Errno.ECONNREFUSED.is(result) || Errno.ENOENT.is(result)) {
            return "nobody listens there";
        }
        return Errno.EAGAIN.is(result) ? "the listener takes no connections, its backlog is full" : "";
    }

    private static MemorySegment prepare(Arena arena, MemorySegment message, int length) {
        MemorySegment payload =
                message.isNative() ? message : arena.allocate(length).copyFrom(message);
        MemorySegment iovec = arena.allocate(IovecDescriptor.LAYOUT);
        iovec.set(ADDRESS, IovecDescriptor.BASE_OFFSET, payload);
        iovec.set(JAVA_LONG, IovecDescriptor.LEN_OFFSET, length);
        MemorySegment msghdr = arena.allocate(MsghdrDescriptor.LAYOUT);
        msghdr.set(ADDRESS, MsghdrDescriptor.IOV_OFFSET, iovec);
        msghdr.set(JAVA_LONG, MsghdrDescriptor.IOVLEN_OFFSET, 1);
        return msghdr;
    }

    private static MemorySegment rights(Arena arena, MemorySegment msghdr, int count) {
        long dataBytes = (long) count * Integer.BYTES;
        MemorySegment control = arena.allocate(CmsghdrDescriptor.space(dataBytes), Long.BYTES);
        control.set(JAVA_LONG, CmsghdrDescriptor.LEN_OFFSET, CmsghdrDescriptor.DATA_OFFSET + dataBytes);
        control.set(JAVA_INT, CmsghdrDescriptor.LEVEL_OFFSET, SocketH.SOL_SOCKET);
        control.set(JAVA_INT, CmsghdrDescriptor.TYPE_OFFSET, SocketH.SCM_RIGHTS);
        msghdr.set(ADDRESS, MsghdrDescriptor.CONTROL_OFFSET, control);
        msghdr.set(JAVA_LONG, MsghdrDescriptor.CONTROLLEN_OFFSET, control.byteSize());
        return control;
    }
}
