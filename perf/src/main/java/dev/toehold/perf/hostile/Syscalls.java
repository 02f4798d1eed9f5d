package dev.toehold.perf.hostile;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** Calls of the C library that only somebody with bad intentions makes: on raw descriptor numbers, unchecked. Results are C's. */
final class Syscalls {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_PATH = 0x200000;
    static final int F_SETFL = 4;
    static final int MFD_ALLOW_SEALING = 2;
    static final int MFD_HUGETLB = 4;
    static final int PUNCH_HOLE_KEEP_SIZE = 3;
    static final int SHUT_RDWR = 2;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final MethodHandle OPEN = link("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle CLOSE = link("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle WRITE =
            link("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle READ =
            link("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle FCNTL =
            link("fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle FTRUNCATE =
            link("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    private static final MethodHandle FALLOCATE =
            link("fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle MEMFD_CREATE =
            link("memfd_create", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SHUTDOWN = link("shutdown", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle EPOLL_CREATE = link("epoll_create1", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    private static final MethodHandle PIPE = link("pipe", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle SENDMSG =
            link("sendmsg", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private Syscalls() {}

    private static MethodHandle link(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LINKER.defaultLookup().find(name).orElseThrow(), descriptor);
    }

    private static RuntimeException impossible(Throwable e) {
        return new IllegalStateException(e);
    }

    static int open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) OPEN.invokeExact(arena.allocateFrom(path), flags);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void close(int fd) {
        try {
            int _ = (int) CLOSE.invokeExact(fd);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long write(int fd, MemorySegment bytes) {
        try {
            return (long) WRITE.invokeExact(fd, bytes, bytes.byteSize());
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static long read(int fd, MemorySegment bytes) {
        try {
            return (long) READ.invokeExact(fd, bytes, bytes.byteSize());
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** O_NONBLOCK and all other flags off, for everybody who has the open file. */
    static void makeBlocking(int fd) {
        try {
            int _ = (int) FCNTL.invokeExact(fd, F_SETFL, 0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int truncate(int fd, long length) {
        try {
            return (int) FTRUNCATE.invokeExact(fd, length);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int punchHole(int fd, long offset, long length) {
        try {
            return (int) FALLOCATE.invokeExact(fd, PUNCH_HOLE_KEEP_SIZE, offset, length);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int memfd(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) MEMFD_CREATE.invokeExact(arena.allocateFrom("hostile", StandardCharsets.US_ASCII), flags);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void shutdown(int fd) {
        try {
            int _ = (int) SHUTDOWN.invokeExact(fd, SHUT_RDWR);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epoll() {
        try {
            return (int) EPOLL_CREATE.invokeExact(0);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Reading end, writing end. */
    static int[] pipe() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(JAVA_INT, 2);
            int _ = (int) PIPE.invokeExact(ends);
            return ends.toArray(JAVA_INT);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Sends a message whose control data is what the caller says, well-formed or not. */
    static long sendMessage(int socket, MemorySegment header, int flags) {
        try {
            return (long) SENDMSG.invokeExact(socket, header, flags);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }
}
