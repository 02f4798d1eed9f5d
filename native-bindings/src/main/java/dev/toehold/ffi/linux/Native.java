package dev.toehold.ffi.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The one place where libc functions are looked up and linked.
 *
 * <p>The convention of every wrapper in this package is the kernel's: a result is {@code >= 0}, or {@code -errno}.
 * No call is linked as critical: each can block or take long.
 */
final class Native {
    /** A C {@code int}, {@code size_t}/{@code long} and pointer, by short names for the tables of calls. */
    static final ValueLayout.OfInt INT = JAVA_INT;

    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final AddressLayout PTR = ADDRESS;

    static final boolean AARCH64 = checkPlatform();

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final ThreadLocal<MemorySegment> CALL_STATES = ThreadLocal.withInitial(Native::newCallState);

    private Native() {}

    /** A handle {@code (callState, args...) -> result} of a libc function; captures errno. */
    static MethodHandle link(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        return linkOptional(name, descriptor, options)
                .orElseThrow(() -> new UnsupportedOperationException(
                        "the C library has no function name=" + name + "; glibc 2.31 or later is needed"));
    }

    /** Like {@link #link}, empty where this C library does not have the function. */
    static Optional<MethodHandle> linkOptional(String name, FunctionDescriptor descriptor, Linker.Option... options) {
        Linker.Option[] all = new Linker.Option[options.length + 1];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = Linker.Option.captureCallState("errno");
        return LIBC.find(name).map(address -> LINKER.downcallHandle(address, descriptor, all));
    }

    /**
     * A handle {@code (args...) -> result} of a libc function, for calls that are made all the time: capturing errno makes an object per
     * call until the JIT compiler removes it. After a failure the capturing handle is called once more to learn the reason.
     */
    static Optional<MethodHandle> linkWithoutErrno(String name, FunctionDescriptor descriptor) {
        return LIBC.find(name).map(address -> LINKER.downcallHandle(address, descriptor));
    }

    /** For callers that may not allocate per call: one call at a time may use a state. */
    static MemorySegment newCallState() {
        return Arena.ofAuto().allocate(CALL_STATE);
    }

    /** The calling thread's own call state. */
    static MemorySegment callState() {
        return CALL_STATES.get();
    }

    /** The result of an {@code int} function by the kernel's convention. */
    static int result(int result, MemorySegment callState) {
        return result == -1 ? -(int) ERRNO.get(callState, 0L) : result;
    }

    /** The result of a {@code long} function by the kernel's convention. */
    static long result(long result, MemorySegment callState) {
        return result == -1L ? -(int) ERRNO.get(callState, 0L) : result;
    }

    /** What to throw for something that a downcall handle threw: never a checked exception, as its type promises. */
    static RuntimeException unexpected(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
    }

    private static boolean checkPlatform() {
        String os = System.getProperty("os.name");
        String arch = System.getProperty("os.arch");
        boolean aarch64 = "aarch64".equals(arch);
        if (!"Linux".equals(os) || !(aarch64 || "amd64".equals(arch))) {
            throw new UnsupportedOperationException(
                    "os.name=" + os + ", os.arch=" + arch + ": only Linux on amd64 or aarch64 is supported");
        }
        return aarch64;
    }
}
