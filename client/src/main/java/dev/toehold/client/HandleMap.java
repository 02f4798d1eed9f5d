package dev.toehold.client;

import java.util.function.Consumer;

/**
 * From the engine's handles to what the client keeps about them. Open addressing with linear probing; a removal moves
 * the followers up, so there are no tombstones. Handle 0 is never used and marks a free place.
 */
final class HandleMap<T> {
    private static final int INITIAL_CAPACITY = 64;

    private long[] handles = new long[INITIAL_CAPACITY];
    private Object[] values = new Object[INITIAL_CAPACITY];
    private int size;

    int size() {
        return size;
    }

    @SuppressWarnings("unchecked") // only put() stores, and it takes T
    T get(long handle) {
        int mask = handles.length - 1;
        for (int i = place(handle, mask); handles[i] != 0; i = (i + 1) & mask) {
            if (handles[i] == handle) {
                return (T) values[i];
            }
        }
        return null;
    }

    /** Returns false, changing nothing, if the handle is there already or is 0. */
    boolean put(long handle, T value) {
        if (handle == 0 || get(handle) != null) {
            return false;
        }
        if (2 * (size + 1) > handles.length) {
            grow();
        }
        insert(handle, value);
        size++;
        return true;
    }

    private void insert(long handle, Object value) {
        int mask = handles.length - 1;
        int i = place(handle, mask);
        while (handles[i] != 0) {
            i = (i + 1) & mask;
        }
        handles[i] = handle;
        values[i] = value;
    }

    private void grow() {
        long[] oldHandles = handles;
        Object[] oldValues = values;
        handles = new long[2 * oldHandles.length];
        values = new Object[2 * oldHandles.length];
        for (int i = 0; i < oldHandles.length; i++) {
            if (oldHandles[i] != 0) {
                insert(oldHandles[i], oldValues[i]);
            }
        }
    }

    void remove(long handle) {
        if (handle == 0) {
            return;
        }
        int mask = handles.length - 1;
        int i = place(handle, mask);
        while (handles[i] != handle) {
            if (handles[i] == 0) {
                return;
            }
            i = (i + 1) & mask;
        }
        size--;
        int hole = i;
        for (int next = (hole + 1) & mask; handles[next] != 0; next = (next + 1) & mask) {
            int home = place(handles[next], mask);
            boolean mayMove = ((next - home) & mask) >= ((next - hole) & mask);
            if (mayMove) {
                handles[hole] = handles[next];
                values[hole] = values[next];
                hole = next;
            }
        }
        handles[hole] = 0;
        values[hole] = null;
    }

    /** Visits all; the visitor must not change the map. */
    @SuppressWarnings("unchecked") // only put() stores, and it takes T
    void forEach(Consumer<T> visitor) {
        for (int i = 0; i < handles.length; i++) {
            if (handles[i] != 0) {
                visitor.accept((T) values[i]);
            }
        }
    }

    private static int place(long handle, int mask) {
        long mixed = handle * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32) & mask;
    }
}
