package dev.toehold.client;

import java.util.Arrays;

/**
 * Delivered bytes of one connection that lie in provided buffers and wait for the application: pieces in stream order. A
 * piece that continues the last one in the same buffer is joined to it, so there are never more pieces than buffers.
 */
final class ReceivedChain {
    private static final int INITIAL_PIECES = 4;

    private int[] keys;
    private int[] offsets;
    private int[] lengths;
    private int head;
    private int count;
    private long bytes;

    /** Bytes in all pieces. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return count == 0;
    }

    void append(int key, int offset, int length) {
        bytes += length;
        if (count > 0) {
            int last = (head + count - 1) & (keys.length - 1);
            if (keys[last] == key && offsets[last] + lengths[last] == offset) {
                lengths[last] += length;
                return;
            }
        }
        if (keys == null) {
            keys = new int[INITIAL_PIECES];
            offsets = new int[INITIAL_PIECES];
            lengths = new int[INITIAL_PIECES];
        } else if (count == keys.length) {
            grow();
        }
        int at = (head + count) & (keys.length - 1);
        keys[at] = key;
        offsets[at] = offset;
        lengths[at] = length;
        count++;
    }

    /** Buffer of the first piece; the chain is not empty. */
    int headKey() {
        return keys[head];
    }

    /** Where the first piece begins in its buffer. */
    int headOffset() {
        return offsets[head];
    }

    int headLength() {
        return lengths[head];
    }

    /** Drops bytes from the front of the first piece. */
    void dropHead(int length) {
        bytes -= length;
        offsets[head] += length;
        lengths[head] -= length;
        if (lengths[head] == 0) {
            head = (head + 1) & (keys.length - 1);
            count--;
        }
    }

    private void grow() {
        int capacity = keys.length;
        keys = unrolled(keys);
        offsets = unrolled(offsets);
        lengths = unrolled(lengths);
        head = 0;
        count = capacity;
    }

    private int[] unrolled(int[] ring) {
        int[] result = Arrays.copyOf(ring, 2 * ring.length);
        System.arraycopy(ring, head, result, 0, ring.length - head);
        System.arraycopy(ring, 0, result, ring.length - head, head);
        return result;
    }
}
