package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * DPDK's log, caught instead of printed: it goes to a pipe that never blocks (64 KiB; what does not fit is lost) and is
 * read when a control call fails, to say why, or when the engine asks for what a driver complained about.
 */
final class EalLog {
    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;
    private static final int IONBF = 2;
    private static final int READ_BYTES = 64 * 1024;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MethodHandle PIPE2 = libc("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle FDOPEN = libc("fdopen", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS));
    private static final MethodHandle SETVBUF =
            libc("setvbuf", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle READ =
            libc("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle OPENLOG_STREAM =
            Dpdk.load().function("eal", "rte_openlog_stream", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));

    private static final int MAX_BACKLOG = 256;

    /** Lines read from the pipe that no exception has reported. */
    private static final Deque<String> BACKLOG = new ArrayDeque<>();

    private static int readEnd = -1;
    private static long stream;

    private EalLog() {}

    private static MethodHandle libc(final String name, final FunctionDescriptor type) {
        return LINKER.downcallHandle(LIBC.findOrThrow(name), type);
    }

    /** Redirects the log of this process, once. */
    static synchronized void open() {
        if (readEnd >= 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment ends = arena.allocate(JAVA_INT, 2);
            if ((int) PIPE2.invokeExact(ends, O_NONBLOCK | O_CLOEXEC) != 0) {
                throw new DpdkUnavailableException("no pipe for DPDK's log: raise the limit of open files (ulimit -n)");
            }
            stream = (long) FDOPEN.invokeExact(ends.getAtIndex(JAVA_INT, 1), arena.allocateFrom("w"));
            if (stream == 0) {
                throw new DpdkUnavailableException("no memory for DPDK's log stream");
            }
            // Unbuffered: a line that finds the pipe full is dropped whole instead of sticking in the stream's buffer.
            final int unbuffered = (int) SETVBUF.invokeExact(stream, 0L, IONBF, 0L);
            final int opened = (int) OPENLOG_STREAM.invokeExact(stream);
            if (unbuffered != 0 || opened != 0) {
                throw new DpdkUnavailableException("DPDK's log cannot be redirected");
            }
            readEnd = ends.getAtIndex(JAVA_INT, 0);
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
    }

    /** A native call that returns a status. */
    interface Call {
        int run() throws Throwable;
    }

    /**
     * Runs a call of DPDK's control path with all that it prints caught: EAL and libraries beneath drivers (libbpf,
     * libxdp) print to C's stderr past the log. Only the C library's {@code stderr} variable is exchanged, so
     * nothing that Java prints meanwhile is caught: the JVM writes to descriptor 2 by itself.
     */
    static synchronized int caught(final Call call) {
        keep(read());
        final long variable = LIBC.findOrThrow("stderr").address();
        final long before = Memory.getLong(variable);
        Memory.putLong(variable, stream == 0 ? before : stream);
        try {
            return call.run();
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        } finally {
            Memory.putLong(variable, before);
        }
    }

    /** Takes the lines that no exception has reported, oldest first; of very many the latest. */
    static synchronized List<String> drain() {
        keep(read());
        final List<String> lines = new ArrayList<>(BACKLOG);
        BACKLOG.clear();
        return lines;
    }

    /** The last few lines that {@link #caught} caught in the call before, as one line for an exception's message. */
    static synchronized String cause() {
        final List<String> lines = read();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - 4), lines.size()));
    }

    private static void keep(final List<String> lines) {
        BACKLOG.addAll(lines);
        while (BACKLOG.size() > MAX_BACKLOG) {
            BACKLOG.removeFirst();
        }
    }

    private static List<String> read() {
        final List<String> lines = new ArrayList<>();
        if (readEnd < 0) {
            return lines;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment buffer = arena.allocate(READ_BYTES);
            final long length = (long) READ.invokeExact(readEnd, buffer, (long) READ_BYTES);
            if (length > 0) {
                final byte[] bytes = buffer.asSlice(0, length).toArray(JAVA_BYTE);
                new String(bytes, StandardCharsets.UTF_8)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .forEach(lines::add);
            }
        } catch (final Throwable e) {
            throw Unexpected.of(e);
        }
        return lines;
    }
}
