package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The few socket calls that {@link DriverSocket} makes; a result is at least 0, or {@code -errno}. */
final class SocketLibrary {
    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW_CLOEXEC = 3 | 02000000;
    private static final int F_DUPFD_CLOEXEC = 1030;

    private static final Linker.Option ERRNO_STATE = Linker.Option.captureCallState("errno");
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SOCKET =
            libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    /** Variadic in C, where the third argument of these commands is an int. */
    private static final MethodHandle FCNTL = libc(
            "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT), Linker.Option.firstVariadicArg(2));

    private static final MethodHandle GETSOCKNAME =
            libc("getsockname", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle GETSOCKOPT =
            libc("getsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SETSOCKOPT =
            libc("setsockopt", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));

    private SocketLibrary() {}

    private static MethodHandle libc(final String name, final FunctionDescriptor type, final Linker.Option... options) {
        final Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = ERRNO_STATE;
        final Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, all);
    }

    /** An AF_PACKET socket of protocol 0, which receives nothing. */
    static int packetSocket() {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            return result((int) SOCKET.invokeExact(state, AF_PACKET, SOCK_RAW_CLOEXEC, 0), state);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    static int duplicate(final int fd) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            final int number = result((int) FCNTL.invokeExact(state, fd, F_DUPFD_CLOEXEC, 0), state);
            check("fcntl(F_DUPFD_CLOEXEC)", number);
            return number;
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    static int getsockname(final int fd, final MemorySegment address) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            final MemorySegment length = arena.allocateFrom(JAVA_INT, (int) address.byteSize());
            return result((int) GETSOCKNAME.invokeExact(state, fd, address, length), state);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    static int getsockopt(final int fd, final int level, final int option, final MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            final MemorySegment length = arena.allocateFrom(JAVA_INT, (int) value.byteSize());
            return result((int) GETSOCKOPT.invokeExact(state, fd, level, option, value, length), state);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    static int setsockopt(final int fd, final int level, final int option, final MemorySegment value) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
            final int length = (int) value.byteSize();
            return result((int) SETSOCKOPT.invokeExact(state, fd, level, option, value, length), state);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    static void check(final String call, final int result) {
        if (result < 0) {
            throw new DpdkException(call, -result, "");
        }
    }

    private static int result(final int result, final MemorySegment state) {
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }
}
