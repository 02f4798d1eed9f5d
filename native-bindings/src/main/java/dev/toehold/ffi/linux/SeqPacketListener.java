package dev.toehold.ffi.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A listening Unix socket of type SOCK_SEQPACKET at a path. One thread at a time.
 *
 * <p>Nobody can connect before the path has its final permissions. {@link #close} removes the path if it is still this
 * listener's own.
 */
public final class SeqPacketListener implements AutoCloseable {
    /** {@code gid} that leaves the group as it is. */
    public static final int KEEP_GROUP = -1;

    private static final long PROBE_TRIES = 3;

    private final Fd fd;
    private final String path;
    private final FileStatus ownPath;

    /** Given up for a moment when the process has no descriptor left, to accept and drop a connection. */
    private Fd reserve;

    private long droppedCount;
    private boolean closed;

    private SeqPacketListener(Fd fd, String path, FileStatus ownPath) {
        this.fd = fd;
        this.path = path;
        this.ownPath = ownPath;
        this.reserve = fd.duplicate();
    }

    /**
     * Binds and listens. A socket that a dead process left at the path is removed; one where somebody listens is not. Two
     * processes that start on one path at the same moment must be kept apart by a lock of their own.
     *
     * @param path at most 107 bytes, in an existing directory
     * @param mode permission bits of the socket, 0 to 0777: connecting takes write permission
     * @param gid group of the socket, or {@link #KEEP_GROUP}
     * @param backlog connections waiting to be accepted, 1 to 4096
     * @throws LinuxException EADDRINUSE if somebody listens there or the path is no socket
     */
    public static SeqPacketListener bind(String path, int mode, int gid, int backlog) {
        SockaddrUnDescriptor.checkPath(path);
        Check.range("mode", mode, 0, 0777);
        Check.range("gid", gid, KEEP_GROUP, Integer.MAX_VALUE);
        Check.range("backlog", backlog, 1, 4096);
        Fd fd = SeqPacketSocket.open(SocketH.SOCK_NONBLOCK);
        boolean bound = false;
        try {
            bindPath(fd, path);
            bound = true;
            setOwnership(path, mode, gid);
            int result = SocketCalls.listen(fd.number(), backlog);
            if (result < 0) {
                throw LinuxException.of("listen(path=" + path + ")", result);
            }
            return new SeqPacketListener(fd, path, FileStatus.of(path));
        } catch (RuntimeException e) {
            fd.close();
            if (bound) {
                RegularFile.unlink(path);
            }
            throw e;
        }
    }

    public Fd fd() {
        return fd;
    }

    public String path() {
        return path;
    }

    /** Connections that were dropped because the process had no descriptor left. */
    public long droppedCount() {
        return droppedCount;
    }

    /**
     * Takes one connection.
     *
     * @return its socket, or null if none is waiting now. When the process has no descriptor left, a waiting connection is
     *     dropped, so that a level-triggered wait does not spin on it.
     */
    public SeqPacketSocket accept() {
        int result = acceptOnce();
        if (Errno.EMFILE.is(result)) {
            return dropOne();
        }
        if (Errno.EAGAIN.is(result) || Errno.ECONNABORTED.is(result) || Errno.EINTR.is(result)) {
            return null;
        }
        if (result < 0) {
            throw LinuxException.of("accept4(path=" + path + ")", result);
        }
        return new SeqPacketSocket(Fd.opened(result));
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        reserve.close();
        // The path goes first: while it exists and nobody listens, another process may replace it.
        if (isOwnPath()) {
            RegularFile.unlink(path);
        }
        fd.close();
    }

    private SeqPacketSocket dropOne() {
        reserve.close();
        try {
            int result = acceptOnce();
            if (result >= 0) {
                Fd.opened(result).close();
                droppedCount++;
            }
        } finally {
            reserve = fd.duplicate();
        }
        return null;
    }

    private int acceptOnce() {
        int number = fd.acquire();
        try {
            return SocketCalls.accept4(
                    number, MemorySegment.NULL, MemorySegment.NULL, SocketH.SOCK_NONBLOCK | SocketH.SOCK_CLOEXEC);
        } finally {
            fd.release();
        }
    }

    private boolean isOwnPath() {
        try {
            return FileStatus.of(path).isSameFile(ownPath);
        } catch (LinuxException e) {
            return false; // somebody removed it: nothing to tidy
        }
    }

    private static void bindPath(Fd fd, String path) {
        int result = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = SockaddrUnDescriptor.allocate(arena, path);
            for (int i = 0; i < PROBE_TRIES; i++) {
                result = SocketCalls.bind(fd.number(), address, (int) SockaddrUnDescriptor.LAYOUT.byteSize());
                if (!Errno.EADDRINUSE.is(result) || !isStale(path)) {
                    break;
                }
                RegularFile.unlink(path);
            }
        }
        if (result < 0) {
            String remedy = Errno.EADDRINUSE.is(result)
                    ? "another process listens there, or it is not a socket; stop that process or choose another path"
                    : "";
            throw LinuxException.of("bind(path=" + path + ")", result, remedy);
        }
    }

    /** Whether a socket is at the path and nobody listens on it. */
    private static boolean isStale(String path) {
        try {
            if (!FileStatus.of(path).isSocket()) {
                return false;
            }
        } catch (LinuxException e) {
            return e.is(Errno.ENOENT); // gone meanwhile: try again
        }
        try (Fd probe = SeqPacketSocket.open(SocketH.SOCK_NONBLOCK)) {
            return Errno.ECONNREFUSED.is(SeqPacketSocket.connect(probe, path));
        }
    }

    private static void setOwnership(String path, int mode, int gid) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cPath = arena.allocateFrom(path);
            if (gid != KEEP_GROUP) {
                int result = FileCalls.lchown(cPath, -1, gid);
                if (result < 0) {
                    throw LinuxException.of("chown(path=" + path + ", gid=" + gid + ")", result);
                }
            }
            int result = FileCalls.chmod(cPath, mode);
            if (result < 0) {
                throw LinuxException.of("chmod(path=" + path + ", mode=0" + Integer.toOctalString(mode) + ")", result);
            }
        }
    }
}
