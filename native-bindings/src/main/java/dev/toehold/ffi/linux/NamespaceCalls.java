package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static dev.toehold.ffi.linux.Native.callState;
import static dev.toehold.ffi.linux.Native.link;
import static dev.toehold.ffi.linux.Native.result;
import static dev.toehold.ffi.linux.Native.unexpected;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** libc's namespace and mount functions, one method each; results by the convention of {@link Native}. */
final class NamespaceCalls {
    private static final MethodHandle UNSHARE = link("unshare", FunctionDescriptor.of(INT, INT));
    private static final MethodHandle SETNS = link("setns", FunctionDescriptor.of(INT, INT, INT));
    private static final MethodHandle MOUNT = link("mount", FunctionDescriptor.of(INT, PTR, PTR, PTR, LONG, PTR));
    private static final MethodHandle UMOUNT2 = link("umount2", FunctionDescriptor.of(INT, PTR, INT));

    private NamespaceCalls() {}

    static int unshare(int flags) {
        MemorySegment state = callState();
        try {
            return result((int) UNSHARE.invokeExact(state, flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int setns(int fd, int type) {
        MemorySegment state = callState();
        try {
            return result((int) SETNS.invokeExact(state, fd, type), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Without file system type and data: for bind mounts and changes of propagation. */
    static int mount(String source, String target, long flags) {
        MemorySegment state = callState();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment none = arena.allocateFrom("none");
            return result(
                    (int) MOUNT.invokeExact(
                            state,
                            arena.allocateFrom(source),
                            arena.allocateFrom(target),
                            none,
                            flags,
                            MemorySegment.NULL),
                    state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int umount2(String target, int flags) {
        MemorySegment state = callState();
        try (Arena arena = Arena.ofConfined()) {
            return result((int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
