package dev.toehold.ffi.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;

/**
 * The process's memory by absolute address, for DPDK's own structures. A wrong address kills the JVM: callers pass only
 * addresses that came from DPDK, plus offsets from {@link DpdkLayout}.
 */
final class Memory {
    /** Everything; a static final of unlimited length costs no bounds check that can fail. */
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final VarHandle INT =
            MethodHandles.insertCoordinates(JAVA_INT.varHandle(), 0, ALL).withInvokeExactBehavior();
    private static final VarHandle LONG =
            MethodHandles.insertCoordinates(JAVA_LONG.varHandle(), 0, ALL).withInvokeExactBehavior();

    private Memory() {}

    static byte getByte(final long address) {
        return ALL.get(JAVA_BYTE, address);
    }

    static int getShort(final long address) {
        return Short.toUnsignedInt(ALL.get(JAVA_SHORT_UNALIGNED, address));
    }

    static void putShort(final long address, final int value) {
        ALL.set(JAVA_SHORT_UNALIGNED, address, (short) value);
    }

    static int getInt(final long address) {
        return ALL.get(JAVA_INT_UNALIGNED, address);
    }

    static void putInt(final long address, final int value) {
        ALL.set(JAVA_INT_UNALIGNED, address, value);
    }

    static long getLong(final long address) {
        return ALL.get(JAVA_LONG_UNALIGNED, address);
    }

    static void putLong(final long address, final long value) {
        ALL.set(JAVA_LONG_UNALIGNED, address, value);
    }

    static int getIntAcquire(final long address) {
        return (int) INT.getAcquire(address);
    }

    static void putIntRelease(final long address, final int value) {
        INT.setRelease(address, value);
    }

    static long getLongAcquire(final long address) {
        return (long) LONG.getAcquire(address);
    }

    /** A bounded view; hot callers keep it in one method so that it is never materialised. */
    static MemorySegment segment(final long address, final long length) {
        return MemorySegment.ofAddress(address).reinterpret(length);
    }

    /** A NUL-terminated string of at most {@code limit} bytes, the empty string at address 0. */
    static String getString(final long address, final int limit) {
        if (address == 0) {
            return "";
        }
        final byte[] bytes = new byte[limit];
        int length = 0;
        while (length < limit) {
            final byte b = getByte(address + length);
            if (b == 0) {
                break;
            }
            bytes[length++] = b;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }
}
