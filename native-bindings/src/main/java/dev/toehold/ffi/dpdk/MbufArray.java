package dev.toehold.ffi.dpdk;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * A native array of mbuf addresses, as bursts take it. Made once per poll thread and lives as long as the process. Not
 * thread-safe.
 */
public final class MbufArray {
    private final long address;
    private final int capacity;

    /**
     * Makes an array of zeros.
     *
     * @param capacity 1 to 65535 mbufs, the most that a burst can name
     */
    public MbufArray(final int capacity) {
        if (capacity < 1 || capacity > 0xffff) {
            throw new IllegalArgumentException("capacity=" + capacity + " is not in 1..65535");
        }
        this.capacity = capacity;
        address = Arena.global()
                .allocate(ValueLayout.JAVA_LONG.byteSize() * capacity, 64)
                .address();
    }

    public int capacity() {
        return capacity;
    }

    /** Address of the mbuf at {@code index}. */
    public long get(final int index) {
        return Memory.getLong(address + ((long) Objects.checkIndex(index, capacity) << 3));
    }

    public void set(final int index, final long mbuf) {
        Memory.putLong(address + ((long) Objects.checkIndex(index, capacity) << 3), mbuf);
    }

    /** Address of the first of {@code count} elements from {@code from}, all within the array. */
    long address(final int from, final int count) {
        Objects.checkFromIndexSize(from, count, capacity);
        return address + ((long) from << 3);
    }
}
