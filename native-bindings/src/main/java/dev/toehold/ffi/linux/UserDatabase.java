package dev.toehold.ffi.linux;

import static dev.toehold.ffi.linux.Native.INT;
import static dev.toehold.ffi.linux.Native.LONG;
import static dev.toehold.ffi.linux.Native.PTR;
import static dev.toehold.ffi.linux.Native.link;
import static dev.toehold.ffi.linux.Native.unexpected;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;

/** Numbers of users and groups by name, as the C library knows them ({@code nsswitch.conf}). */
public final class UserDatabase {
    private static final FunctionDescriptor LOOK_UP = FunctionDescriptor.of(INT, PTR, PTR, PTR, LONG, PTR);
    private static final MethodHandle GETPWNAM = link("getpwnam_r", LOOK_UP);
    private static final MethodHandle GETGRNAM = link("getgrnam_r", LOOK_UP);
    private static final int MAX_NAME_BYTES = 256;

    /** Members of a large group take this much. */
    private static final long BUFFER_BYTES = 1 << 20;

    private UserDatabase() {}

    /** Empty if there is no such user. */
    public static OptionalInt uidOf(String name) {
        return find(GETPWNAM, name, PasswdDescriptor.LAYOUT.byteSize(), PasswdDescriptor.UID_OFFSET);
    }

    /** Empty if there is no such group. */
    public static OptionalInt gidOf(String name) {
        return find(GETGRNAM, name, GroupDescriptor.LAYOUT.byteSize(), GroupDescriptor.GID_OFFSET);
    }

    private static OptionalInt find(MethodHandle function, String name, long length, long idOffset) {
        Check.cString("name", name, MAX_NAME_BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(length, Long.BYTES);
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, Long.BYTES);
            MemorySegment found = arena.allocate(ADDRESS);
            int error = (int) function.invokeExact(
                    Native.callState(), arena.allocateFrom(name), entry, buffer, BUFFER_BYTES, found);
            // These return an error number of their own, and several for "not found" (getpwnam(3)).
            return error == 0 && found.get(ADDRESS, 0).address() != 0
                    ? OptionalInt.of(entry.get(JAVA_INT, idOffset))
                    : OptionalInt.empty();
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }
}
